#!/usr/bin/env python3
"""No patient leaves the parser: made-up people are planted in HL7, DICOM and FHIR traffic, sound and broken, and looked for, in several
encodings, in everything the program writes: JSON, store, lists from the store, observations, and what it says. timeout: 180"""
import base64
import glob
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.parse

CORDON = os.environ["CORDON"]
FAMILY, GIVEN, MOTHER = "Qwertzinger", "Ludmillora", "Übelhörnchen"
SECRETS = [FAMILY, GIVEN, MOTHER, "19471103", "1947-11-03", "PX8842917", "INS-5550917", "Zwiebelgasse 17", "Hinterpfuiteufel", "+49 555 0143",
           "ludmillora@example.org", "Zystadenom-Verdacht", "78.4217", "geheimnis-77"]
failures = []

# ---- traffic ----


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    """A pcap file of TCP connections between hosts of 10.9.0.0/24, RFC 791 and 9293."""

    def __init__(self):
        self.packets, self.time_us, self.flows = [], 1700000000000000, 0

    def packet(self, source, destination, ports, sequence, acknowledged, flags, data):
        mac = [b"\x02\0\0\0\0" + bytes([n]) for n in (destination, source)]
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 65535, 0, 0)
        addresses = bytes([10, 9, 0, source, 10, 9, 0, destination])
        header = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0x4000, 64, 6, 0) + addresses
        header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
        self.packets.append((self.time_us, mac[0] + mac[1] + b"\x08\0" + header + tcp + data))
        self.time_us += 1000

    def flow(self, client, server, port, messages, lose=(), segment=1400):
        """messages: (from client, bytes); lose: numbers of segments, from 0, that the capture misses."""
        self.flows += 1
        ports, sequence, number = (40000 + self.flows, port), [1000, 5000], 0
        self.packet(client, server, ports, 999, 0, 2, b"")
        self.packet(server, client, ports[::-1], 4999, 1000, 0x12, b"")
        for from_client, data in messages:
            for at in range(0, len(data), segment):
                part = data[at:at + segment]
                way = 0 if from_client else 1
                ends = (client, server, ports) if from_client else (server, client, ports[::-1])
                if number not in lose:
                    self.packet(*ends, sequence[way], sequence[1 - way], 0x18, part)
                sequence[way] += len(part)
                number += 1
        self.packet(client, server, ports, sequence[0], sequence[1], 0x11, b"")

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for at, data in self.packets:
                file.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(data), len(data)) + data)


def mllp(*segments, encoding="utf-8"):
    return b"\x0b" + b"".join(s.encode(encoding) + b"\r" for s in segments) + b"\x1c\r"


def msh(kind, number, more=""):
    return rf"MSH|^~\&|WARD|HOSPITAL|EHR|HOSPITAL|20240102030405||{kind}|{number}|P|2.5{more}"


PID = f"PID|1|INS-5550917|PX8842917^^^H^MR|PX8842917|{FAMILY}^{GIVEN}|{MOTHER}|19471103|F|{FAMILY}||Zwiebelgasse 17^^Hinterpfuiteufel||" \
      "+49 555 0143^^^ludmillora@example.org||||||INS-5550917"


