# SPDX-License-Identifier: Apache-2.0
# Completion of pixelzx for bash; bash-completion loads it by its name.

_pixelzx() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words= files=
    local data='--config --datadir' keys='--keystore --password-file' rpc='--rpc-address --rpc-port'
    local metrics='--metrics-address --metrics-port'
    local network='--network --chain-id --validator' node='--rpc-cors --rpc-hosts --rpc-rate --ws-port --p2p-port --log-level --log-format --log-file --log-file-size --log-files'
    if ((COMP_CWORD == 1)); then
        words='init start account config export import health admin version doctor doctor-exporter --help --version'
    else
        case $command:$previous in
        version:--output | admin:--output | *:--log-format) words='text json' ;;
        *:--network) words='mainnet testnet devnet' ;;
        *:--log-level) words='trace debug info warn error' ;;
        doctor:--lang) words='en ko' ;;
        doctor:--host | doctor:--save-host | *:--datadir | *:--keystore) files=-d ;;
        *:--config | *:--password-file | *:--log-file | init:--genesis) files=-f ;;
        version:*) words='--short --output --help' ;;
        doctor:*)
            words='--json --quiet --lang --host --save-host --help'
            files=-f
            ;;
        account:account) words='new list import --help' ;;
        account:*)
            words="$data $keys --help"
            files=-f
            ;;
        config:config) words='show validate --help' ;;
        config:*) words="$data $keys $rpc $metrics $network $node --help" ;;
        admin:admin) words='status --help' ;;
        admin:*) words="--config $rpc --output --help" ;;
        init:*) words="$data $keys $network --genesis --alloc --help" ;;
        start:*) words="$data $keys $rpc $metrics $network $node --dev --help" ;;
        export:* | import:*)
            words="$data --help"
            files=-f
            ;;
        health:*) words="--config $rpc --help" ;;
        doctor-exporter:*) words="--config $metrics --help" ;;
        esac
    fi
    # Names may have blanks: a line each.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; [[ -z $files ]] || compgen $files -- "$current")
}
complete -o filenames -F _pixelzx pixelzx
