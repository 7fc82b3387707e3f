#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   security-status.sh [--index FILE] [SBOM]
#
# Compares the version of each library in the SBOM (dist/sbom.spdx.json) with the newest that Debian 12 has, its updates
# and security updates included, and says which lag. FILE: what `apt.sh versions` has printed, in place of asking now.
#
# Exit status: 0 all are the newest, 1 some lag, 2 that could not be found out.
#
# A newer version need not mend a flaw, nor need a flaw of the library be one of our programs; what changed is in the
# changelog of the source package, and on Debian's security tracker.
set -eu

fail() { # WHAT WHY TODO
    printf 'security-status: %s\n  why         %s\n  what to do  %s\n' "$1" "$2" "$3" >&2
    exit 2
}

index=
if [ "${1-}" = --index ] && [ $# -ge 2 ]; then
    index=$2
    shift 2
fi
case $#${1-} in
0 | 1[!-]*) ;;
*)
    echo "usage: security-status.sh [--index FILE] [SBOM]" >&2
    exit 2
    ;;
esac
here=$(dirname "$0")
sbom=${1-$here/../dist/sbom.spdx.json}
[ -r "$sbom" ] || fail "cannot read $sbom" "there is no such file for this user" "run make dist, or name an SBOM"

# cmake/sbom.cmake writes a package URL on one line.
libraries=$(sed -n 's,.*"pkg:deb/debian/\([^"@]*\)@\([^"?]*\)?arch=source.*,\1 \2,p' "$sbom" | sed 's/%2B/+/g' | sort -u)
[ -n "$libraries" ] || fail "$sbom names no library" "no package in it has a URL pkg:deb/debian/…" \
    "name an SBOM that was written by make dist"
if [ -n "$index" ]; then
    versions=$(cat "$index") || fail "cannot read $index" "cat says so above" "name what apt.sh versions has printed"
else
    # shellcheck disable=SC2046 # names are words
    versions=$("$here/apt.sh" versions $(printf '%s\n' "$libraries" | cut -d ' ' -f 1 | sort -u)) ||
        fail "cannot tell whether the libraries are up to date" "Debian's index of sources is not to be had; see above" \
            "run this where the network and the machine's apt sources reach it"
fi

# Sets newest and suite.
find_newest() { # NAME
    newest=
    suite=
    while read -r candidate in_debian _ in_suite; do
        [ "$candidate" = "$1" ] || continue
        if [ -z "$newest" ] || dpkg --compare-versions "$in_debian" gt "$newest"; then
            newest=$in_debian suite=$in_suite
        fi
    done <<END
$versions
END
}

status=0
while read -r name version; do
    find_newest "$name"
    if [ -z "$newest" ]; then
        printf '%-16s %-24s unknown: not in the index\n' "$name" "$version"
        status=2
    elif dpkg --compare-versions "$version" lt "$newest"; then
        printf '%-16s %-24s LAGS behind %s (%s)\n' "$name" "$version" "$newest" "$suite"
        [ $status -ne 0 ] || status=1
    else
        printf '%-16s %-24s newest\n' "$name" "$version"
    fi
done <<END
$libraries
END
exit $status
