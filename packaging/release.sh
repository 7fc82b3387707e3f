#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   release.sh DIRECTORY   makes everything that is published, and its checksums, in DIRECTORY, which
#                          appears complete, in place of an older one, or not at all
#
# Made of $PIXELZX_DIST (dist/) by $PIXELZX_PACK (that of the dist preset). Twice is bit-identical.
# With $PIXELZX_SIGNING_KEY, a secret key of `pixelzx-pack keygen` or minisign, each file gets its .minisig;
# $PIXELZX_PASSPHRASE_FILE holds the key's passphrase, else the terminal is asked.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
export PIXELZX_DIST="${PIXELZX_DIST:-$root/dist}"
export PIXELZX_PACK="${PIXELZX_PACK:-$root/build/host/packaging/pixelzx-pack}"
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-0}"

[ $# -eq 1 ] || {
    echo "usage: release.sh DIRECTORY" >&2
    exit 2
}
target=$1
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(dirname "$target")/.release.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

"$root/packaging/image.sh" -o "$work/image-universal.oci.tar"
"$root/packaging/image.sh" --kind slim -o "$work/image-slim.oci.tar"
"$root/packaging/image.sh" --single linux/amd64 -o "$work/image-single-amd64.oci.tar"
"$root/packaging/tarball.sh" "$work"
"$root/packaging/deb.sh" "$work"
cp "$PIXELZX_DIST/sbom.spdx.json" "$work/"
(cd "$work" && LC_ALL=C && sha256sum -- * >.sums && mv .sums SHA256SUMS)
if [ -n "${PIXELZX_SIGNING_KEY-}" ]; then
    set -- sign --key "$PIXELZX_SIGNING_KEY" --version "$("$root/packaging/source-info.sh" version)"
    [ -z "${PIXELZX_PASSPHRASE_FILE-}" ] || set -- "$@" --passphrase-file "$PIXELZX_PASSPHRASE_FILE"
    "$PIXELZX_PACK" "$@" -- "$work"/* >/dev/null
fi

chmod 755 "$work"
rm -rf "$target"
mv -T "$work" "$target"
(cd "$target" && wc -c -- * | sed '$d')
