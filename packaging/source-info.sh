#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
#   source-info.sh version | commit | branch
#
# Prints what these sources are, as the node tells it: the version; 12 digits of the commit, then -dirty if the
# sources differ; the branch. Where there is no repository: PIXELZX_COMMIT and PIXELZX_BRANCH, else `unknown`.
set -eu

cd "$(dirname "$0")/.."

# As in cmake/build_info.cmake: not some other repository that the sources lie in.
in_repository() {
    git rev-parse -q --verify HEAD >/dev/null 2>&1 && [ -z "$(git rev-parse --show-cdup)" ]
}

case ${1-} in
version)
    sed -n 's/^project(pixelzx VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt
    ;;
commit)
    if in_repository; then
        changes=$(GIT_OPTIONAL_LOCKS=0 git status --porcelain --untracked-files=no)
        echo "$(git rev-parse HEAD | cut -c 1-12)${changes:+-dirty}"
    else
        echo "${PIXELZX_COMMIT:-unknown}"
    fi
    ;;
branch)
    if in_repository; then
        git symbolic-ref --quiet --short HEAD || echo detached
    else
        echo "${PIXELZX_BRANCH:-unknown}"
    fi
    ;;
*)
    echo "usage: source-info.sh version | commit | branch" >&2
    exit 2
    ;;
esac
