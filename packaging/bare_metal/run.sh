#!/bin/sh
# @PROGRAM@ @VERSION@ for every Linux machine, in one file: this shell script, launchers, and a bundle.
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154,SC2170 # pixelzx-pack puts the parts together; a test checks the whole
#
# A start is a start of the shell: no process but this one, up to the exec of a launcher that was copied out
# before. Names begin with pzx_, since others could be those of variables that the program is to get.

# @INCLUDE host.sh@

case $0 in
*/*) pzx_self=$0 ;;
*) pzx_self=./$0 ;; # sh pixelzx.run
esac

# The true kernel's architecture, as the launcher tells it: uname and the shell itself may be emulated.
# Linux 6.1 and later say so; before, there are folders that exist on one architecture only.
pzx_machine=
if [ -r /proc/sys/kernel/arch ]; then
    read -r pzx_machine </proc/sys/kernel/arch
elif [ -d /sys/kernel/boot_params ]; then
    pzx_machine=x86_64
elif [ -d /sys/devices/system/cpu/cpu0/regs ]; then
    pzx_machine=aarch64
elif [ -d /proc/cpu ]; then
    pzx_machine=arm
elif [ -d /sys/bus/ccw ]; then
    pzx_machine=s390x
elif [ -d /sys/bus/platform/drivers/riscv-pmu-sbi ] || [ -d /sys/bus/platform/drivers/riscv-plic ]; then
    pzx_machine=riscv64
fi
pzx_platform_of "${pzx_machine:-$(uname -m)}"

# Where its launcher is in this file: first block of 4096 bytes, number of blocks, and their SHA-256.
pzx_block=
pzx_place_of() { # PLATFORM
    case $1 in
    # @LAUNCHERS@
    esac
}
pzx_place_of "$pzx_platform"
# A machine without a launcher may emulate one, which PZX-101 proposes.
if [ -z "$pzx_block" ]; then pzx_place_of "${PIXELZX_PLATFORM-}"; fi

# Calls COMMAND with each directory of the launcher's rules, until one succeeds.
pzx_each_cache() { # COMMAND
    if [ -n "${PIXELZX_CACHE-}" ]; then
        [ "$PIXELZX_CACHE" != off ] && "$1" "$PIXELZX_CACHE"
        return
    fi
    [ -n "${CACHE_DIRECTORY-}" ] && "$1" "${CACHE_DIRECTORY%%:*}" && return
    [ -d /var/cache/pixelzx ] && "$1" /var/cache/pixelzx && return
    case ${XDG_CACHE_HOME-} in /*) "$1" "$XDG_CACHE_HOME/pixelzx" && return ;; esac
    case ${HOME-} in /*) "$1" "$HOME/.cache/pixelzx" && return ;; esac
    return 1
}

# True when the launcher is there, ours and not on a noexec mount (which access(2) tells); sets pzx_launcher.
pzx_find() { # CACHE
    pzx_launcher=$1/$pzx_sha256/@PROGRAM@
    [ -O "$1" ] && [ -O "$1/$pzx_sha256" ] && [ ! -L "$1/$pzx_sha256" ] &&
        [ -O "$pzx_launcher" ] && [ -f "$pzx_launcher" ] && [ ! -L "$pzx_launcher" ] && [ -x "$pzx_launcher" ]
}

# The launcher takes PIXELZX_RUN out of the environment again.
pzx_start() {
    PIXELZX_RUN=$pzx_self
    export PIXELZX_RUN
    exec "$pzx_launcher" "$@"
}

if [ -n "$pzx_block" ] && pzx_each_cache pzx_find; then pzx_start "$@"; fi

# The first start, or none is possible.

# @INCLUDE explain.sh@

pzx_exit=126
pzx_say "${pzx_self##*/}: cannot start" "${pzx_self##*/}: 시작할 수 없음"
pzx_cannot=$pzx_text

if [ -z "$pzx_block" ]; then pzx_no_launcher; fi
if [ ! -r "$pzx_self" ]; then
    pzx_fail '' 'it does not find its own file' "$pzx_self cannot be read" \
        'save it as a file, and start it by its path: sh ./pixelzx.run' \
        '자신의 파일을 찾을 수 없습니다' "$pzx_self 파일을 읽을 수 없습니다" \
        '파일로 저장하고 경로로 시작하십시오: sh ./pixelzx.run'
fi
pzx_size=$(($(wc -c <"$pzx_self")))
if [ "$pzx_size" -lt @SIZE@ ]; then
    pzx_say @ENDS_AT@
    pzx_detail=$pzx_text
    pzx_fail @PZX_106@
fi

# Copies the launcher out; runs in a subshell, and says on standard output why that failed. A draft that a
# killed one has left is removed by a launcher, as its own are, by the name.
pzx_copy() { # CACHE DD-OPTION...
    umask 077
    pzx_draft=$1/.unpacking-$$-run
    trap 'rm -f "$pzx_draft"' EXIT
    trap 'exit 143' HUP INT TERM
    mkdir -p "$1" || exit
    case $(ls -ldn "$1/.") in
    ?????w* | ????????w*) pzx_others=yes ;;
    *) pzx_others= ;;
    esac
    if [ -n "$pzx_others" ] || [ ! -O "$1" ]; then
        pzx_say 'it belongs to somebody else, or others can write to it' \
            '다른 사용자의 것이거나 다른 사용자가 쓸 수 있습니다'
        echo "$pzx_text"
        exit 1
    fi
    # What is in the way is no good launcher, or pzx_find would have found it.
    if [ -L "$1/$pzx_sha256" ] || [ ! -O "$1/$pzx_sha256" ]; then rm -rf "${1:?}/$pzx_sha256"; fi
    mkdir -p "$1/$pzx_sha256" || exit
    shift
    dd "if=$pzx_self" "of=$pzx_draft" bs=4096 "skip=$pzx_block" "count=$pzx_blocks" "$@" || exit
    if command -v sha256sum >/dev/null; then
        case $(sha256sum <"$pzx_draft") in
        $pzx_sha256*) ;;
        *) exit 99 ;;
        esac
    fi
    chmod 700 "$pzx_draft" && PIXELZX_BUNDLE=/dev/null "$pzx_draft" doctor PZX-101 >/dev/null &&
        mv -f "$pzx_draft" "$pzx_launcher"
}

