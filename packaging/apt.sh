#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Fetches Debian packages without touching the system's package database or sources: through private apt
# roots in the build cache, from the machine's own mirror, with its proxy and signature checks.
#
#   apt.sh source NAME VERSION DSC_SHA256 DESTDIR   unpack exactly this source package, Debian's patches
#                                                   applied; DSC_SHA256 pins all its parts
#   apt.sh binary SUITE ARCH PACKAGE DESTDIR        unpack the newest PACKAGE of a suite and architecture,
#                                                   e.g. sid riscv64 busybox-static
#   apt.sh versions NAME...                         of each source package, a line for each version that Debian 12, its
#                                                   updates or its security updates have: NAME VERSION DSC_SHA256 SUITE
#
# DESTDIR must not exist; it appears complete or not at all.
set -eu

# The suite whose source packages are pinned.
source_suite=bookworm

fail() { # WHAT WHY TODO
    printf 'apt.sh: %s\n  why         %s\n  what to do  %s\n' "$1" "$2" "$3" >&2
    exit 1
}

usage() {
    echo "usage: apt.sh source NAME VERSION DSC_SHA256 DESTDIR | apt.sh binary SUITE ARCH PACKAGE DESTDIR |" \
        "apt.sh versions NAME..." >&2
    exit 2
}

