#!/usr/bin/env python3
"""Real programs talk to each other in network namespaces, cordon watches the link, and tshark counts the same packets. timeout: 240

Each peer is left out, and named, where its program is not installed (./dev peers installs all of them); without root, ip or tshark the whole test is
skipped.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CORDON = os.environ["CORDON"]
SOURCE = os.environ["CORDON_SOURCE"]
PEERS_FOLDER = os.path.join(SOURCE, "tests/e2e/peers")
NODE_MODULES = os.path.join(SOURCE, "build/peers/node_modules")
A, B = f"cdA{os.getpid()}", f"cdB{os.getpid()}"
running, failures, shown = [], [], []


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def sh(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=30, **options).stdout


def inside(space, *words):
    return ["ip", "netns", "exec", space, *words]


def start(space, *words, **options):
    process = subprocess.Popen(inside(space, *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    running.append(process)
    return process


def wait_until(ready, what):
    deadline = time.monotonic() + 20
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come up")
        time.sleep(0.05)


def listens(space, port, transport="t"):
    return f":{port} " in sh(*inside(space, "ss", f"-Hln{transport}"))


def packet_sockets():
    """Sockets that take frames already: bound to an interface, and running. One is there a moment before it does."""
    rows = [line.split() for line in sh(*inside(A, "cat", "/proc/net/packet")).splitlines()[1:]]
    return sum(1 for row in rows if int(row[4]) > 0 and row[5] == "1")


def make_network():
    for space in (A, B):
        sh("ip", "netns", "add", space)
    sh("ip", "link", "add", "cdv0", "netns", A, "type", "veth", "peer", "name", "cdv1", "netns", B)
    for space, link, address in ((A, "cdv0", "10.99.0.1/24"), (B, "cdv1", "10.99.0.2/24")):
        sh(*inside(space, "ip", "address", "add", address, "dev", link))
        sh(*inside(space, "ip", "link", "set", link, "up"))
        sh(*inside(space, "ip", "link", "set", "lo", "up"))


def expect(what, condition, seen):
    shown.append(what)
    if not condition:
        failures.append(f"{what}: {seen}")


def modbus(folder):
    program = os.path.join(folder, "modbus_peers")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmodbus"], capture_output=True, text=True)
    if flags.returncode != 0:
        return "libmodbus is not installed"
    sh("cc", "-o", program, os.path.join(SOURCE, "tests/e2e/peers/modbus_peers.c"), *flags.stdout.split())
    server = start(B, program, "server", "10.99.0.2")
    assert server.stdout.readline().strip() == "ready"
    sh(*inside(A, program, "client", "10.99.0.2"))
    return None


def snmp(folder):
    if not shutil.which("snmpd") or not shutil.which("snmpget"):
        return "snmpd or snmpget is not installed"
    conf = os.path.join(folder, "snmpd.conf")
    with open(conf, "w") as file:
        file.write("rocommunity public\nsysLocation pump house 7\nsysName pump-7\nagentaddress udp:10.99.0.2:161\n")
    start(B, "snmpd", "-f", "-Lo", "-C", "-c", conf, "-p", os.path.join(folder, "snmpd.pid"))
    wait_until(lambda: listens(B, 161, "u"), "snmpd")
    for oid in (".1.3.6.1.2.1.1.1.0", ".1.3.6.1.2.1.1.5.0", ".1.3.6.1.2.1.1.6.0"):
        sh(*inside(A, "snmpget", "-v2c", "-c", "public", "10.99.0.2", oid))
    return None


def tls(folder):
    if not shutil.which("openssl") or not shutil.which("curl"):
        return "openssl or curl is not installed"
    key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
    sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=panel.plant.example")
    start(B, "openssl", "s_server", "-quiet", "-www", "-tls1_2", "-accept", "10.99.0.2:443", "-key", key, "-cert", certificate)
    wait_until(lambda: listens(B, 443), "openssl s_server")
    sh(*inside(A, "curl", "-sk", "--max-time", "10", "https://10.99.0.2/"))
    return None


def node(space, script, *words):
    return inside(space, "env", f"NODE_PATH={NODE_MODULES}", "node", os.path.join(PEERS_FOLDER, script), *words)


def missing_package(name):
    if shutil.which("node") and os.path.isdir(os.path.join(NODE_MODULES, name)):
        return None
    return f"node or its package {name} is not installed"


def when_ready(process, what):
    line = process.stdout.readline().strip()
    if line != "ready":
        raise RuntimeError(f"{what} did not come up: {line}")


def s7(_):
    if missing_package("nodes7"):
        return missing_package("nodes7")
    when_ready(start(B, "python3", os.path.join(PEERS_FOLDER, "s7_server.py"), "10.99.0.2"), "the S7 server")
    sh(*node(A, "s7_client.js", "10.99.0.2"))
    return None


def enip(_):
    if missing_package("st-ethernet-ip"):
        return missing_package("st-ethernet-ip")
    when_ready(start(B, "python3", os.path.join(PEERS_FOLDER, "enip_server.py"), "10.99.0.2"), "the EtherNet/IP server")
    sh(*node(A, "enip_client.js", "10.99.0.2"))
    return None


def bacnet(_):
    if missing_package("node-bacnet"):
        return missing_package("node-bacnet")
    device = subprocess.Popen(node(B, "bacnet_device.js", "0.0.0.0", "10.99.0.255"), stdout=subprocess.PIPE, text=True)
    running.append(device)
    when_ready(device, "the BACnet device")
    sh(*node(A, "bacnet_client.js", "0.0.0.0", "10.99.0.255", "10.99.0.2"))
    return None


def smb(folder):
    if not shutil.which("smbd") or not shutil.which("smbclient"):
        return "smbd or smbclient is not installed"
    for name in ("share", "state"):
        os.mkdir(os.path.join(folder, name))
    os.chmod(os.path.join(folder, "share"), 0o777)
    with open(os.path.join(folder, "share", "recipe.txt"), "w") as file:
        file.write("chlorine 0.3 mg/l\n")
    state = os.path.join(folder, "state")
    conf = os.path.join(folder, "smb.conf")
    folders = "".join(f"{kind} = {state}\n" for kind in ("private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"))
    with open(conf, "w") as file:
        file.write(f"[global]\nnetbios name = HISTORIAN\nworkgroup = WATERWORKS\nmap to guest = Bad User\nload printers = no\n"
                   f"server string = plant archive\nlog file = {folder}/smbd.log\n{folders}[recipes]\npath = {folder}/share\nguest ok = yes\n")
    os.chmod(folder, 0o755)
    start(B, "smbd", "--foreground", "--no-process-group", "--configfile", conf)
    wait_until(lambda: listens(B, 445), "smbd")
    sh(*inside(A, "smbclient", "//10.99.0.2/recipes", "-N", "--configfile", "/dev/null", "-c", f"get recipe.txt {folder}/copy.txt"))
    return None


def dhcp(folder):
    if not shutil.which("dnsmasq") or not shutil.which("udhcpc"):
        return "dnsmasq or udhcpc is not installed"
    start(B, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--interface=cdv1", "--bind-interfaces", "--user=root",
          "--dhcp-authoritative", "--no-ping", "--dhcp-range=10.99.0.50,10.99.0.60,1h", "--dhcp-option=option:router,10.99.0.2",
          "--address=/hmi.plant.example/10.99.0.2", f"--dhcp-leasefile={folder}/leases", f"--pid-file={folder}/dnsmasq.pid")
    wait_until(lambda: listens(B, 67, "u"), "dnsmasq")
    sh(*inside(A, "udhcpc", "-i", "cdv0", "-n", "-q", "-f", "-s", "/bin/true", "-x", "hostname:panel-4", "-t", "5", "-T", "1"))
    return None


def tshark_counts(capture, field):
    counts = {}
    for line in sh("tshark", "-n", "-r", capture, "-T", "fields", "-e", field, "-Y", field).split():
        for value in line.split(","):
            number = int(value, 0)
            counts[number] = counts.get(number, 0) + 1
    return counts


def check_modbus(document, capture):
    ours = {}
    for operation in document["operations"]:
        if operation["protocol"] == "modbus":
            code = int(operation["code"])
            ours[code] = ours.get(code, 0) + operation["requests"] + operation["responses"]
    expect("modbus messages per function code equal tshark's", ours == tshark_counts(capture, "modbus.func_code"), ours)
    errors = sum(o["errors"] for o in document["operations"] if o["protocol"] == "modbus")
    expect("the exception is told", errors == 1, errors)
    expect("libmodbus' server is a device", any("10.99.0.2" in a["ips"] for a in document["assets"]), document["assets"])


def facts(document, ip):
    return {(f["attribute"], f["value"]) for a in document["assets"] if ip in a["ips"] for f in a["facts"]}


def check_snmp(document, _):
    seen = facts(document, "10.99.0.2")
    expect("snmpd's name and place are known", ("name", "pump-7") in seen and ("location", "pump house 7") in seen, seen)


def check_tls(document, _):
    seen = facts(document, "10.99.0.2")
    expect("the certificate's name is known", any(a == "certificate" and "panel.plant.example" in v for a, v in seen), seen)


def counts(document, protocol):
    """{code: [requests, responses, errors]}"""
    ours = {}
    for operation in document["operations"]:
        if operation["protocol"] == protocol:
            row = ours.setdefault(operation["code"], [0, 0, 0])
            for i, key in enumerate(("requests", "responses", "errors")):
                row[i] += operation[key]
    return ours


def check_s7(document, capture):
    ours = {int(code): row[0] + row[1] for code, row in counts(document, "s7comm").items()}
    expect("S7comm messages per function equal tshark's", ours == tshark_counts(capture, "s7comm.param.func"), ours)
    written = [o["target"] for o in document["operations"] if o["protocol"] == "s7comm" and o["class"] == "write"]
    expect("nodes7's write is told with its target", written and all("DB20" in target for target in written), written)


def check_enip(document, _):
    seen = counts(document, "cip")
    expect("identity, forward open, tag and forward close are counted", all(seen.get(code, [])[:2] == [1, 1] for code in ("1", "84", "76", "78")), seen)
    expect("the unconnected send is told; its answer is the one within", seen.get("82") == [1, 0, 0], seen)
    values = {value for a in document["assets"] for value in (f["value"] for f in a["facts"])}
    expect("the controller's identity is known", "PUMP-CPU" in values, sorted(values)[:40])


def check_bacnet(document, _):
    seen = counts(document, "bacnet")
    expect("reads of properties are told, with the one refused", seen.get("confirmed:12") == [2, 2, 1], seen)
    expect("who-is and i-am are told", seen.get("unconfirmed:8", [0])[0] >= 1 and seen.get("unconfirmed:0", [0])[0] >= 1, seen)
    names = facts(document, "10.99.0.2")
    expect("the BACnet device's name is known", any(value == "air handler 7" for _, value in names), names)


def check_smb(document, capture):
    seen = counts(document, "smb")
    ours = {int(code.split(":")[1]): row[0] + row[1] for code, row in seen.items() if code.startswith("smb2:")}
    expect("SMB2 messages per command equal tshark's", ours == tshark_counts(capture, "smb2.cmd"), ours)
    expect("samba's name is known", ("name", "HISTORIAN") in {(a, v.upper()) for a, v in facts(document, "10.99.0.2")}, facts(document, "10.99.0.2"))


def check_dhcp(document, _):
    names = {f["value"] for a in document["assets"] for f in a["facts"] if f["attribute"] == "name"}
    expect("udhcpc's host name is known", "panel-4" in names, names)


PEERS = [("libmodbus", modbus, check_modbus), ("snmpd", snmp, check_snmp), ("openssl and curl", tls, check_tls), ("nodes7", s7, check_s7),
         ("st-ethernet-ip", enip, check_enip), ("node-bacnet", bacnet, check_bacnet), ("samba", smb, check_smb),
         ("dnsmasq and udhcpc", dhcp, check_dhcp)]


def watch(folder):
    live, recorded = os.path.join(folder, "live.json"), os.path.join(folder, "recorded.pcap")
    recorder = start(A, "tcpdump", "-U", "-s0", "-Z", "root", "-i", "cdv0", "-w", recorded)
    recorder.stdout.readline()
    wait_until(lambda: packet_sockets() > 0, "tcpdump")
    recording = packet_sockets()
    watcher = start(A, CORDON, "watch", "-i", "cdv0", "--json", live, "--interval", "1", "--quiet")
    wait_until(lambda: packet_sockets() > recording or watcher.poll() is not None, "cordon watch")
    asked = []
    for name, talk, check in PEERS:
        missing = talk(folder)
        print(f"{name}: {'left out, ' + missing if missing else 'talked'}")
        if not missing:
            asked.append(check)
    time.sleep(1)  # the ring hands over what it has within its block time-out
    for process in (watcher, recorder):
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    sh(CORDON, "analyze", "--quiet", "--json", os.path.join(folder, "recorded.json"), recorded)
    if not asked:
        skip("none of the peers is installed")
    for source in (live, os.path.join(folder, "recorded.json")):
        with open(source) as file:
            document = json.load(file)
        for check in asked:
            check(document, recorded)


def main():
    if os.geteuid() != 0 or not all(shutil.which(p) for p in ("ip", "ss", "tshark", "tcpdump", "cc")):
        skip("needs root, ip, ss, tcpdump, tshark and a compiler")
    if subprocess.run(["ip", "netns", "add", A], capture_output=True).returncode != 0:
        skip("network namespaces can't be made here")
    sh("ip", "netns", "del", A)
    try:
        make_network()
        with tempfile.TemporaryDirectory() as folder:
            watch(folder)
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
        for space in (A, B):
            subprocess.run(["ip", "netns", "del", space], capture_output=True)
    for failure in failures:
        print("FAILED", failure[:2000])
    print(f"{len(shown) - len(failures)} of {len(shown)} held")
    sys.exit(1 if failures else 0)


main()
