#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   tarball.sh DIRECTORY   makes what is installed without containers: pixelzx-VERSION-linux.tar.zst and
#                          .tar.gz, and pixelzx.run
#
# Made of $PIXELZX_DIST (dist/) by $PIXELZX_PACK (that of the dist preset).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
dist=${PIXELZX_DIST:-$root/dist}
pack=${PIXELZX_PACK:-$root/build/host/packaging/pixelzx-pack}
[ $# -eq 1 ] || {
    echo "usage: tarball.sh DIRECTORY" >&2
    exit 2
}

for format in zst gz; do
    "$pack" tarball --launchers "$dist/launcher" --sbom "$dist/sbom.spdx.json" \
        --file "LICENSE=$root/LICENSE" --file "licenses=$root/packaging/third_party/licenses" \
        --file "man/pixelzx.1=$root/packaging/man/pixelzx.1" \
        --file "completions/pixelzx.bash=$root/packaging/completions/pixelzx.bash" \
        --file "completions/_pixelzx=$root/packaging/completions/_pixelzx" \
        --file "completions/pixelzx.fish=$root/packaging/completions/pixelzx.fish" \
        --file "systemd=$root/packaging/systemd" \
        -o "$1/pixelzx-$("$root/packaging/source-info.sh" version)-linux.tar.$format" "$dist/pixelzx.bundle"
done
"$pack" run --launchers "$dist/launcher" -o "$1/pixelzx.run" "$dist/pixelzx.bundle"
