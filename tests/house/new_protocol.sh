#!/bin/sh
# What tools/new-protocol writes compiles without a warning and passes its own test, as written. timeout: 300
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tests" "$work/tools" "$work/docs"
cp -r "$CORDON_SOURCE/src" "$work/src"
cp -r "$CORDON_SOURCE/tests/protocols" "$work/tests/protocols"
cp "$CORDON_SOURCE/tools/new-protocol" "$work/tools/"
id=zz_example
"$work/tools/new-protocol" $id >/dev/null
grep -q "^CD_PROTOCOL($id)\$" "$work/src/protocols/protocols.def" || { echo "protocols.def has no line $id"; exit 1; }
if "$work/tools/new-protocol" $id 2>/dev/null; then echo "it wrote over an existing protocol"; exit 1; fi
if "$work/tools/new-protocol" 'Bad-Name' 2>/dev/null; then echo "it took a bad name"; exit 1; fi

cached() {
    sed -n "s/^$1:[A-Z]*=//p" "$CORDON_BUILD/CMakeCache.txt"
}
sanitize=$(cached CORDON_SANITIZE)
set -- -std=gnu11 -D_GNU_SOURCE -O1 -g -I"$work/src" -I"$work/tests" -Wall -Wextra -Wshadow -Wno-sign-conversion \
    -Wstrict-prototypes -Wvla -Werror
[ -z "$sanitize" ] || set -- "$@" "-fsanitize=$sanitize"
cc=$(cached CMAKE_C_COMPILER)
"$cc" "$@" -Wmissing-prototypes -include "$work/src/base/banned.h" -c "$work/src/protocols/$id.c" -o "$work/$id.o"
"$cc" "$@" -c "$work/tests/protocols/$id/test_$id.c" -o "$work/test.o"
# The registry of the build does not know the new protocol, and need not: the harness is given the dissector itself.
lib=$CORDON_BUILD/libcd_
# shellcheck disable=SC2046 # each word is an argument
"$cc" "$@" "$work/test.o" "$work/$id.o" -o "$work/test" -Wl,--start-group \
    $(for room in test_protocols protocols flow observe observation decode base; do
        [ ! -f "$lib$room.a" ] || echo "$lib$room.a"
    done) -Wl,--end-group $(pkg-config --libs cmocka libprotobuf-c libsodium libndpi) -lpthread -lm
"$work/test"
