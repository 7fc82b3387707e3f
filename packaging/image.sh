#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   image.sh OPTION...   `pixelzx-pack image` with all that makes an image PIXELZX's own; OPTIONs are
#                        that command's, with -o
#
# The launchers and the bundle are those of $PIXELZX_DIST (dist/), the program is $PIXELZX_PACK (that of the
# dist preset). Without --name, the name is $IMAGE:$TAG (yuchanshin/pixelzx-evm, and the version).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
dist=${PIXELZX_DIST:-$root/dist}

case " $* " in
*' --name '* | *' --name='*) ;;
*) set -- --name "${IMAGE:-yuchanshin/pixelzx-evm}:${TAG:-$("$root/packaging/source-info.sh" version)}" "$@" ;;
esac

exec "${PIXELZX_PACK:-$root/build/host/packaging/pixelzx-pack}" image \
    --launchers "$dist/launcher" --config "$root/packaging/image.json" \
    --doc "$root/LICENSE" --doc "$dist/sbom.spdx.json" \
    --annotation "org.opencontainers.image.revision=$("$root/packaging/source-info.sh" commit)" \
    "$@" "$dist/pixelzx.bundle"