def hl7():
    result = [PID, f"NK1|1|{FAMILY}^{MOTHER}|MTH|Zwiebelgasse 17", f"IN1|1|INS-5550917|||||||||||||{FAMILY}", f"GT1|1||{FAMILY}^{GIVEN}",
              "OBR|1|PX8842917", f"OBX|1|NM|29463-7^Weight||78.4217|kg|||||F|||||{FAMILY}||{GIVEN} {FAMILY}^Zwiebelgasse 17",
              "OBX|2|TX|||Zystadenom-Verdacht", f"PRT||AD||||||||{FAMILY} {GIVEN}", f"NTE|1||{FAMILY} {GIVEN}"]
    long = [PID, "OBX|1|ED|PDF^Report||^^^Base64^" + "QUJD" * 30000 + f"^{FAMILY}", f"NTE|1||{GIVEN} {FAMILY}"]
    return [
        (True, mllp(msh("ADT^A01", 1), "EVN|A01", *result)),
        (False, mllp(msh("ACK^A01", 2), f"MSA|AE|1|Patient {FAMILY} {GIVEN} unknown", f"ERR|||204^{FAMILY}||||{MOTHER}|PX8842917")),
        (True, mllp(msh("ORU^R01", 3, "||||||UNICODE UTF-8"), *result)),
        (True, mllp(msh("ORU^R01", 4), *result, encoding="latin-1")),
        (True, mllp(msh("MDM^T02", 5), *long)),
        (True, mllp(msh("QBP^Q22", 6), f"QPD|Q22|1|@PID.5.1^{FAMILY}~@PID.7^19471103~@PID.3^PX8842917")),
        (False, mllp(msh("RSP^K22", 7), "MSA|AA|6", PID)),
        (True, mllp(msh(f"{FAMILY}^{GIVEN}", 8), PID)),  # where the type should stand
        (True, b"\x0b" + PID.encode() + b"\r\x1c\r"),  # no header
        (True, mllp("MSH" + PID[3:], PID)),  # a header of other bytes
        (True, mllp(msh("ADT^A08", 9), "\n".join(result))),
    ]


IMPLICIT, CT, WORKLIST = "1.2.840.10008.1.2", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.31"


def item(kind, data):
    return struct.pack(">BBH", kind, 0, len(data)) + data


def associate(kind, *classes):
    contexts = b""
    for n, name in enumerate(classes):
        syntax = item(0x40, IMPLICIT.encode())
        if kind == 1:
            contexts += item(0x20, bytes([2 * n + 1, 0, 0, 0]) + item(0x30, name.encode()) + syntax)
        else:
            contexts += item(0x21, bytes([2 * n + 1, 0, 0, 0]) + syntax)
    secret = b"geheimnis-77"
    identity = item(0x58, b"\x02\0" + struct.pack(">H", 5) + b"nurse" + struct.pack(">H", len(secret)) + secret)
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.3.12.2.1107.5.9") + (identity if kind == 1 else b""))
    body = struct.pack(">HH", 1, 0) + b"PACS".ljust(16) + b"CT01".ljust(16) + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + contexts + user
    return bytes([kind, 0]) + struct.pack(">I", len(body)) + body


def implicit(group, number, value):
    value = value if isinstance(value, bytes) else value.encode("utf-8")
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHI", group, number, len(value)) + value


def explicit(group, number, kind, value):
    value = value.encode("latin-1", "replace")
    value += b" " * (len(value) % 2)
    return struct.pack("<HH", group, number) + kind.encode() + struct.pack("<H", len(value)) + value


def command(field, number, name=CT, status=None, data=True, more=b""):
    body = implicit(0, 2, name) + implicit(0, 0x100, struct.pack("<H", field))
    body += implicit(0, 0x120 if field & 0x8000 else 0x110, struct.pack("<H", number))
    body += implicit(0, 0x800, struct.pack("<H", 1 if data else 0x101))
    if status is not None:
        body += implicit(0, 0x900, struct.pack("<H", status))
    body += more
    return implicit(0, 0, struct.pack("<I", len(body))) + body


def p_data(*values):
    body = b"".join(struct.pack(">IBB", len(v) + 2, 1, control) + v for control, v in values)
    return b"\x04\0" + struct.pack(">I", len(body)) + body


def patient(write):
    return b"".join(write(0x10, number, value) for number, value in (
        (0x10, f"{FAMILY}^{GIVEN}"), (0x20, "PX8842917"), (0x30, "19471103"), (0x1000, "INS-5550917"), (0x1001, f"{MOTHER}^{GIVEN}"),
        (0x1040, "Zwiebelgasse 17"), (0x1060, MOTHER), (0x2154, "+49 555 0143"), (0x4000, "Zystadenom-Verdacht")))


