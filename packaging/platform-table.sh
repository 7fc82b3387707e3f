#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   platform-table.sh FILE   builds and tests the image of each platform of PLATFORMS, and appends a Markdown
#                            table of it to FILE, such as $GITHUB_STEP_SUMMARY; fails if a platform did
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -eq 1 ] || {
    echo "usage: platform-table.sh FILE" >&2
    exit 2
}

status=0
printf '| platform | size of the image | build | test | result |\n|---|---:|---:|---:|---|\n' >>"$1"
for platform in $("$root/packaging/docker.sh" platforms); do
    export PLATFORMS="$platform"
    result=failed tested=
    begin=$(date +%s)
    if "$root/packaging/docker.sh" multi; then
        built=$(date +%s)
        if "$root/packaging/docker.sh" test; then result=passed; fi
        tested="$(($(date +%s) - built)) s"
    else
        built=$(date +%s)
    fi
    [ $result = passed ] || status=1
    # Podman keeps its images elsewhere.
    size=$([ ! -f "$root/dist/image-multi.oci.tar" ] || wc -c <"$root/dist/image-multi.oci.tar")
    echo "| $platform | ${size:-?} | $((built - begin)) s | $tested | $result |" >>"$1"
done
exit $status
