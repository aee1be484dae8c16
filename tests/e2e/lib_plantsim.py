"""Plays a plant, analyses its capture, and compares what was found with what is true. Used by the plantsim tests."""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

CORDON = os.environ.get("CORDON", "build/dev/cordon")
PLANTSIM = os.path.join(os.environ.get("CORDON_BUILD", "build/dev"), "tools", "plantsim")
PLANTS = ["water", "car-body", "substation", "hospital"]
SHOWN_MOST = 12


def need_plantsim():
    if not os.path.exists(PLANTSIM):
        print(f"{PLANTSIM} is not built")
        sys.exit(77)


def play(folder, plant, devices, duration, seed=1, name="plant.pcap"):
    capture, truth = os.path.join(folder, name), os.path.join(folder, "truth.json")
    subprocess.run([PLANTSIM, "--plant", plant, "--devices", str(devices), "--duration", str(duration), "--seed", str(seed),
                    "--out", capture, "--truth", truth], check=True)
    return capture, truth


def analyze(capture, folder):
    result = os.path.join(folder, "result.json")
    subprocess.run([CORDON, "analyze", "--quiet", "--json", result, capture], check=True)
    with open(result) as file:
        return json.load(file)


# ---- one key for a thing, whoever tells of it ----

def anchors(document):
    """id -> lowest address of the asset, or "address slot" for what is below one."""
    by_id = {a["id"]: a for a in document["assets"]}

    def anchor(asset):
        if asset["parent"]:
            return f"{anchor(by_id[asset['parent']])}/{asset['slot']}"
        return (asset["ips"] + asset["macs"])[0]
    return {id: anchor(asset) for id, asset in by_id.items()}


def plain(name):
    """The first word of a holder of MAC addresses: lists write the rest differently."""
    return re.split(r"[\s,./]", name or "")[0].lower()


def vendor(asset):
    derived = any(f["attribute"] == "vendor" and f["protocol"] == "oui" for f in asset["facts"])
    return None if derived else asset["vendor"]


def assets(document, others):
    """The comparable fields of each asset. Makers that only the MAC range tells are compared apart."""
    at, derived = anchors(document), {o for o in others}
    fields = ("kind", "type", "model", "order_number", "firmware", "hardware", "serial", "os")
    found = {}
    for a in document["assets"]:
        key = at[a["id"]]
        row = {f: a[f] for f in fields}
        row["vendor"] = None if key in derived else a["vendor"]
        row["names"] = sorted(a["names"])
        row["macs"], row["ips"] = sorted(a["macs"]), sorted(a["ips"])
        row["router"] = at.get(a["router"])
        found[key] = row
    return found


def derived_vendors(truth):
    at = anchors(truth)
    return {at[a["id"]]: a["vendor"] for a in truth["assets"] if a["facts"]}


def conversations(document):
    return {(c["client"], c["server"], c["transport"], c["port"]): {f: c[f] for f in ("protocol", "packets", "bytes", "first", "last")}
            for c in document["conversations"]}


def operations(document):
    fields = ("operation", "requests", "responses", "errors", "last_error", "first", "last")
    return {tuple(o[k] for k in ("client", "server", "protocol", "code", "class", "target")): {f: o[f] for f in fields}
            for o in document["operations"]}


def events(document):
    return collections.Counter(tuple(e[k] for k in ("frame", "time", "kind", "protocol", "client", "server", "detail"))
                               for e in document["events"])


# ---- comparing ----

def compare(what, truth, found):
    """Prints what differs; gives how many do."""
    wrong = []
    for key in truth.keys() | found.keys():
        name = " ".join(map(str, key)) if isinstance(key, tuple) else key
        if key not in found:
            wrong.append(f"{what} {name}: not found: {truth[key]}")
        elif key not in truth:
            wrong.append(f"{what} {name}: not true: {found[key]}")
        elif truth[key] != found[key] and isinstance(truth[key], dict):
            wrong += [f"{what} {name}: {f} is {truth[key][f]!r}, found {found[key][f]!r}"
                      for f in truth[key] if truth[key][f] != found[key][f]]
        elif truth[key] != found[key]:
            wrong.append(f"{what} {name}: {truth[key]} times, found {found[key]}")
    for line in sorted(wrong)[:SHOWN_MOST]:
        print(line)
    if len(wrong) > SHOWN_MOST:
        print(f"... and {len(wrong) - SHOWN_MOST} more of {what}")
    return len(wrong)


def compare_derived_vendors(truth, found):
    at = anchors(found)
    by_anchor = {at[a["id"]]: a["vendor"] for a in found["assets"]}
    wrong = [f"asset {k}: made by {v}, found {by_anchor.get(k)}" for k, v in derived_vendors(truth).items()
             if by_anchor.get(k) and plain(by_anchor[k]) != plain(v)]
    for line in wrong[:SHOWN_MOST]:
        print(line)
    return len(wrong)


def compare_documents(truth, found):
    others = derived_vendors(truth)
    return (compare("asset", assets(truth, others), assets(found, others)) + compare_derived_vendors(truth, found)
            + compare("conversation", conversations(truth), conversations(found))
            + compare("operation", operations(truth), operations(found))
            + compare("event", events(truth), events(found)))


def tshark_finds_fault(capture):
    """What tshark holds for malformed, and checksums that are wrong."""
    if not shutil.which("tshark"):
        return []
    options = [o for layer in ("ip", "tcp", "udp") for o in ("-o", f"{layer}.check_checksum:TRUE")]
    bad = "_ws.malformed or ip.checksum.status == 0 or tcp.checksum.status == 0 or udp.checksum.status == 0"
    run = subprocess.run(["tshark", "-n", "-r", capture, *options, "-Y", bad], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def hold(plant, devices, duration, seed=1, tshark=True):
    """Plays, analyses and compares; gives the number of differences."""
    with tempfile.TemporaryDirectory() as folder:
        capture, truth_path = play(folder, plant, devices, duration, seed)
        with open(truth_path) as file:
            truth = json.load(file)
        wrong = compare_documents(truth, analyze(capture, folder))
        if len(truth["assets"]) != devices:
            print(f"asked for {devices} devices, {len(truth['assets'])} have been heard")
            wrong += 1
        faults = tshark_finds_fault(capture) if tshark else []
        for line in faults[:SHOWN_MOST]:
            print("tshark:", line)
        print(f"{plant}, {devices} devices, {duration} s: {len(truth['assets'])} assets, {len(truth['conversations'])} conversations, "
              f"{len(truth['operations'])} operations, {len(truth['events'])} events; {wrong} differences, {len(faults)} faults by tshark")
        return wrong + len(faults)
