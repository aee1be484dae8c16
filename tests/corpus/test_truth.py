#!/usr/bin/env python3
"""Every capture of the corpus through the program: none crashes or hangs it, and what it tells is what another decoder tells, but for the
differences listed in differences/<group>.tsv, each with its reason.

    test_truth.py [--write] [GROUP...]

--write brings the tables of these groups up to date: reasons of rows that stay are kept, new rows get the reason "?", which makes the test fail.
timeout: 3600
"""
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import common_corpus as corpus

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "differences")
HEADER = "file\tmeasure\tours\ttruth\treason\n"
GOAL = 0.995


def group_of(file):
    return file.split("/")[0]


def read_tables(groups):
    """{(file, measure, ours, truth): reason}"""
    known = {}
    for name in sorted(os.listdir(TABLES)):
        if groups and name.removesuffix(".tsv") not in groups:
            continue
        with open(os.path.join(TABLES, name)) as f:
            for line in f.readlines()[1:]:
                file, measure, ours, truth, reason = line.rstrip("\n").split("\t")
                known[file, measure, ours, truth] = reason
    return known


def write_tables(rows, known):
    for group in {group_of(row[0]) for row in (*rows, *known)}:
        path = os.path.join(TABLES, group + ".tsv")
        mine = sorted(row for row in rows if group_of(row[0]) == group)
        if not mine:
            os.unlink(path)
            continue
        with open(path, "w") as f:
            f.write(HEADER)
            for row in mine:
                f.write("\t".join(row) + "\t" + known.get(row, "?") + "\n")


def check(job):
    truth, path = job
    result, trouble = corpus.analyze(path)
    if result is None:
        return truth, trouble, [], {}
    return truth, None, *corpus.differences(truth, result)


def main():
    groups = [a for a in sys.argv[1:] if not a.startswith("--")]
    corpus.need_corpus()
    started = time.monotonic()
    jobs = [j for j in corpus.truths() if not groups or group_of(j[0]["file"]) in groups]
    known, rows, sums, crashes = read_tables(groups), set(), {}, []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for truth, trouble, differences, totals in pool.map(check, jobs):
            if trouble:
                crashes.append(f"{truth['file']}: {trouble}")
            rows |= {(truth["file"], *d) for d in differences}
            for measure, (right, everything) in totals.items():
                a, b = sums.get(measure, (0, 0))
                sums[measure] = a + right, b + everything
    if "--write" in sys.argv:
        write_tables(rows, known)
    for measure, (right, everything) in sorted(sums.items()):
        share = right / everything if everything else 1
        print(f"{measure:26} {share:8.4f}  {right}/{everything}{'' if share >= GOAL else '  BELOW THE GOAL'}")
    new = sorted(r for r in rows if known.get(r, "?") == "?")
    for crash in crashes:
        print("CRASH", crash)
    for row in new[:50]:
        print("NEW DIFFERENCE", "\t".join(row))
    missed = [r for r in known if r not in rows]
    for row in sorted(missed)[:20]:
        print("no longer a difference:", "\t".join(row))
    print(f"{len(jobs)} captures, {len(crashes)} crashed or hung, {len(rows)} differences, {len(new)} of them new, {len(missed)} rows to take out, "
          f"{time.monotonic() - started:.0f} s")
    sys.exit(1 if crashes or new or not jobs else 0)


main()
