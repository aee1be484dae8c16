"""Real captures, damaged the same way every time: each number makes one mutant of one capture. The program may refuse it or use a part of it,
but it must not crash, hang, or make a sanitizer speak."""
import os
import random
import struct
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import common_corpus as corpus

LARGEST = 300000  # bytes of a capture that is damaged: larger ones take long and hold nothing else


def flip(rnd, data):
    for _ in range(1 + rnd.randrange(max(1, len(data) // 500))):
        data[rnd.randrange(len(data))] ^= 1 << rnd.randrange(8)


def truncate(rnd, data):
    del data[rnd.randrange(len(data)):]


def set_lengths(rnd, data):
    """Numbers that are often lengths, made wrong."""
    for _ in range(1 + rnd.randrange(30)):
        at = rnd.randrange(max(1, len(data) - 4))
        value = rnd.choice((0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, len(data), rnd.randrange(70000)))
        form = rnd.choice((">H", "<H", ">I", "<I", "B"))
        try:
            struct.pack_into(form, data, at, value & (1 << 8 * struct.calcsize(form)) - 1)
        except struct.error:
            pass


def repeat(rnd, data):
    for _ in range(1 + rnd.randrange(5)):
        at = rnd.randrange(len(data))
        block = data[at:at + rnd.randrange(1, 3000)]
        to = rnd.randrange(len(data))
        data[to:to] = block


def cut_out(rnd, data):
    for _ in range(1 + rnd.randrange(5)):
        at = rnd.randrange(len(data))
        del data[at:at + rnd.randrange(1, 400)]
        if not data:
            return


def records_of(data):
    """(offset of the payload, length) of each record of a little-endian pcap file."""
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        if length > len(data) - at - 16:
            return
        yield at + 16, length
        at += 16 + length


def damage_frames(rnd, data):
    """The file stays whole; bytes within its frames, behind the addresses, change: headers and payloads."""
    records = [r for r in records_of(data) if r[1] > 20] if data[:4] == b"\xd4\xc3\xb2\xa1" else []
    if not records:
        return flip(rnd, data)
    for _ in range(1 + rnd.randrange(len(records))):
        at, length = rnd.choice(records)
        place = at + rnd.randrange(14, length)
        data[place] = rnd.choice((0, 1, 0x7f, 0x80, 0xfe, 0xff, rnd.randrange(256)))


def mutant(number, captures):
    rnd = random.Random(number)
    path = rnd.choice(captures)
    with open(path, "rb") as f:
        data = bytearray(f.read())
    for _ in range(1 + rnd.randrange(3)):
        if len(data) > 30:
            rnd.choice((flip, truncate, set_lengths, repeat, cut_out, damage_frames, damage_frames, damage_frames))(rnd, data)
    return path, bytes(data)


def check(job):
    number, captures = job
    path, data = mutant(number, captures)
    with tempfile.NamedTemporaryFile(suffix=os.path.splitext(path)[1]) as f:
        f.write(data)
        f.flush()
        result, trouble = corpus.analyze(f.name)
    return number, path, trouble


def run(numbers):
    corpus.need_corpus()
    captures = [path for truth, path in corpus.truths() if 100 < os.path.getsize(path) <= LARGEST]
    bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, path, trouble in pool.map(check, ((n, captures) for n in numbers)):
            if trouble:
                bad += 1
                print(f"mutant {number} of {path}: {trouble}")
    print(f"{len(numbers)} mutants, {bad} with a finding")
    sys.exit(1 if bad else 0)
