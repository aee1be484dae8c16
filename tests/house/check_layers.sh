#!/bin/sh
# tools/check-layers finds an include that src/layers.txt does not allow, and passes those it does.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/base" "$work/src/decode" "$work/src/hub/inventory" "$work/src/store"
cp "$CORDON_SOURCE/src/layers.txt" "$work/src/"
check() { # check EXPECTED FILE LINE
    printf '%s\n' "$3" >"$work/src/$2"
    if "$CORDON_SOURCE/tools/check-layers" "$work" >"$work/out"; then got=allowed; else got=refused; fi
    [ $got = "$1" ] || { echo "$2: $3: expected $1"; cat "$work/out"; exit 1; }
    rm "$work/src/$2"
}
check allowed decode/x.c '#include "base/reader.h"'
check allowed hub/inventory/x.c '#include "hub/inventory/identity.h"'
check allowed hub/inventory/x.c '#include "store/query.h"'
check allowed store/x.c '#include <sqlite3.h>'
check refused hub/inventory/x.c '#include <sqlite3.h>'
check refused base/x.c '#include "decode/packet.h"'
check refused decode/x.c '#  include "flow/table.h"'
check refused hub/inventory/x.c '#include "protocols/modbus.h"'
check refused base/x.c '#include "reader.h"'
check refused base/x.c '#include "../decode/packet.h"'
check refused base/x.c '#include "cellar/wine.h"'
mkdir "$work/src/cellar"
check refused cellar/x.c '#include "base/reader.h"'
echo "layers are checked"
