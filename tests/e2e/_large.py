"""What `cordon analyze` finds in a simulated plant of 100 000 devices is what is true of it, exactly.

speed: long timeout: 3600"""
import sys

import lib_plantsim as lib

lib.need_plantsim()
wrong = 0
for plant in ["substation","hospital","water","car-body"]:
    wrong += lib.hold(plant, 100000, 120, tshark=False)
wrong += lib.hold("water", 5000, 3600, seed=3)
sys.exit(wrong != 0)
