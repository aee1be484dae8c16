#!/bin/sh
# The demo capture is what tools/demo-capture makes, and its summary says what demo.expected lists.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$CORDON_SOURCE"
python3 tools/demo-capture "$work/demo.pcap"
cmp tests/captures/demo.pcap "$work/demo.pcap"
"$CORDON" analyze tests/captures/demo.pcap >"$work/summary"
while read -r expected; do
    grep -qF -- "$expected" "$work/summary" || { echo "the summary does not say \"$expected\""; cat "$work/summary"; exit 1; }
done <tests/captures/demo.expected
