# SPDX-License-Identifier: Apache-2.0
# Completion of pixelzx-pack for bash; bash-completion loads it by its name.

_pixelzx_pack() {
    local current=${COMP_WORDS[COMP_CWORD]} words= files=
    local platforms='linux/amd64 linux/arm64 linux/arm/v7 linux/riscv64 linux/ppc64le linux/s390x'
    if ((COMP_CWORD == 1)); then
        words='create import list verify extract attach image run tarball doctor fleet select keygen sign --help --version'
    else
        case ${COMP_WORDS[COMP_CWORD - 1]} in
        --kind) words='universal slim' ;;
        --compression) words='gzip zstd' ;;
        --lang) words='en ko' ;;
        --output) words='text json' ;;
        --platform | --single | --host) words=$platforms ;;
        --launchers | --layers) files=-d ;;
        --program | --version | --level | --name | --annotation | --offer | --prefix) ;;
        *)
            files=-f
            case ${COMP_WORDS[1]} in
            create) words='--program --version --share --level --prefix --reuse --doctor --own-name --allow-dynamic --quiet -q -o' ;;
            import) words='--program --version --doctor --own-name --allow-dynamic --quiet -q -o' ;;
            list) words='--output' ;;
            verify) words='--key --signature --installed' ;;
            keygen) words='--no-passphrase --passphrase-file -o' ;;
            sign) words='--key --passphrase-file --version' ;;
            extract) words='-o' ;;
            attach) words='-o' ;;
            image) words='--kind --launchers --platform --single --compression --config --doc --name --annotation --layers --quiet -q -o' ;;
            run) words='--launchers -o' ;;
            tarball) words='--launchers --sbom --file -o' ;;
            doctor) words='--json --lang' ;;
            fleet) words='--bundle --json --lang -o' ;;
            select) words='--host --offer' ;;
            esac
            words="$words --help"
            ;;
        esac
    fi
    # Names may have blanks: a line each.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; [[ -z $files ]] || compgen $files -- "$current")
}
complete -o filenames -F _pixelzx_pack pixelzx-pack
