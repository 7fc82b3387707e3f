#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   image.sh OPTION...   `pixelzx-pack image` with all that makes an image PIXELZX's own; OPTIONs are
#                        that command's, with -o
#
# The launchers and the bundle are those of $PIXELZX_DIST (dist/), the program is $PIXELZX_PACK (that of the
# dist preset).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
dist=${PIXELZX_DIST:-$root/dist}

exec "${PIXELZX_PACK:-$root/build/host/packaging/pixelzx-pack}" image \
    --launchers "$dist/launcher" --config "$root/packaging/image.json" \
    --doc "$root/LICENSE" --doc "$dist/sbom.spdx.json" \
    --annotation "org.opencontainers.image.revision=$("$root/packaging/source-info.sh" commit)" \
    "$@" "$dist/pixelzx.bundle"
