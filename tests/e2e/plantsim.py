"""What `cordon analyze` finds in a simulated plant is what is true of it, exactly; tshark finds no fault in the capture; the same options
give the same bytes.

timeout: 900"""
import filecmp
import os
import sys
import tempfile

import lib_plantsim as lib

lib.need_plantsim()
PLANTS = os.environ["PLANTS"].split() if "PLANTS" in os.environ else lib.PLANTS
SIZES = [(20, 60), (20, 900), (1000, 120)]

wrong = 0
for plant in PLANTS:
    for devices, duration in SIZES:
        wrong += lib.hold(plant, devices, duration)

with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
    for name in zip(lib.play(one, "water", 50, 60, seed=7), lib.play(two, "water", 50, 60, seed=7)):
        if not filecmp.cmp(*name, shallow=False):
            print(f"{name[0]} and {name[1]} differ")
            wrong += 1

with tempfile.TemporaryDirectory() as folder:  # both kinds of capture file hold the same
    captures = [lib.play(folder, "car-body", 30, 30, name=name)[0] for name in ("plant.pcap", "plant.pcapng")]
    found = [lib.analyze(capture, folder) for capture in captures]
    for key in ("assets", "conversations", "operations", "events"):
        if found[0][key] != found[1][key]:
            print(f"{key} differ between pcap and pcapng")
            wrong += 1
    wrong += len(lib.tshark_finds_fault(captures[1]))
sys.exit(wrong != 0)
