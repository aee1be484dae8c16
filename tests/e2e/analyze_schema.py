"""The document of `cordon analyze --json` is what docs/analyze.schema.json says, for captures of every kind that are at hand.

timeout: 600"""
import glob, json, os, subprocess, sys, tempfile

import lib_plantsim

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

cordon = os.environ["CORDON"]
source = os.environ["CORDON_SOURCE"]
corpus = os.path.join(os.environ.get("CORDON_CORPUS", os.path.join(source, "..", "shared", "corpus")), "pcap")
schema = json.load(open(os.path.join(source, "docs", "analyze.schema.json")))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def analyze(*captures):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        r = subprocess.run([cordon, "analyze", "--quiet", "--json", out.name, *captures], capture_output=True, text=True)
        assert r.returncode in (0, 3), f"{captures}: exit code {r.returncode}: {r.stderr}"
        return open(out.name, "rb").read()


def check(*captures):
    document = json.loads(analyze(*captures))
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(document)]
    assert not errors, f"{captures}: " + "; ".join(errors[:5])
    ids = [a["id"] for a in document["assets"]]
    assert len(ids) == len(set(ids)), f"{captures}: an id stands twice"
    for a in document["assets"]:
        assert a["parent"] is None or a["parent"] in ids, f"{captures}: the parent of {a['id']} is not there"
    return document


captures = sorted(glob.glob(os.path.join(source, "tests", "protocols", "*", "*.pcap*")))
played = tempfile.TemporaryDirectory()
if os.path.exists(lib_plantsim.PLANTSIM):
    for plant in lib_plantsim.PLANTS:
        folder = os.path.join(played.name, plant)
        os.mkdir(folder)
        captures.append(lib_plantsim.play(folder, plant, 60, 60)[0])
for group in sorted(glob.glob(os.path.join(corpus, "*"))):
    captures += sorted(glob.glob(os.path.join(group, "*")), key=os.path.getsize)[:2]
if not captures:
    print("no captures are here")
    sys.exit(77)
for capture in captures:
    check(capture)
together = check(*captures[:5])
assert len(together["captures"]) == min(5, len(captures))
assert analyze(*captures[:5]) == analyze(*captures[:5]), "two runs differ"
print(f"{len(captures)} captures give valid documents")
