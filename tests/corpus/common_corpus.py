"""What the corpus tests share: where the captures are, running the program on one, and the programs' results as sets to compare.

The corpus is a folder of real captures (pcap/<group>/<file>) with truth/<file>.json for each, made by another decoder. It is no part of this
repository: CORDON_CORPUS names it, and the tests are skipped without it.
"""
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

SKIPPED = 77
SOURCE = os.environ.get("CORDON_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CORPUS = os.environ.get("CORDON_CORPUS", os.path.join(SOURCE, "../shared/corpus"))
CORDON = os.environ.get("CORDON", os.path.join(SOURCE, "build/dev/cordon"))
TIMEOUT_S = 120
INPUT_REFUSED = 3  # exit code: not a capture, or of a link type that is not decoded


def need_corpus():
    if not os.path.isdir(os.path.join(CORPUS, "truth")) or not os.path.isdir(os.path.join(CORPUS, "pcap")):
        print(f"skipped: no corpus at {CORPUS} (CORDON_CORPUS names it)")
        sys.exit(SKIPPED)
    if not os.access(CORDON, os.X_OK):
        print(f"skipped: no program at {CORDON} (CORDON names it)")
        sys.exit(SKIPPED)


def truths():
    """(truth, path of its capture) of each capture there is, in the order of their names."""
    folder = os.path.join(CORPUS, "truth")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(folder, name)) as f:
            truth = json.load(f)
        path = os.path.join(CORPUS, "pcap", truth["file"])
        if os.path.exists(path):
            yield truth, path