def data_sets():
    front = implicit(8, 0x60, "CT") + implicit(8, 0x70, "Scanners Ltd") + implicit(8, 0x90, f"{MOTHER}^Doctor") + implicit(8, 0x1030, "Zystadenom-Verdacht")
    images = front + patient(implicit) + implicit(0x18, 0x1000, "SN1") + implicit(0x20, 0x4000, f"{FAMILY}") + implicit(0x7FE0, 0x10, bytes(60000))
    speaking = explicit(8, 0x60, "CS", "CT") + patient(lambda g, n, v: explicit(g, n, "LO", v)) + explicit(0x18, 0x1030, "LO", FAMILY)
    keys = patient(implicit)
    lying = front + struct.pack("<HHI", 0x10, 0x10, 4) + f"{FAMILY}^{GIVEN}".encode() + patient(implicit)
    return images, speaking, lying, keys


def store(data):
    """An association of its own for one data set: of several, only the first tells of the equipment."""
    return [(True, associate(1, CT)), (False, associate(2, CT)), (True, p_data((3, command(1, 1)))), (True, p_data((2, data)))]


def dicom():
    images, speaking, lying, keys = data_sets()
    return [
        (True, associate(1, CT, WORKLIST)), (False, associate(2, CT, WORKLIST)),
        (True, p_data((3, command(1, 1)), (2, images))),
        (False, p_data((3, command(0x8001, 1, status=0xC000, data=False, more=implicit(0, 0x902, f"{FAMILY} {GIVEN} PX8842917"))))),
        (True, p_data((3, command(1, 2)))), (True, p_data((2, speaking))),
        (True, p_data((3, command(1, 3)), (2, lying))),
        (True, p_data((3, command(0x20, 4, WORKLIST)), (2, keys))),
        (False, p_data((3, command(0x8020, 4, WORKLIST, 0xFF00)), (2, keys))),
        (True, p_data((3, command(0x140, 5, "1.2.840.10008.3.1.2.3.3")), (2, keys))),
        (True, p_data((3, command(0x20, 6, f"1.2.840.10008.{FAMILY}", more=implicit(0, 0x902, GIVEN))), (2, keys))),
        (True, p_data((2, keys), (3, keys))),  # data of a command's kind
        (True, b"\x05\0\0\0\0\4\0\0\0\0"), (False, b"\x06\0\0\0\0\4\0\0\0\0"),
    ]


def http(first, *headers, body=""):
    data = body.encode("utf-8")
    head = "\r\n".join((first, *headers, f"Content-Length: {len(data)}")) + "\r\n\r\n"
    return head.encode("utf-8") + data


def fhir():
    body = json.dumps({"resourceType": "Patient", "id": "PX8842917", "name": [{"family": FAMILY, "given": [GIVEN]}], "birthDate": "1947-11-03",
                       "password": "geheimnis-77", "user": FAMILY, "address": [{"line": ["Zwiebelgasse 17"], "city": "Hinterpfuiteufel"}]}, ensure_ascii=False)
    kind, host = "Content-Type: application/fhir+json", "Host: ehr"
    query = urllib.parse.urlencode({"family": FAMILY, "given": GIVEN, "birthdate": "1947-11-03", "identifier": "PX8842917",
                                    "email": "ludmillora@example.org", "password": "geheimnis-77"})
    requests = [
        http("GET /fhir/r4/Patient/PX8842917 HTTP/1.1", host, "Accept: application/fhir+json"),
        http(f"GET /fhir/Patient?{query} HTTP/1.1", host),
        http("POST /fhir/Patient HTTP/1.1", host, kind, body=body),
        http("PUT /base/Patient/PX8842917 HTTP/1.1", host, kind, "Referer: http://ehr/Patient/PX8842917?" + query, body=body),
        http("POST /fhir/Patient/_search HTTP/1.1", host, "Content-Type: application/x-www-form-urlencoded", body=query),
        http("POST /fhir HTTP/1.1", host, "Content-Type: application/fhir+json", body=body),
        http("POST /fhir/Patient HTTP/1.1", host, "Content-Type: application/json", body=body),
        http(f"DELETE /PX8842917/{FAMILY} HTTP/1.1", host, kind),
        http(f"PATCH /fhir/Patient/PX8842917/${FAMILY} HTTP/1.1", host, kind, body=body),
        http(f"GET http://ehr/fhir/{FAMILY}/Observation/PX8842917/_history/{GIVEN} HTTP/1.1", host),
    ]
    answer = http("HTTP/1.1 200 OK", kind, "Location: /fhir/Patient/PX8842917", "ETag: 1", body=body)
    return [part for request in requests for part in ((True, request), (False, answer))]


