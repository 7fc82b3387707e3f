#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   strip_sections.sh READELF FILE
#
# Removes the section headers of an ELF program and what no segment loads: 1 KB that no kernel reads, and strip
# leaves.
set -eu
readelf=$1
file=$2

end=$("$readelf" -lW "$file" | awk '$1 == "LOAD" { print $2, $5 }' | {
    end=0
    while read -r offset size; do
        [ $((offset + size)) -le $end ] || end=$((offset + size))
    done
    echo $end
})
case $("$readelf" -h "$file") in
*ELF64*) e_shoff=40 address=8 e_shentsize=58 ;;
*) e_shoff=32 address=4 e_shentsize=46 ;;
esac

zeros() { # OFFSET COUNT
    dd if=/dev/zero of="$file" bs=1 seek="$1" count="$2" conv=notrunc status=none
}
zeros "$e_shoff" "$address"
zeros "$e_shentsize" 6 # and e_shnum, e_shstrndx
truncate -s "$end" "$file"
