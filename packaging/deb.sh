#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   deb.sh DIRECTORY   makes pixelzx_VERSION_ARCHITECTURE.deb in DIRECTORY, for each platform of the bundle
#
# Made of $PIXELZX_DIST (dist/) by $PIXELZX_PACK (that of the dist preset) and CPack. Twice is bit-identical.
set -eu
umask 022

root=$(cd "$(dirname "$0")/.." && pwd)
dist=${PIXELZX_DIST:-$root/dist}
pack=${PIXELZX_PACK:-$root/build/host/packaging/pixelzx-pack}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-0}"
[ $# -eq 1 ] || {
    echo "usage: deb.sh DIRECTORY" >&2
    exit 2
}
mkdir -p "$1"
work=$(mktemp -d "$1/.deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
stage=$(cd "$work" && pwd)
export PIXELZX_DEB_STAGE="$stage"

# The layers of the slim image have a launcher and the installed form of the bundle for one platform each.
"$pack" image --quiet --kind slim --compression zstd --launchers "$dist/launcher" --layers "$stage/layers" \
    -o "$stage/image" "$dist/pixelzx.bundle"
PIXELZX_DEB_VERSION=$(tar -xOf "$dist/pixelzx.bundle" pixelzx.index | sed -n 's/^program pixelzx //p')
export PIXELZX_DEB_VERSION

# What is the same for all of them. $stage/all has the tree.
add() { # SOURCE PATH
    install -D -m 644 "$1" "$stage/all/$2"
}
add_gzipped() { # PATH: of what is read from standard input
    mkdir -p "$stage/all/${1%/*}"
    gzip -9n >"$stage/all/$1"
}
here=$root/packaging
doc=usr/share/doc/pixelzx
mkdir "$stage/all"
sed 's|/usr/local/|/usr/|g' "$here/systemd/pixelzx.service" >"$stage/unit"
add "$stage/unit" usr/lib/systemd/system/pixelzx.service
add "$here/systemd/pixelzx.sysusers" usr/lib/sysusers.d/pixelzx.conf
add_gzipped usr/share/man/man1/pixelzx.1.gz <"$here/man/pixelzx.1"
add "$here/completions/pixelzx.bash" usr/share/bash-completion/completions/pixelzx
add "$here/completions/_pixelzx" usr/share/zsh/vendor-completions/_pixelzx
add "$here/completions/pixelzx.fish" usr/share/fish/vendor_completions.d/pixelzx.fish
add "$here/deb/lintian-overrides" usr/share/lintian/overrides/pixelzx
# A line @NAME@ stands for the text licenses/NAME.txt, as the format wants it.
awk -v licenses="$here/third_party/licenses" '
    !/^@.*@$/ { print; next }
    {
        file = licenses "/" substr($0, 2, length($0) - 2) ".txt"
        while ((got = (getline line < file)) > 0) print line ~ /^[[:space:]]*$/ ? " ." : " " line
        if (got < 0) { print "deb.sh: cannot read " file >"/dev/stderr"; exit 1 }
        close(file)
    }' "$here/deb/copyright" >"$stage/copyright"
add "$stage/copyright" $doc/copyright
maintainer=$(sed -n 's/^set(CPACK_PACKAGE_CONTACT "\(.*\)")$/\1/p' "$here/deb/CPackConfig.cmake")
add_gzipped $doc/changelog.gz <<END_CHANGELOG
pixelzx ($PIXELZX_DEB_VERSION) stable; urgency=medium

  * What is new: /$doc/NEWS.md.gz

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END_CHANGELOG
add_gzipped $doc/NEWS.md.gz <"$root/CHANGELOG.md"

for layer in "$stage"/layers/linux-*.tar; do
    platform=$(basename "$layer" .tar)
    case $platform in
    linux-arm-v7) architecture=armhf ;;
    linux-ppc64le) architecture=ppc64el ;;
    *) architecture=${platform#linux-} ;;
    esac
    mkdir -p "$stage/$architecture/usr/bin" "$stage/$architecture/usr/lib" "$stage/unpacked"
    tar -C "$stage/unpacked" --no-same-owner -xf "$layer"
    home=$stage/unpacked/opt/pixelzx
    mv "$home/launcher/$platform/pixelzx" "$stage/$architecture/usr/bin/"
    rm -r "$home/launcher"
    mv "$home" "$stage/$architecture/usr/lib/"
    rm -r "$stage/unpacked"
    export PIXELZX_DEB_ARCHITECTURE="$architecture"
    cpack --config "$here/deb/CPackConfig.cmake" -B "$stage/packages" >"$stage/log" 2>&1 || {
        cat "$stage/log" >&2
        exit 1
    }
done
mv "$stage"/packages/*.deb "$1/"
