#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The linters, over the files that git knows or would add.
#
#   lint.sh format           clang-format, which must have nothing to change
#   lint.sh shell            shellcheck
#   lint.sh tidy BUILD_TREE  clang-tidy, with the compile commands of that build tree
set -eu

usage() {
    echo "usage: lint.sh format | shell | tidy BUILD_TREE" >&2
    exit 2
}

files() { # PATHSPEC...
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
}

# Scripts are told by their first line: some have no suffix.
shell_scripts() {
    files ':!*.cc' ':!*.h' ':!*.py' | while read -r file; do
        if head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba)?sh( |$)'; then printf '%s\n' "$file"; fi
    done
}

# Runs the command with the files of the list, as xargs does. No file at all would check nothing.
over() { # LIST COMMAND...
    if [ -z "$1" ]; then
        echo "lint: git lists no file to check; run this in a clone of the repository" >&2
        exit 1
    fi
    list=$1
    shift
    printf '%s\n' "$list" | xargs "$@"
}

cd "$(dirname "$0")/.."
case ${1-} in
format)
    over "$(files '*.cc' '*.h')" clang-format --dry-run -Werror
    ;;
shell)
    over "$(shell_scripts)" shellcheck
    ;;
tidy)
    [ -f "${2-}/compile_commands.json" ] || usage
    # Files that this tree does not compile (the launcher's main) get the commands of their neighbours.
    over "$(files 'launcher/*.cc' 'node/*.cc' 'packaging/*.cc' 'tests/*.cc')" \
        -n 1 -P "$(nproc)" clang-tidy -p "$2" --quiet
    ;;
*)
    usage
    ;;
esac