# Sets uri and signed_by from the machine's own entry of Debian's main archive.
find_mirror() {
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME-}") || codename=
    # Third-party archives may also have a "stable main": Debian's path is .../debian on every mirror.
    # shellcheck disable=SC2016 # these are fields of apt's
    entry=$(apt-get indextargets --no-release-info \
        --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SOURCESENTRY)' 'Created-By: Packages' 2>/dev/null |
        awk -F '|' -v codename="$codename" '
            $3 != "main" || $1 ~ /^cdrom:/ { next }
            $2 != codename && $2 !~ /^(stable|testing|unstable|sid)$/ { next }
            { rank = ($1 ~ /\/debian\//) ? 1 : 2 }
            !(rank in best) { best[rank] = $1 "|" $4 }
            END { print (1 in best) ? best[1] : best[2] }')
    [ -n "$entry" ] || fail "cannot find a Debian mirror" \
        "no entry of this machine's apt sources is of Debian's main archive" \
        "add one to /etc/apt/sources.list or /etc/apt/sources.list.d"
    uri=${entry%%|*}
    find_key "${entry#*|}"
}

# Sets signed_by, of an entry of apt's: FILE:NUMBER.
find_key() {
    file=$1
    number=${file##*:}
    file=${file%:*}
    # Apt does not tell the key ring: read line NUMBER of a .list, stanza NUMBER of a .sources file.
    case $file in
    *.sources)
        signed_by=$(grep -v '^#' "$file" | awk -v RS= -v n="$number" 'NR == n' |
            sed -n 's/^[Ss]igned-[Bb]y:[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1/p')
        ;;
    *) signed_by=$(sed -n "${number}s/.*[[ ]signed-by=\([^] ]*\).*/\1/p" "$file") ;;
    esac
    # A key written into the sources file itself cannot be named in our one-line entry.
    case $signed_by in
    /*) ;;
    *) signed_by=/usr/share/keyrings/debian-archive-keyring.gpg ;;
    esac
}

# Enters the private root for packages of a kind, and waits for whoever uses it.
open_root() { # deb|deb-src SUITE ARCH
    find_mirror
    suite=$2
    case $1 in
    deb) index=Packages ;;
    deb-src) index=Sources ;;
    esac
    enter_root "$1-$suite-$3-$(printf %s "$uri" | sha256sum | cut -c 1-12)" "$3" \
        "$1 [signed-by=$signed_by target=$index] $uri $suite main"
}

# Enters the one for the sources of all of Debian 12 that this machine's apt knows: with its updates.
open_source_roots() {
    suite=$source_suite
    entries=
    # shellcheck disable=SC2016 # these are fields of apt's
    targets=$(apt-get indextargets --no-release-info \
        --format '$(RELEASE) $(REPO_URI) $(SOURCESENTRY)' 'Created-By: Packages' 'Component: main' 2>/dev/null |
        awk -v suite="$suite" '$1 ~ "^" suite "(-security|-updates)?$" && $2 !~ /^cdrom:/ && !seen[$1]++')
    while read -r release uri entry; do
        [ -n "$release" ] || continue
        find_key "$entry"
        entries="$entries
deb-src [signed-by=$signed_by target=Sources] $uri $release main"
    done <<END
$targets
END
    case $entries in
    *"$suite main"*"$suite-security main"* | *"$suite-security main"*"$suite main"*) ;;
    *)
        fail "cannot tell what Debian's security updates have" \
            "this machine's apt sources have no entry of $suite and $suite-security" \
            "add both to /etc/apt/sources.list or /etc/apt/sources.list.d"
        ;;
    esac
    uri="this machine's mirrors"
    enter_root "sources-$suite-$(printf %s "$entries" | sha256sum | cut -c 1-12)" "$(dpkg --print-architecture)" "$entries"
}

enter_root() { # NAME ARCH SOURCES.LIST
    root=$cache/apt/$1
    mkdir -p "$root/lists/partial" "$root/archives/partial"
    exec 9>"$root/lock"
    flock 9
    echo "$3" >"$root/sources.list"
    : >"$root/status"
    cat >"$root/apt.conf" <<END
Dir::State "$root";
Dir::State::status "$root/status";
Dir::Cache "$root";
Dir::Etc::sourcelist "$root/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
#clear APT::Architectures;
APT::Architecture "$2";
APT::Architectures { "$2"; };
#clear APT::Update;
#clear DPkg;
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
END
    refreshed=no
    [ -n "$(find "$root/refreshed" -mmin -1440 2>/dev/null)" ] || refresh
}

refresh() {
    if apt-get -q -c "$root/apt.conf" update >"$root/log" 2>&1; then
        refreshed=yes
        touch "$root/refreshed"
    elif [ -e "$root/refreshed" ]; then
        # Offline, older lists may still serve; if not, the download says so.
        refreshed=failed
    else
        grep -E '^(E|W|Err)' "$root/log" >&2 || cat "$root/log" >&2
        fail "cannot fetch the package lists of $suite from $uri" "apt's own words are above" \
            "check the network and this machine's apt sources, then run this again"
    fi
}

# Runs apt-get in the download directory, once more with new lists if it fails. Apt's words go to a log.
download() { # APT-GET ARGUMENTS...
    (cd "$work/download" && apt-get -q -c "$root/apt.conf" "$@") >"$root/log" 2>&1 && return
    [ "$refreshed" = no ] || return 1
    refresh
    (cd "$work/download" && apt-get -q -c "$root/apt.conf" "$@") >"$root/log" 2>&1
}

not_downloaded() { # WHAT VERSIONS TODO
    grep -E '^(E|W|Err)' "$root/log" >&2 || true
    if [ "$refreshed" = failed ]; then
        fail "cannot download $1" "the package lists of $suite could not be refreshed from $uri" \
            "check the network, then run this again"
    fi
    fail "cannot download $1" "$suite at $uri has ${2:-no version of it}" "$3"
}

fetch_source() { # NAME VERSION DSC_SHA256 DESTDIR
    # An epoch is no part of a file name.
    dsc=$1_${2#*:}.dsc
    store=$cache/sources/$1_${2#*:}
    # What was downloaded once is kept, so that a changed recipe builds offline, and after Debian moved on.
    is_stored() { echo "$3  $store/$dsc" | sha256sum --check --status 2>/dev/null; }
    if ! is_stored "$@"; then
        open_root deb-src "$source_suite" "$(dpkg --print-architecture)"
        # Another run may have stored it while this one waited.
        is_stored "$@" || store_source "$@"
    fi
    dpkg-source --no-copy --require-strong-checksums -x "$store/$dsc" "$staging/unpacked" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        fail "cannot unpack the source package $1 $2" "dpkg-source's own words are above" \
            "if a checksum is wrong, delete $store and run this again"
    }
    mv -T "$staging/unpacked" "$4"
}

store_source() { # NAME VERSION DSC_SHA256
    download source --only-source --download-only "$1=$2" ||
        not_downloaded "source package $1 $2" \
            "$(apt-cache -c "$root/apt.conf" showsrc --only-source "$1" 2>/dev/null |
                sed -n 's/^Version: //p' | xargs)" \
            "pin a version that is there, with the SHA-256 of its .dsc"
    actual=$(sha256sum "$work/download/$dsc" | cut -d ' ' -f 1)
    [ "$actual" = "$3" ] || fail "the source package $1 $2 is not the one that is pinned" \
        "$dsc has SHA-256 $actual, expected $3" "find out why it differs before pinning another sum"
    rm -rf "$store"
    mkdir -p "$cache/sources"
    mv -T "$work/download" "$store"
}

fetch_binary() { # SUITE ARCH PACKAGE DESTDIR
    open_root deb "$1" "$2"
    download download "$3" ||
        not_downloaded "package $3 for $2" \
            "$(apt-cache -c "$root/apt.conf" show "$3" 2>/dev/null | sed -n 's/^Version: //p' | xargs)" \
            "choose a suite and architecture that have it"
    mkdir "$staging/unpacked"
    dpkg-deb -x "$work/download"/*.deb "$staging/unpacked"
    mv -T "$staging/unpacked" "$4"
}

list_versions() { # NAME...
    open_source_roots
    [ "$refreshed" != failed ] ||
        echo "apt.sh: warning: Debian's package lists could not be refreshed; those of $(date -r "$root/refreshed" +%F) serve" >&2
    # shellcheck disable=SC2016 # these are fields of apt's
    apt-get -c "$root/apt.conf" indextargets --format '$(RELEASE) $(FILENAME)' 'Created-By: Sources' |
        while read -r release file; do
            /usr/lib/apt/apt-helper -c "$root/apt.conf" cat-file "$file" | awk -v names="$*" -v suite="$release" '
                BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) wanted[list[i]] = 1 }
                $1 == "Package:" { name = $2 }
                $1 == "Version:" { version = $2 }
                length($1) == 64 && $3 ~ /\.dsc$/ { digest = $1 }
                /^$/ { if (name in wanted) print name, version, digest, suite; name = "" }
                END { if (name in wanted) print name, version, digest, suite }'
        done
}

cache=$("$(dirname "$0")/build-cache.sh")
if [ "${1-}" = versions ] && [ $# -gt 1 ]; then
    shift
    list_versions "$@"
    exit
fi

[ $# -eq 5 ] || usage
eval "destination=\${$#}"
[ ! -e "$destination" ] || fail "cannot write $destination" "it exists" "delete it, or name another directory"
mkdir -p "$(dirname "$destination")"
destination=$(cd "$(dirname "$destination")" && pwd)/$(basename "$destination")

mkdir -p "$cache/tmp"
# Each on the file system of its result, so that the last step is a rename.
work=$(mktemp -d "$cache/tmp/fetch.XXXXXX")
mkdir "$work/download"
staging=$(mktemp -d "$(dirname "$destination")/.fetch.XXXXXX")
trap 'rm -rf "$work" "$staging"' EXIT
trap 'exit 130' INT TERM HUP

case $1 in
source) fetch_source "$2" "$3" "$4" "$destination" ;;
binary) fetch_binary "$2" "$3" "$4" "$destination" ;;
*) usage ;;
esac