def analyze(capture):
    """(result or None, what went wrong or None)"""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        try:
            done = subprocess.run([CORDON, "analyze", "--json", out.name, capture], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return None, f"hangs: not done after {TIMEOUT_S} s"
        errors = done.stderr.decode(errors="replace")
        if "Sanitizer" in errors or "runtime error" in errors or done.returncode < 0 or done.returncode in (1, 8, 9, 134, 139):
            return None, f"exit code {done.returncode}: {errors[-3000:]}"
        try:
            with open(out.name) as f:
                return json.load(f), None
        except ValueError:
            return None, None if done.returncode == INPUT_REFUSED else f"exit code {done.returncode} without a result: {errors[-1000:]}"


def is_host(text):
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (ip.is_multicast or ip.is_unspecified or ip.is_loopback or str(ip) == "255.255.255.255")


def number(text):
    """Of a value as the truth writes it: decimal, or hexadecimal with 0x; None where it is empty."""
    text = str(text)
    if text in ("", "None"):
        return None
    return int(text, 16) if text.lower().startswith("0x") else int(text)


def split(counts):
    for key, n in counts.items():
        yield [number(part) for part in key.split("/")], n


class Counts(dict):
    """{(protocol, code, "requests", "responses" or "messages"): count}"""

    def put(self, protocol, code, way, n):
        if n:
            key = protocol, str(code), way
            self[key] = self.get(key, 0) + n


WITHOUT_DIRECTION = ("iec104", "goose", "sv", "fins", "ethercat", "profinet-io", "ptp")  # of these the truth counts messages, whichever way they went
REQUESTS_ONLY = ("dnp3",)  # of these it has answers under codes of their own
OPCUA_ANSWERS = (397, 413, 419, 425, 431, 440, 449, 455, 464, 470, 476, 482, 491, 497, 503, 509, 530, 536, 557, 563, 569, 618, 624, 634, 667, 676,
                 703, 715, 754, 766, 772, 778, 784, 790, 796, 802, 829, 835, 844, 850, 12209, 12212)


def decoded_protocols():
    """The names of the protocols that have a dissector."""
    with open(os.path.join(SOURCE, "src/protocols/protocols.def")) as f:
        return {line[len("CD_PROTOCOL("):line.index(")")].replace("_", "-") for line in f if line.startswith("CD_PROTOCOL(")}


def put_opcua(counts, code, n):
    """The truth lists OPC UA answers under ids of their own, and faults under one for all services: so answers are held as a sum."""
    if code in OPCUA_ANSWERS:
        counts.put("opcua", "answers", "responses", n)
    else:
        counts.put("opcua", code, "requests", n)


def put_mqtt(counts, kind, n):
    """Acknowledgements are answers of what they acknowledge: CONNACK of CONNECT, PUBACK and PUBREC of PUBLISH, PUBCOMP of PUBREL, and so on."""
    answers = {2: 1, 4: 3, 5: 3, 7: 6, 9: 8, 11: 10, 13: 12}
    counts.put("mqtt", answers.get(kind, kind), "responses" if kind in answers else "requests", n)


def put_coap(counts, code, n):
    """Answers are held as a sum: the truth has them under their own code, the output at their request's."""
    if 64 <= code < 224:
        counts.put("coap", "answers", "responses", n)
    else:
        counts.put("coap", code, "requests", n)


def frame_code(frame_id):
    """PROFINET's frame ids as our codes; None for alarms, which the truth doesn't tell apart, and for DCP."""
    if frame_id < 0x100 or 0xff00 <= frame_id <= 0xff43:
        return f"ptcp:{frame_id}"
    if frame_id <= 0xfbff:
        return "rt:3" if frame_id <= 0x7fff else "rt:1"
    return f"frame:{frame_id}" if frame_id >= 0xff80 else None


def true_operations(truth):
    """The truth's counts by the names of our output, for the protocols both know. Protocols of which the truth has nothing are left out."""
    operations, counts = truth.get("operations", {}), Counts()

    def with_direction(protocol, source, key, is_response):
        for (code, way), n in split(operations.get(source, {}).get(key, {})):
            if code is not None:
                counts.put(protocol, code, "responses" if is_response(way) else "requests", n)

    def plain(protocol, source, key, way="messages", code_of=str):
        for (code,), n in split(operations.get(source, {}).get(key, {})):
            if code is not None:
                counts.put(protocol, code_of(code), way, n)

    for code, n in operations.get("modbus", {}).get("func_code", {}).items():
        counts.put("modbus", int(code), "requests", n["request"])
        counts.put("modbus", int(code), "responses", n["response"])  # exceptions are among them
    for (rosctr, function), n in split(operations.get("s7comm", {}).get("rosctr/func", {})):
        if function is not None and rosctr != 7:
            counts.put("s7comm", function, "requests" if rosctr == 1 else "responses", n)
    for (code,), n in split(operations.get("dnp3", {}).get("dnp3.al.func", {})):
        if code < 128:
            counts.put("dnp3", code, "requests", n)
    for (service, response), n in split(operations.get("cip", {}).get("service/is_response", {})):
        if service is not None:
            counts.put("cip", service & 0x7f, "responses" if response else "requests", n)
    for (kind, service), n in split(operations.get("bacapp", {}).get("type/confirmed_service", {})):
        if kind in (0, 2, 3, 5) and service is not None:
            counts.put("bacnet", f"confirmed:{service}", "responses" if kind else "requests", n)
    plain("bacnet", "bacapp", "bacapp.unconfirmed_service", "requests", "unconfirmed:{}".format)
    with_direction("profinet-dcp", "pn_dcp", "service/type", bool)
    plain("iec104", "iec60870_asdu", "iec60870_asdu.typeid")
    for (code,), n in split(operations.get("opcua", {}).get("opcua.servicenodeid.numeric", {})):
        put_opcua(counts, code, n)
    for (kind,), n in split(operations.get("mqtt", {}).get("mqtt.msgtype", {})):
        put_mqtt(counts, kind, n)
    for (code,), n in split(operations.get("coap", {}).get("coap.code", {})):
        put_coap(counts, code, n)
    plain("mms", "mms", "mms.confirmedServiceRequest", "requests", "confirmed:{}".format)
    plain("mms", "mms", "mms.confirmedServiceResponse", "responses", "confirmed:{}".format)
    for key, n in operations.get("s7comm-plus", {}).get("opcode/function", {}).items():
        opcode, function = key.split("/")
        if function and opcode in ("31", "32", "33"):
            counts.put("s7comm-plus", int(function, 16), "responses" if opcode == "32" else "requests", n)
    plain("goose", "goose", "goose.appid")
    plain("sv", "sv", "sv.appid")
    plain("fins", "omron", "omron.command")
    with_direction("ads", "ams", "cmd/is_response", bool)
    with_direction("hart-ip", "hart_ip", "id/type", bool)
    plain("ethercat", "ecat", "ecat.cmd")
    plain("ptp", "ptp", "ptp.v2.messagetype")
    plain("profinet-io", "pn_io", "pn_io.opnum", code_of="cm:{}".format)
    for (frame_id,), n in split(operations.get("pn_rt", {}).get("pn_rt.frame_id", {})):
        if frame_code(frame_id):
            counts.put("profinet-io", frame_code(frame_id), "messages", n)
    for kind, n in operations.get("hl7", {}).get("hl7.message.type", {}).items():
        counts.put("hl7", kind, "requests", n)
    known = decoded_protocols()
    return Counts({key: n for key, n in counts.items() if key[0] in known or key[0] == "cip"})


# Of ours, what the truth of a protocol has nothing of: by code.
UNTOLD = {
    "ads": lambda code: ":" in code,  # discovery
    "dnp3": lambda code: int(code) >= 128,  # answers
    "ethercat": lambda code: ":" in code,  # mailboxes
    "hart-ip": lambda code: code not in ("0", "1", "2", "3"),  # direct PDUs and audit logs
    "mms": lambda code: not code.startswith("confirmed:"),
    "opcua": lambda code: code.startswith("encrypted:"),
    "profinet-io": lambda code: code.split(":")[0] not in ("cm", "rt", "ptcp", "frame"),  # parts of messages
    "ptp": lambda code: ":" in code,
    "s7comm": lambda code: ":" in code,  # userdata
}
CARRIERS_NAME = {"iccp": "mms"}  # counted in the truth as what carries it


def our_operations(result, true):
    """Ours, as far as the truth can tell them."""
    counts, protocols = Counts(), {protocol for protocol, _, _ in true}
    for operation in result.get("operations", []):
        protocol, code = CARRIERS_NAME.get(operation["protocol"], operation["protocol"]), str(operation["code"])
        if protocol not in protocols or UNTOLD.get(protocol, lambda _: False)(code):
            continue
        if protocol == "hl7":
            code = code.split("^")[0]  # the truth has the message type without its event
        if protocol in WITHOUT_DIRECTION:
            counts.put(protocol, code, "messages", operation["requests"] + operation["responses"])
            continue
        counts.put(protocol, code, "requests", operation["requests"])
        if protocol in ("opcua", "coap"):
            counts.put(protocol, "answers", "responses", operation["responses"])
        elif protocol not in REQUESTS_ONLY:
            counts.put(protocol, code, "responses", operation["responses"])
    return counts


def true_hosts(truth):
    """(addresses that must be found, addresses that may be)"""
    sent = {ip for host in truth["hosts"] for ip in host["ips"] if is_host(ip)}
    return sent, sent | {ip for host in truth["hosts"] for ip in host.get("arp_ips", []) if is_host(ip)}


def true_conversations(truth):
    """{(both addresses, transport, port)}; None where the truth has not all of them. Those whose server it could only guess are left out."""
    if truth.get("conversations_total", 0) != len(truth["conversations"]):
        return None
    return {(" ".join(sorted((c["src"], c["dst"]))), c["proto"], c["port"]) for c in truth["conversations"]
            if c["proto"] in ("tcp", "udp") and is_host(c["src"]) and c["orient"] != "guess"}


def differences(truth, result):
    """[(measure, ours, truth)], and {measure: (right, all)} for the totals."""
    rows, totals = [], {}

    def total(measure, right, everything):
        totals[measure] = (right, everything)

    packets = sum(c["packets"] for c in result["captures"])
    total("packets", int(packets == truth["packets"]), 1)
    if packets != truth["packets"]:
        rows.append(("packets", str(packets), str(truth["packets"])))

    sent, possible = true_hosts(truth)
    ours = {ip for asset in result["assets"] for ip in asset["ips"] if is_host(ip)}
    total("hosts found", len(sent & ours), len(sent))
    rows += [("host", "missing", ip) for ip in sorted(sent - ours)]
    if all(host.get("ips_total", len(host["ips"])) == len(host["ips"]) for host in truth["hosts"]):
        total("hosts that are", len(ours & possible), len(ours))
        rows += [("host", ip, "missing") for ip in sorted(ours - possible)]

    wanted = true_conversations(truth)
    if wanted is not None:
        found = {(" ".join(sorted((c["client"], c["server"]))), c["transport"], c["port"]) for c in result["conversations"]}
        total("conversations", len(wanted & found), len(wanted))
        rows += [("conversation", "missing", f"{ends} {transport} {port}") for ends, transport, port in sorted(wanted - found)]

    true = true_operations(truth)
    our = our_operations(result, true)
    protocols = {protocol for protocol, _, _ in true}
    for protocol in sorted(protocols):
        everything = sum(n for key, n in true.items() if key[0] == protocol)
        off = 0
        for key in sorted({k for k in list(true) + list(our) if k[0] == protocol}):
            if our.get(key, 0) != true.get(key, 0):
                off += abs(our.get(key, 0) - true.get(key, 0))
                rows.append((" ".join(key), str(our.get(key, 0)), str(true.get(key, 0))))
        total(f"operations {protocol}", max(0, everything - off), everything)
    return rows, totals
