#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154,SC2170 # pixelzx-pack puts the parts together; a test checks the whole
#
# How install.sh and the .run file say what is wrong, in English and Korean: what, why, what to do, as the
# launcher does. pixelzx-pack puts the launcher's texts in place of @NAME@: @PZX_nnn@ is the code, and title,
# why and what to do in both languages.

# The language of the launcher's messages: the first of these variables that is set.
case ${LC_ALL:-${LC_MESSAGES:-${LANG-}}} in
ko | ko[_.@]*) pzx_language=ko ;;
*) pzx_language=en ;;
esac

# Sets pzx_text to the one in the user's language.
pzx_say() { # ENGLISH KOREAN
    if [ $pzx_language = ko ]; then pzx_text=$2; else pzx_text=$1; fi
}

# A line with a label in a column of its own.
pzx_line() { # ENGLISH-LABEL KOREAN-LABEL TEXT
    pzx_say "$1" "$2"
    printf '%s%s\n' "$pzx_text" "$3"
}

# Says what is wrong and leaves with status pzx_exit. pzx_cannot: what cannot be done; pzx_seen: lines of
# evidence, or nothing.
pzx_fail() { # CODE-OR-NOTHING TITLE WHY TODO, and these three in Korean
    pzx_code=$1
    if [ $pzx_language = ko ]; then shift 3; fi
    {
        printf '%s: %s%s\n\n%s' "$pzx_cannot" "$2" "${pzx_code:+  [$pzx_code]}" "${pzx_seen-}"
        pzx_line @LABEL_WHY@ "$3"
        pzx_line @LABEL_DO@ "$4"
    } >&2
    exit "$pzx_exit"
}

# Not even a launcher exists for the machine.
pzx_no_launcher() {
    pzx_release=$(uname -r)
    pzx_say @KERNEL@
    pzx_machine_line="$pzx_platform, $pzx_text"
    # The one architecture whose two byte orders are easily taken for each other.
    if [ "$pzx_platform" = linux/ppc64 ]; then
        pzx_say 'big-endian; ppc64le is the little-endian one' '빅 엔디언. 리틀 엔디언은 ppc64le'
        pzx_machine_line="$pzx_machine_line, $pzx_text"
    fi
    pzx_seen=$(
        pzx_line @LABEL_MACHINE@ "$pzx_machine_line"
        pzx_line @LABEL_OFFER@ @OFFER@
    )
    pzx_seen="$pzx_seen
"
    pzx_fail @PZX_101@
}
