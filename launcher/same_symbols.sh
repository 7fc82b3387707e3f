#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   same_symbols.sh NM WHOLE PACKED
#
# Fails unless both links of the launcher have put everything at the same place: the cold part was taken from the
# first, and runs in the second.
set -eu
symbols() { # FILE
    "$nm" "$1" | grep -v ' pixelzx_cold_packed' | cut -d ' ' -f 1,3- | sort
}
nm=$1
whole=$(symbols "$2")
packed=$(symbols "$3")
if [ "$whole" != "$packed" ]; then
    rm -f "$3"
    echo "same_symbols: $2 and $3 differ in their addresses; the cold part would not run" >&2
    exit 1
fi
