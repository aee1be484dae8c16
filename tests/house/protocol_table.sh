#!/bin/sh
# docs/protocols.md has the row of every protocol that is built.
set -eu
"$CORDON_SOURCE/tools/protocol-table" --check
