"""What cordon analyze says and does when its input or output is not what it should be: a clear message that names the
file, an exit code (src/base/error.h), and whatever was sound is still used."""
import gzip
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

CORDON = os.environ["CORDON"]
USAGE, INPUT, ACCESS, FULL = 2, 3, 4, 7
failures = []


def frame(n):
    """An ARP request, IEEE 802.3 and RFC 826."""
    mac = bytes([2, 0, 0, 0, 0, n])
    arp = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + mac + bytes([192, 0, 2, n]) + bytes(6) + bytes([192, 0, 2, 254])
    return b"\xff" * 6 + mac + b"\x08\x06" + arp


def pcap(frames, link_type=1):
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    for i, f in enumerate(frames):
        out += struct.pack("<IIII", 1700000000 + i, 0, len(f), len(f)) + f
    return out


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)
    return name


def run(*arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, user=None, program=CORDON):
    return subprocess.run([program, "analyze", *arguments], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=120,
                          user=user, extra_groups=[] if user else None, check=False)


def expect(what, result, code, *words):
    """The exit code, and words that standard error holds."""
    text = result.stderr.decode()
    missing = [w for w in words if w not in text]
    if result.returncode != code or missing or "Sanitizer" in text:
        failures.append(f"{what}: exit code {result.returncode}, expected {code}; missing {missing}; said:\n{text}")
    elif code and not text.startswith("cordon: error: ") and code != USAGE:
        failures.append(f"{what}: the message does not begin as all do:\n{text}")


def captures(document):
    return {c["file"]: c for c in document["captures"]}


def wrong_types():
    for name, content, words in [
        ("notes.txt", b"hello, this is no capture\n", ["text"]),
        ("page.html", b"<!DOCTYPE html><html></html>", ["not a capture file"]),
        ("empty.pcap", b"", ["empty"]),
        ("noise.bin", bytes((i * 197 + 31) % 256 for i in range(5000)), ["not a capture file"]),
        ("short.pcap", pcap([])[:20], []),
        ("zeros", bytes(4096), ["not a capture file"]),
        ("text.gz", gzip.compress(b"only text within"), []),
    ]:
        expect(name, run(write(name, content)), INPUT, name, *words)
    with open(sys.executable, "rb") as program:
        expect("a program", run(write("program", program.read(10000))), INPUT, "program", "ELF")
    os.mkdir("folder")
    expect("a directory", run("folder"), INPUT, "folder", "directory")
    expect("standard input without anything", run("-"), INPUT, "standard input", "empty")
    expect("the null device", run("/dev/null"), INPUT, "/dev/null")
    expect("an endless device", run("/dev/zero"), INPUT, "/dev/zero")


def unreadable():
    expect("no such file", run("missing.pcap"), ACCESS, "missing.pcap", "No such file")
    expect("no such folder", run("no/such/folder.pcap"), ACCESS, "no/such/folder.pcap")
    expect("a name too long", run("x" * 300), ACCESS, "too long")
    os.symlink("loop.pcap", "loop.pcap")
    expect("a loop of links", run("loop.pcap"), ACCESS, "loop.pcap")
    if os.geteuid() == 0:
        write("secret.pcap", pcap([frame(1)]))
        os.chmod("secret.pcap", 0o600)
        shutil.copy(CORDON, "cordon")  # the other user may not reach into the build folder
        expect("a file of somebody else", run("secret.pcap", user=65534, program="./cordon"), ACCESS, "secret.pcap", "Permission denied")


def several():
    """One is bad, the others are analysed all the same."""
    write("one.pcap", pcap([frame(1)]))
    write("two.pcap", pcap([frame(2), frame(3)]))
    result = run("--json", "-", "one.pcap", "notes.txt", "two.pcap")
    expect("one of three is bad", result, INPUT, "notes.txt")
    document = json.loads(result.stdout)
    seen = captures(document)
    if [seen[n]["packets"] for n in ("one.pcap", "notes.txt", "two.pcap")] != [1, 0, 2]:
        failures.append(f"one of three is bad: {document['captures']}")
    if seen["one.pcap"]["problems"] or not seen["notes.txt"]["problems"]:
        failures.append(f"the problem stands with the wrong capture: {document['captures']}")
    if len(document["assets"]) != 3:
        failures.append(f"three devices sent, {len(document['assets'])} assets")
    result = run("--json", "-", "one.pcap", "missing.pcap", "notes.txt")
    expect("the first problem gives the code", result, ACCESS, "missing.pcap", "notes.txt")
    result = run("notes.txt", "missing.pcap")
    expect("nothing could be used", result, INPUT)
    if result.stdout:
        failures.append("a summary of nothing was written")


