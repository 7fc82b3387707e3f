#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints the folder of what is built or fetched once, outside the source tree: $PIXELZX_BUILD_CACHE, else
# pixelzx-build in the user's cache folder, else one below /var/tmp. It may be deleted at any time.
set -eu

cache_home=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
cache=${PIXELZX_BUILD_CACHE:-${cache_home:+$cache_home/pixelzx-build}}
echo "${cache:-/var/tmp/pixelzx-build-$(id -u)}"
