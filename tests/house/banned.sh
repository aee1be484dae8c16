#!/bin/sh
# Each function that src/base/banned.h bans is a compile error; code without them compiles.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
header=$CORDON_SOURCE/src/base/banned.h
compiles() {
    cc -std=gnu11 -D_GNU_SOURCE -O2 -w -fsyntax-only -include "$header" "$@" "$work/try.c" 2>/dev/null
}
failures=0
count=0
for name in $(sed -n 's/^#define \([a-z]*\)(\.\.\.) CD_BANNED.*/\1/p' "$header"); do
    echo "void try(void); void try(void) { (void)$name(0); }" >"$work/try.c"
    count=$((count + 1))
    if compiles; then
        echo "$name() compiles"
        failures=$((failures + 1))
    fi
done
[ $count -ge 25 ] || { echo "only $count functions found in $header"; exit 1; }
echo 'int try(const char *text); int try(const char *text) { return (int)strlen(text); }' >"$work/try.c"
compiles || { echo "sound code does not compile"; exit 1; }
echo 'void *try(void); void *try(void) { return malloc(1); }' >"$work/try.c"
compiles -DCD_BANNED_ALLOW_ALLOC= || { echo "CD_BANNED_ALLOW_ALLOC does not allow malloc"; exit 1; }
echo "$count functions banned, $failures of them compile"
[ $failures = 0 ]
