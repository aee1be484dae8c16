#!/usr/bin/env python3
"""A process killed while it stores, 100 times at random points, loses nothing that was stored before. timeout: 120"""
import glob
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

CORDON = os.environ["CORDON"]
SOURCE = os.environ["CORDON_SOURCE"]
CAPTURES = sorted(glob.glob(os.path.join(SOURCE, "tests/protocols/*/*.pcap")))
ROUNDS = 100


def count(store, kind):
    run = subprocess.run([CORDON, kind, "--store", store, "--csv"], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{kind} can't be listed after a kill: exit {run.returncode}, {run.stderr.strip()}")
    return len(run.stdout.splitlines()) - 1


def analyze(store, capture):
    return subprocess.Popen([CORDON, "analyze", "--quiet", "--store", store, capture], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, start_new_session=True)


def main():
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        first = analyze(store, CAPTURES[0])
        _, errors = first.communicate()
        if first.returncode != 0:
            sys.exit(f"the first capture was not stored: {errors.decode()}")
        started = time.monotonic()
        analyze(os.path.join(folder, "clock"), CAPTURES[1]).wait()
        usual = time.monotonic() - started
        least = {kind: count(store, kind) for kind in ("assets", "conversations", "operations")}
        killed = 0
        for _ in range(ROUNDS):
            run = analyze(store, chance.choice(CAPTURES[1:]))
            try:
                run.wait(timeout=chance.uniform(0, usual))
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                killed += 1
            run.communicate()
            for kind, before in least.items():
                now = count(store, kind)
                if now < before:
                    sys.exit(f"{before} {kind} were stored, {now} are left")
                least[kind] = now
        if killed < ROUNDS / 4:
            sys.exit(f"only {killed} of {ROUNDS} runs were killed in the middle: the test shows nothing")
        for capture in CAPTURES:
            run = analyze(store, capture)
            _, errors = run.communicate()
            if run.returncode != 0:
                sys.exit(f"{capture} can't be stored after the kills: {errors.decode()}")
        final = {kind: count(store, kind) for kind in least}
        print(f"{killed} of {ROUNDS} runs were killed in the middle; stored at last: {final}")


main()
