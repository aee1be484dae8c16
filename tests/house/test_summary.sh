#!/bin/sh
# tools/test-summary counts what ctest reports, and fails when it should.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
expect() { # expect EXIT-CODE LINE; the report on standard input
    cat >"$work/report.xml"
    code=0
    line=$("$CORDON_SOURCE/tools/test-summary" "$work/report.xml") || code=$?
    if [ "$code" != "$1" ] || [ "$line" != "$2" ]; then
        echo "expected $1 \"$2\", got $code \"$line\""
        exit 1
    fi
}
passed='<testcase name="a" time="0.1" status="run"><system-out></system-out></testcase>'
failed='<testcase name="b" time="0.1" status="fail"><failure message=""/></testcase>'
skipped='<testcase name="c" time="0" status="notrun">
<skipped message="SKIP_RETURN_CODE=77"/></testcase>'
missing='<testcase name="d" time="0" status="notrun">
<skipped message="Unable to find executable"/></testcase>'
printf '%s\n' "$passed" "$passed" | expect 0 "2 passed, 0 failed"
printf '%s\n' "$passed" "$skipped" | expect 0 "1 passed, 0 failed, 1 skipped"
printf '%s\n' "$passed" "$failed" | expect 1 "1 passed, 1 failed"
printf '%s\n' "$passed" "$missing" | expect 1 "1 passed, 1 failed"
printf '%s\n' "$skipped" | expect 1 "0 passed, 0 failed, 1 skipped"
printf '' | expect 1 "0 passed, 0 failed"
code=0
line=$("$CORDON_SOURCE/tools/test-summary" "$work/none.xml") || code=$?
[ "$code $line" = "1 0 passed, 1 failed" ] || { echo "no report: $code $line"; exit 1; }
echo "test-summary counts right"