def damaged():
    whole = pcap([frame(n) for n in range(1, 9)])
    result = run("--json", "-", write("cut.pcap", whole[:-10]))
    expect("cut off in the middle", result, 0)
    cut = json.loads(result.stdout)["captures"][0]
    if cut["packets"] != 7 or "cut off" not in " ".join(cut["problems"]):
        failures.append(f"cut off in the middle: {cut}")
    result = run("--json", "-", write("cut.pcap.gz", gzip.compress(whole)[:-20]))
    expect("a compressed one cut off", result, 0)
    if not json.loads(result.stdout)["captures"][0]["problems"]:
        failures.append("a compressed one cut off: no problem told")
    result = run("--json", "-", write("usb.pcap", pcap([b"\0" * 64] * 3, link_type=189)))
    expect("a link type that is not decoded", result, 0)
    usb = json.loads(result.stdout)["captures"][0]
    if "189" not in " ".join(usb["problems"]):
        failures.append(f"a link type that is not decoded: {usb}")


def odd_names():
    name = b"odd \xff\x1b[31m name.pcap"
    with open(name, "wb") as file:
        file.write(pcap([frame(1)]))
    result = run("--json", "-", name)
    expect("a name that is not text", result, 0)
    if json.loads(result.stdout)["captures"][0]["packets"] != 1:
        failures.append("a name that is not text: not analysed")
    result = run(b"missing \x1b[31m.pcap")
    expect("a name with control characters", result, ACCESS)
    if b"\x1b" in result.stderr:
        failures.append("a control character of a file name reached the terminal")


def outputs():
    write("good.pcap", pcap([frame(1), frame(2)]))
    expect("a full disk", run("--json", "/dev/full", "good.pcap"), FULL, "/dev/full", "No space")
    with open("/dev/full", "wb") as full:
        expect("a full disk behind standard output", run("good.pcap", stdout=full), FULL, "No space")
        expect("JSON to a full standard output", run("--json", "-", "good.pcap", stdout=full), FULL, "No space")
    expect("no folder for the result", run("--json", "no/such/out.json", "good.pcap"), ACCESS, "no/such/out.json")
    expect("the result is a directory", run("--json", "folder", "good.pcap"), ACCESS, "folder", "directory")
    # What was there stays until a whole new one is written.
    write("result.json", b"the old result")
    if os.geteuid() == 0:
        limit = f"ulimit -f 0; exec {CORDON} analyze --json result.json good.pcap"
        subprocess.run(["sh", "-c", "trap '' XFSZ; " + limit], stderr=subprocess.PIPE, stdout=subprocess.PIPE, check=False, timeout=60)
        with open("result.json", "rb") as file:
            if file.read() != b"the old result":
                failures.append("a result that could not be written destroyed the one before")
    expect("a result over an old one", run("--json", "result.json", "good.pcap"), 0)
    with open("result.json", "rb") as file:
        json.load(file)
    left = [name for name in os.listdir(".") if name.startswith("result.json.")]
    if left:
        failures.append(f"left behind: {left}")


def command_line():
    for arguments in ([], ["--nonsense", "good.pcap"], ["--workers", "many", "good.pcap"], ["--workers", "0", "good.pcap"],
                      ["--max-flows", "-1", "good.pcap"], ["--json"]):
        expect(f"the command line {arguments}", run(*arguments), USAGE)
    expect("an OUI file that is missing", run("--oui", "missing.csv", "good.pcap"), ACCESS, "missing.csv")


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    os.chmod(work, 0o755)
    for part in (wrong_types, unreadable, several, damaged, odd_names, outputs, command_line):
        part()
    os.chdir("/")
for failure in failures:
    print(failure)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
