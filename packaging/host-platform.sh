#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints the platform that this machine's own compiler builds for, of the six that there are.
set -eu

case $(dpkg --print-architecture) in
amd64) echo linux/amd64 ;;
arm64) echo linux/arm64 ;;
armhf) echo linux/arm/v7 ;;
riscv64) echo linux/riscv64 ;;
ppc64el) echo linux/ppc64le ;;
s390x) echo linux/s390x ;;
*)
    echo "host-platform: PIXELZX has no platform for Debian's $(dpkg --print-architecture);" \
        "build on one of amd64, arm64, armhf, riscv64, ppc64el, s390x" >&2
    exit 1
    ;;
esac
