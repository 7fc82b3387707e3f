#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Which launcher is for this machine. Becomes a part of install.sh and of the .run file (pixelzx-pack), where
# functions set variables instead of printing: that takes no process. Names begin with pzx_, since a shell's
# variables would change the ones of the environment that the program gets.

# Sets pzx_platform for what uname -m says (or /proc/sys/kernel/arch), as platforms are written.
pzx_platform_of() { # MACHINE
    case $1 in
    x86_64) pzx_platform=linux/amd64 ;;
    aarch64 | arm64) pzx_platform=linux/arm64 ;;
    # The launcher for all of them runs on the oldest, and knows more.
    arm | armv[5678]*l) pzx_platform=linux/arm/v7 ;;
    armv*b) pzx_platform=linux/armbe ;;
    i?86) pzx_platform=linux/386 ;;
    loongarch64) pzx_platform=linux/loong64 ;;
    riscv32) pzx_platform=linux/riscv ;;
    aarch64_be) pzx_platform=linux/arm64be ;;
    *) pzx_platform=linux/$1 ;;
    esac
    # 32-bit programs stay 32-bit on a 64-bit kernel (Raspberry Pi OS), as launchers do: where they are
    # confined, the 64-bit system calls are not allowed.
    if [ "$pzx_platform" = linux/arm64 ] && pzx_is_32_bit; then pzx_platform=linux/arm/v7; fi
}

# True when the shell is a 32-bit program: the fifth byte of an ELF file tells.
pzx_is_32_bit() {
    pzx_header=
    for pzx_shell in /proc/self/exe /bin/sh; do
        if [ -r "$pzx_shell" ]; then
            # Shells warn of zero bytes.
            { IFS= read -r pzx_header <"$pzx_shell"; } 2>/dev/null
            break
        fi
    done
    case $pzx_header in
    ?ELF"$(printf '\001')"*) return 0 ;;
    esac
    return 1
}