def make_capture(path):
    capture = Capture()
    for n, (messages, ports) in enumerate(((hl7(), (2575, 6661)), (dicom(), (11112, 4242)), (fhir(), (80, 8090)))):
        for k, port in enumerate(ports):
            capture.flow(10 * n + k + 1, 10 * n + 9, port, messages)
        for lost in range(0, 30, 3):  # what is lost leaves the parsers at odd places
            capture.flow(10 * n + 5, 10 * n + 9, ports[0], messages, {lost, lost + 7}, 200 + 37 * lost)
    for n, data in enumerate(data_sets()):
        capture.flow(31 + n, 39, 104, store(data))
    capture.write(path)


# ---- looking for them ----


def forms(secret):
    """{how it is written: bytes}"""
    plain = secret.encode("utf-8")
    found = {"utf-8": plain, "latin-1": secret.encode("latin-1"), "upper case": secret.upper().encode("utf-8"), "lower case": secret.lower().encode("utf-8"),
             "utf-16le": secret.encode("utf-16-le"), "utf-16be": secret.encode("utf-16-be"), "hex": plain.hex().encode(),
             "HEX": plain.hex().upper().encode(), "percent": urllib.parse.quote(secret, safe="").encode(), "json": json.dumps(secret)[1:-1].encode(),
             "reversed": plain[::-1], "escaped": "".join(chr(b) if b < 0x80 else f"\\x{b:02x}" for b in plain).encode(),
             "json of escaped": "".join(chr(b) if b < 0x80 else f"\\\\x{b:02x}" for b in plain).encode()}
    for offset in range(3):  # the middle of it, however it falls into groups of three
        coded = base64.b64encode(bytes(offset) + plain)
        found[f"base64+{offset}"] = coded[(offset * 8 + 5) // 6:len(coded) - 4]
    return {how: data for how, data in found.items() if len(data) >= 6}


NEEDLES = [(secret, how, data) for secret in SECRETS for how, data in forms(secret).items()]


def search(data):
    return [(secret, how) for secret, how, needle in NEEDLES if needle in data]


def look(what, data):
    for secret, how in search(data):
        failures.append(f"{what} holds \"{secret}\" ({how})")


def run(*arguments):
    done = subprocess.run([CORDON, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if done.returncode != 0 or b"Sanitizer" in done.stderr:
        sys.exit(f"cordon {' '.join(arguments)}: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    look(f"standard output of {arguments[0]}", done.stdout)
    look(f"standard error of {arguments[0]}", done.stderr)
    return done.stdout


def look_into(folder):
    for path in glob.glob(os.path.join(folder, "**"), recursive=True):
        look("a file name", path.encode())
        if os.path.isfile(path):
            with open(path, "rb") as file:
                look(os.path.relpath(path, folder), file.read())


def look_at_store(store, expected=("assets", "conversations", "operations")):
    look_into(store)
    for kind in ("assets", "conversations", "operations"):
        rows = json.loads(run(kind, "--store", store, "--json"))
        if not rows and kind in expected:
            failures.append(f"{kind}: the store has none, so that nothing was tested")


def observations(capture, path):
    """What the sensor tells the hub: the bytes of its pipe, written to a file."""
    with open(capture, "rb") as source, open(path, "wb") as out:
        def place():
            os.dup2(source.fileno(), 100)
            os.dup2(out.fileno(), 3)
            os.dup2(100, 4)
        done = subprocess.run([CORDON, "sensor", "name=capture", "source=0", "worker=0", "workers=1", "start=0", "naming=1", "max_flows=10000"],
                              preexec_fn=place, close_fds=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    with open(path, "rb") as file:
        data = file.read()
    if done.returncode != 0 or b"RECEIVING" in data or b"ADT^A01" not in data:
        sys.exit(f"the sensor's observations are not what was expected: exit {done.returncode}, {len(data)} bytes, {done.stderr.decode()}")
    look("the observations", data)
    look("what the sensor says", done.stderr)


# ---- is it a test at all ----


def check_search(capture):
    """What was planted is found where it is, and in every form."""
    with open(capture, "rb") as file:
        planted = {secret for secret, _ in search(file.read())}
    missing = set(SECRETS) - planted
    unseen = [(secret, how) for secret, how, data in NEEDLES if (secret, how) not in search(b"x" + data + b"x")]
    if missing or unseen:
        sys.exit(f"the search is blind: not planted {missing}, not found {unseen}")


def check_findings(result):
    """The traffic was understood: each protocol told of patient data, and the operations are there."""
    events = {e["protocol"] for e in result["events"] if e["kind"] == "cleartext_patient_data"}
    codes = {o["code"] for o in result["operations"]}
    wanted = {"ADT^A01", "ORU^R01", "MDM^T02", "RSP^K22", "1", "32", "read Patient", "search Patient", "create Patient"}
    if events != {"hl7", "dicom", "fhir"} or not wanted <= codes:
        failures.append(f"not understood: events of {sorted(events)}, operations missing {sorted(wanted - codes)}")


# ---- the live way ----


def replay(port, messages):
    """The same bytes over a connection of this machine with itself."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        client = socket.create_connection(("127.0.0.1", port))
        server = listener.accept()[0]
        with client, server:
            for from_client, data in messages:
                source, sink = (client, server) if from_client else (server, client)
                sender = threading.Thread(target=source.sendall, args=(data,))
                sender.start()
                left = len(data)
                while left:
                    left -= len(sink.recv(min(left, 65536)))
                sender.join()


def watch(folder):
    ports = [20000 + os.getpid() % 20000 + n for n in range(3)]
    out, store = os.path.join(folder, "live.json"), os.path.join(folder, "live-store")
    process = subprocess.Popen([CORDON, "watch", "-i", "lo", "--filter", f"tcp portrange {ports[0]}-{ports[-1]}", "--json", out, "--store", store,
                                "--interval", "1", "--duration", "6"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        process.communicate(timeout=2)
    except subprocess.TimeoutExpired:
        pass
    if process.returncode is None:
        for port, messages in zip(ports, (hl7(), dicom(), fhir())):
            replay(port, messages)
    said = process.communicate(timeout=60)
    if process.returncode == 4:
        print("live: left out, needs root")
        return
    look("standard output of watch", said[0])
    look("standard error of watch", said[1])
    if process.returncode != 0:
        sys.exit(f"cordon watch: exit {process.returncode}, {said[1].decode(errors='replace')}")
    with open(out, "rb") as file:
        data = file.read()
    look("the JSON of watch", data)
    check_findings(json.loads(data))
    look_at_store(store, ("conversations", "operations"))  # the loopback addresses are no devices


def main():
    with tempfile.TemporaryDirectory() as folder:
        capture, key, store = (os.path.join(folder, name) for name in ("capture.pcap", "key", "store"))
        make_capture(capture)
        check_search(capture)
        os.environ["CORDON_KEY_FILE"] = key
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(os.urandom(32))
        result = run("analyze", "--json", "-", capture)
        check_findings(json.loads(result))
        if run("analyze", "--json", "-", "--workers", "4", capture) != result:
            failures.append("the result depends on the number of workers")
        run("analyze", "--store", store, capture)
        look_at_store(store)
        observations(capture, os.path.join(folder, "observations"))
        watch(folder)
    for failure in failures:
        print(failure)
    print(f"{len(SECRETS)} secrets in {len(NEEDLES)} forms, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
