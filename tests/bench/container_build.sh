#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   container_build.sh BUILD_IMAGE   times the Dockerfile's build by podman, for one platform and for three
#
# Cold: a commit that was never built, so that everything of ours is compiled, without ccache; packages and
# third-party libraries are those of BUILD_IMAGE and the cache mounts. (With --no-cache podman would compile once for
# each platform.) Commit: another such commit, with ccache, which is useful only if BUILD_IMAGE has a filled one. Warm:
# the same once more. Prints each command and its milliseconds.
set -eu

[ $# -eq 1 ] || {
    echo "usage: container_build.sh BUILD_IMAGE" >&2
    exit 2
}
root=$(cd "$(dirname "$0")/../.." && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

timed() { # NAME OPTION...
    name=$1
    shift
    podman manifest rm localhost/pixelzx-bench >/dev/null 2>&1 || true
    set -- podman build --layers --timestamp 0 --build-arg "BUILD_IMAGE=$image" --platform "$platforms" \
        --build-arg "BUILDPLATFORM=$(podman info --format '{{.Host.OS}}/{{.Host.Arch}}')" \
        --manifest localhost/pixelzx-bench "$@"
    begin=$(date +%s%N)
    "$@" "$root" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        exit 1
    }
    echo "$name, $platforms: $((($(date +%s%N) - begin) / 1000000)) ms   $*"
}

image=$1
for platforms in linux/amd64 linux/amd64,linux/arm64,linux/arm/v7; do
    timed cold --env CCACHE_DISABLE=1 --build-arg "COMMIT=$(date +%s%N)"
    commit=$(date +%s%N)
    timed commit --build-arg "COMMIT=$commit"
    timed warm --build-arg "COMMIT=$commit"
    podman manifest rm localhost/pixelzx-bench >/dev/null
done