# dd of old systems knows no fsync. The second attempt is also for a draft that was cleaned up by a launcher
# that was started meanwhile.
pzx_reasons=
if [ "${PIXELZX_CACHE-}" = off ]; then pzx_reasons='PIXELZX_CACHE: off'; fi
pzx_fill() { # CACHE
    for pzx_option in conv=fsync bs=4096; do
        pzx_launcher=$1/$pzx_sha256/@PROGRAM@
        pzx_reason=$(pzx_copy "$1" "$pzx_option" 2>&1)
        pzx_status=$?
        pzx_find "$1" && return
        [ "$pzx_status" -ne 99 ] || break
    done
    # Of tools' messages the first line.
    pzx_reasons="$pzx_reasons${pzx_reasons:+; }$1: ${pzx_reason%%
*}"
    return 1
}
if pzx_each_cache pzx_fill; then pzx_start "$@"; fi

if [ "${pzx_status-}" = 99 ]; then
    pzx_slice=$pzx_platform
    pzx_say 'the SHA-256 of its launcher is another' '런처의 SHA-256이 다릅니다'
    pzx_detail=$pzx_text
    pzx_fail @PZX_105@
fi
pzx_say 'neither PIXELZX_CACHE nor HOME names a directory' 'PIXELZX_CACHE도 HOME도 디렉터리를 지정하지 않습니다'
pzx_reasons=${pzx_reasons:-$pzx_text}
pzx_fail PZX-301 @PZX_301_TITLE_EN@ \
    "a program in one file must copy its launcher into a directory to start it; $pzx_reasons" \
    'give it a directory of its own, writable, on a file system mounted without noexec: PIXELZX_CACHE=/path' \
    @PZX_301_TITLE_KO@ "한 파일로 된 프로그램은 런처를 디렉터리에 복사해야 시작할 수 있습니다. $pzx_reasons" \
    '쓰기 가능하고 noexec 없이 마운트된 전용 디렉터리를 PIXELZX_CACHE=/경로로 지정하십시오'
