# SPDX-License-Identifier: Apache-2.0
# Completion of pixelzx for bash; bash-completion loads it by its name.

_pixelzx() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words= files=
    if ((COMP_CWORD == 1)); then
        words='version doctor --help --version'
    else
        case ${COMP_WORDS[1]}:$previous in
        version:--output) words='text json' ;;
        version:*) words='--short --output --help' ;;
        doctor:--lang) words='en ko' ;;
        doctor:--host | doctor:--save-host) files=-d ;;
        doctor:*)
            words='--json --quiet --lang --host --save-host --help'
            files=-f
            ;;
        esac
    fi
    # Names may have blanks: a line each.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; [[ -z $files ]] || compgen $files -- "$current")
}
complete -o filenames -F _pixelzx pixelzx
