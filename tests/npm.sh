#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what FOLDER/package-lock.json pins, once, into the build cache, and prints where its node_modules is.
#
#   npm.sh FOLDER
set -eu

folder=$1
name=$(basename "$folder")
cache=$("$(dirname "$0")/../packaging/build-cache.sh")/$name
installed=$cache/$(sha256sum "$folder/package-lock.json" | cut -c 1-16)
if [ ! -d "$installed" ]; then
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/.install.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    cp "$folder/package.json" "$folder/package-lock.json" "$work"
    (cd "$work" && npm ci --silent --ignore-scripts --no-audit --no-fund) >&2 || {
        echo "npm.sh: npm could not install what $folder needs; check the network, then run this again" >&2
        exit 1
    }
    # Another run may have been faster.
    mv -T "$work" "$installed" 2>/dev/null || [ -d "$installed" ]
fi
echo "$installed"
