#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs fuzz targets (fuzz.h says what they are).
#
#   run.sh check PROGRAM RUNS          replay the corpus of the target PROGRAM, then go on until RUNS inputs were run;
#                                      findings go to ./findings
#   run.sh search BUILD_TREE SECONDS [TARGET]
#                                      look for new findings, by every target or one; what was learned stays in
#                                      the build cache
#   run.sh merge BUILD_TREE TARGET     add what was learned to the corpus in tests/fuzz/corpus, as far as it covers more
set -eu

usage() {
    echo "usage: run.sh check PROGRAM RUNS | search BUILD_TREE SECONDS [TARGET] | merge BUILD_TREE TARGET" >&2
    exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
# What a target prints is none of our business; the reports of sanitizers and libFuzzer are.
quiet="-close_fd_mask=3 -verbosity=0"

# Memory, by target: a launcher allots zstd's window and buffers; libarchive the windows of zstd and xz.
limits_of() { # TARGET
    case $1 in
    bundle) echo "-malloc_limit_mb=16 -max_len=8192" ;;
    image | layer) echo "-malloc_limit_mb=256 -rss_limit_mb=3072 -max_len=8192" ;;
    *) echo "-malloc_limit_mb=64 -max_len=8192" ;;
    esac
}

check() { # PROGRAM RUNS
    target=$(basename "$1")
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    # New inputs go to the first folder.
    mkdir "$work/new"
    # shellcheck disable=SC2046,SC2086 # options are words
    TMPDIR=$work "$1" $quiet $(limits_of "$target") -seed=1 "-runs=$2" -timeout=60 \
        "-artifact_prefix=$work/" "$work/new" "$here/corpus/$target" || {
        mkdir -p findings
        find "$work" -maxdepth 1 -type f -exec mv {} "findings/" \;
        echo "fuzz: $target found something; the input is in $(pwd)/findings" >&2
        exit 1
    }
}

search() { # BUILD_TREE SECONDS [TARGET]
    programs=$1/tests/fuzz
    learned=$("$here/../../packaging/build-cache.sh")/fuzz
    findings=$1/findings
    status=0
    if [ -n "${3-}" ] && [ ! -d "$here/corpus/$3" ]; then
        echo "fuzz: there is no target $3; there are: $(cd "$here/corpus" && echo *)" >&2
        exit 2
    fi
    for corpus in "$here"/corpus/*/; do
        target=$(basename "$corpus")
        [ "${3:-$target}" = "$target" ] || continue
        mkdir -p "$learned/$target" "$findings/$target"
        work=$(mktemp -d)
        log=$work/log
        # shellcheck disable=SC2046,SC2086
        if TMPDIR=$work "$programs/$target" $quiet $(limits_of "$target") "-max_total_time=$2" -timeout=60 \
            -print_final_stats=1 "-artifact_prefix=$findings/$target/" "$learned/$target" "$corpus" >"$log" 2>&1; then
            echo "fuzz: $target: nothing in $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
        else
            status=1
            cat "$log" >&2
        fi
        rm -rf "$work"
    done
    [ $status = 0 ] || cat >&2 <<END
fuzz: something was found; the inputs are in $findings
  what to do  see the report above; the same again:  $programs/TARGET INPUT
              fix it, and add the input to tests/fuzz/corpus/TARGET, named after what it was
END
    return $status
}

merge() { # BUILD_TREE TARGET
    learned=$("$here/../../packaging/build-cache.sh")/fuzz/$2
    # shellcheck disable=SC2046,SC2086
    "$1/tests/fuzz/$2" $quiet $(limits_of "$2") -merge=1 "$here/corpus/$2" "$learned"
}

case ${1-} in
check) [ $# -eq 3 ] || usage && check "$2" "$3" ;;
search) [ $# -ge 3 ] || usage && search "$2" "$3" "${4-}" ;;
merge) [ $# -eq 3 ] || usage && merge "$2" "$3" ;;
*) usage ;;
esac
