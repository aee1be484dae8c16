#!/bin/sh
# The demo is a plant that plantsim plays; what is found in it is what is true of it, and the summary says what demo.expected lists.
set -eu
plantsim=$CORDON_BUILD/tools/plantsim
[ -x "$plantsim" ] || { echo "$plantsim is not built"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$plantsim" --plant water --devices 24 --duration 60 --out "$work/water.pcap" --truth "$work/truth.json"
"$CORDON_SOURCE/tests/e2e/demo_check" "$CORDON" "$work"
