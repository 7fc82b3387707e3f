#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   build-dist.sh DIRECTORY [PLATFORM]
#
# Builds the launchers and the bundle for all platforms, or for one, into DIRECTORY; says how long each
# step took and how large the results are.
set -eu

cd "$(dirname "$0")/.."
directory=$PWD/$1
platform=${2-}

step() { # NAME COMMAND...
    name=$1
    shift
    begin=$(date +%s)
    "$@"
    echo "$name: $(($(date +%s) - begin)) s"
}

third_party() {
    if [ -z "$platform" ]; then
        packaging/third_party/build.sh all
    else
        packaging/third_party/build.sh "$platform" musl
        packaging/third_party/build.sh "$platform" glibc
    fi >/dev/null
}

build() {
    tree=build/dist
    [ -z "$platform" ] || tree=build/run
    set -- --preset dist -B "$tree" "-DPIXELZX_DIST_DIR=$directory"
    [ -z "$platform" ] || set -- "$@" "-DPIXELZX_PLATFORMS=$platform"
    log=$tree.log
    mkdir -p build
    if ! { cmake "$@" && cmake --build "$tree"; } >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        echo "build-dist: the build failed; the whole log is $log" >&2
        exit 1
    fi
}

step "third-party libraries" third_party
step "launchers, node and bundle" build
(cd "$directory" && wc -c pixelzx.bundle launcher/*/pixelzx | sed '$d' |
    while read -r size file; do printf '%10d bytes  %s\n' "$size" "$file"; done)
