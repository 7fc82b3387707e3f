#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the third-party libraries of a target, once, into the build cache.
#
#   build.sh PLATFORM musl    what the launcher links: musl, the zstd decoder, SHA-256
#   build.sh PLATFORM glibc   what the node links or includes besides the compiler's own libraries
#   build.sh all              all twelve
#
# PLATFORM: linux/amd64 linux/arm64 linux/arm/v7 linux/riscv64 linux/ppc64le linux/s390x
# Prints the directory with include/ and lib/, one line per target. Says on stderr what it builds.
#
# To add a library: a line in sources.lock, a function build_NAME below that installs into $out, its name in the list
# for its libc at the end, and its files in cmake/sbom.cmake.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
lock=$here/sources.lock
platforms='linux/amd64 linux/arm64 linux/arm/v7 linux/riscv64 linux/ppc64le linux/s390x'

fail() { # WHAT WHY TODO
    printf 'third_party: %s\n  why         %s\n  what to do  %s\n' "$1" "$2" "$3" >&2
    exit 1
}

# Sets triple and cpu: the compiler and the lowest CPU that the code must run on. The flags of the
# launcher are those of cmake/toolchain.cmake.
set_target() { # PLATFORM LIBC
    cpu=
    case $1-$2 in
    linux/amd64-*) triple=x86_64-linux-gnu cpu=-march=x86-64 ;;
    linux/arm64-*) triple=aarch64-linux-gnu cpu='-march=armv8-a -mno-outline-atomics' ;;
    linux/arm/v7-musl) triple=arm-linux-gnueabi cpu='-march=armv5te -marm -mfloat-abi=soft' ;;
    # As cmake/slice.cmake has it: 64 bits for sizes of files, inodes and times.
    linux/arm/v7-glibc) triple=arm-linux-gnueabihf cpu='-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64' ;;
    linux/riscv64-*) triple=riscv64-linux-gnu cpu='-march=rv64gc -mabi=lp64d' ;;
    # musl has no IBM long double.
    linux/ppc64le-musl) triple=powerpc64le-linux-gnu cpu='-mcpu=power8 -mlong-double-64' ;;
    linux/ppc64le-glibc) triple=powerpc64le-linux-gnu cpu=-mcpu=power8 ;;
    linux/s390x-*) triple=s390x-linux-gnu cpu=-march=z196 ;;
    *) usage ;;
    esac
    case $2 in musl | glibc) ;; *) usage ;; esac
    command -v "$triple-gcc" >/dev/null ||
        fail "cannot build for $1" "there is no $triple-gcc" "run packaging/setup.sh dist"
}

usage() {
    echo "usage: build.sh PLATFORM musl|glibc, build.sh all; PLATFORM is one of $platforms" >&2
    exit 2
}

# Prints version and SHA-256 of a pinned source package.
locked() { # NAME
    awk -v name="$1" '$1 == name { print $2, $3 }' "$lock"
}

# Unpacks it into $work/NAME.
unpack() { # NAME
    locked "$1" | {
        read -r version sha256 || { echo "$lock has no line for $1" && exit 1; }
        "$here/../apt.sh" source "$1" "$version" "$sha256" "$work/$1"
    }
}

# Small, and ready for --gc-sections; the launcher is no PIE.
musl_flags='-fno-pie -ffunction-sections -fdata-sections -fno-stack-protector -fno-unwind-tables
    -fno-asynchronous-unwind-tables'

build_musl() {
    unpack musl
    cd "$work/musl"
    # shellcheck disable=SC2086 # flags are words
    ./configure --target="$triple" --prefix= --disable-shared --disable-wrapper CC="$triple-gcc" \
        CROSS_COMPILE="$triple-" CFLAGS="$(echo -Os $cpu $musl_flags)"
    make -j "$jobs" lib/libc.a lib/crt1.o lib/crti.o lib/crtn.o
    make DESTDIR="$out" install-headers
    cp lib/libc.a lib/crt1.o lib/crti.o lib/crtn.o "$out/lib/"
    # The kernel's interface, which no libc contains: linux/, asm/, asm-generic/ of the compiler.
    for header in linux/fs.h asm/unistd.h asm-generic/errno.h; do
        path=$(echo "#include <$header>" | "$triple-gcc" -E -x c - | sed -n "s,^# 1 \"\(.*\)/[^/]*\" 1.*,\1,p" |
            grep "/${header%/*}\$" | head -n 1)
        ln -s "$(readlink -f "$path")" "$out/include/${header%/*}"
    done
}

# Compiles C files against the musl in $out and adds them to a static library, for the link-time optimiser: that
# leaves out 5 KB of what the launcher does not use.
musl_archive() { # LIBRARY FLAGS FILE...
    library=$1 flags=$2 sources=$PWD
    shift 2
    mkdir "$work/objects"
    # shellcheck disable=SC2086
    (cd "$work/objects" && printf "$sources/%s\n" "$@" |
        xargs -n 1 -P "$jobs" "$triple-gcc" -c -Os -flto $cpu $musl_flags \
        -nostdinc -isystem "$out/include" -isystem "$("$triple-gcc" -print-file-name=include)" $flags)
    "$triple-gcc-ar" rcsD "$out/lib/$library" "$work"/objects/*.o
    rm -r "$work/objects"
}

build_libzstd() {
    unpack libzstd
    cd "$work/libzstd/lib"
    # The decoder only, without the frame's checksum (launcher/runtime.cc), and of its several loops for the same
    # work the small ones. What is inlined by force in the loop over the sequences, and that loop at -O2, makes
    # the decoder faster by half (docs/benchmarks/launch.md): wherever the launcher's 128 KiB have room for it.
    case $platform in
    linux/amd64 | linux/arm64) sequences=-O2 ;;
    linux/arm/* | linux/riscv64) sequences=-Os ;;
    *) sequences=-DZSTD_NO_INLINE ;;
    esac
    options='-DNDEBUG -DDEBUGLEVEL=0 -DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DZSTD_STRIP_ERROR_STRINGS=1
        -DZSTD_TRACE=0 -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DHUF_FORCE_DECOMPRESS_X1 -DZSTD_DISABLE_ASM
        -DDYNAMIC_BMI2=0'
    musl_archive libzstddec.a "$options $sequences" decompress/zstd_decompress_block.c
    musl_archive libzstddec.a "$options -DZSTD_NO_INLINE" \
        common/entropy_common.c common/error_private.c common/fse_decompress.c common/zstd_common.c \
        decompress/huf_decompress.c decompress/zstd_ddict.c decompress/zstd_decompress.c
    cp zstd.h zstd_errors.h "$out/include/"
}

build_bearssl() {
    unpack bearssl
    cd "$work/bearssl"
    musl_archive libbearssl_sha256.a "-I$PWD/inc -I$PWD/src" \
        src/hash/sha2small.c src/codec/dec32be.c src/codec/enc32be.c
    cp inc/bearssl_hash.h "$out/include/"
}

build_cli11() {
    unpack cli11
    cp -R "$work/cli11/include/CLI" "$out/include/"
}

build_nlohmann_json3() {
    unpack nlohmann-json3
    cp -R "$work/nlohmann-json3/include/nlohmann" "$out/include/"
}

# ---- what the node links ----

# As the node's own code (cmake/slice.cmake, cmake/hardening.cmake).
glibc_flags='-O2 -DNDEBUG -ffunction-sections -fdata-sections -fstack-protector-strong -U_FORTIFY_SOURCE
    -D_FORTIFY_SOURCE=3'

# Sets compile: a compiler and flags, for C and C++. Whoever calls this names files relative to a folder, so that ccache,
# where the caller has it, knows them again.
set_compile() {
    case $platform in
    linux/amd64) hardening=-fcf-protection=full ;;
    linux/arm64) hardening=-mbranch-protection=standard ;;
    *) hardening= ;;
    esac
    # shellcheck disable=SC2086,SC2116 # flags are words, and lines
    compile=$(echo ${CMAKE_C_COMPILER_LAUNCHER-} "$triple-gcc" $glibc_flags $hardening $cpu)
}

# Makes a static library of C and C++ files, named relative to this folder, no two alike.
glibc_archive() { # LIBRARY FLAGS FILE...
    library=$1 flags=$2
    shift 2
    set_compile
    # As cmake/slice.cmake has it.
    [ "$platform" != linux/ppc64le ] || flags="$flags -flto"
    mkdir "$work/objects"
    # shellcheck disable=SC2086
    for file; do printf '%s %s\n' "$work/objects/$(basename "$file").o" "$file"; done |
        xargs -n 2 -P "$jobs" $compile $flags -c -o
    "$triple-gcc-ar" rcsD "$out/lib/$library" "$work"/objects/*.o
    rm -r "$work/objects"
}

# Makes the same of files in one go, which takes a quarter of the time. For libraries whose files' own names do not clash.
glibc_archive_at_once() { # LIBRARY FLAGS FILE...
    library=$1 flags=$2
    shift 2
    printf '#include "%s"\n' "$@" >all.cc
    glibc_archive "$library" "$flags -I." all.cc
}

# Of Debian's 14,000 headers, all: unpacked once, for all targets, in a folder beside theirs.
build_boost1_74() {
    headers=$cache/third_party/boost1.74-$(locked boost1.74 | sha256sum | cut -c 1-16)
    exec 7>"$cache/third_party/boost1.74.lock"
    flock 7
    if [ ! -d "$headers" ]; then
        unpack boost1.74
        mkdir "$work/boost"
        cp -Rl "$work"/boost1.74/libs/*/include/boost "$work"/boost1.74/libs/numeric/*/include/boost "$work/boost/"
        mv -T "$work/boost" "$headers"
    fi
    ln -s "../../${headers##*/}/boost" "$out/include/boost"
}

# Hashes, AES-128-CTR, scrypt and PBKDF2 (node/crypto), and what they pull in; without the code for particular CPUs.
build_libcrypto__() {
    unpack libcrypto++
    cd "$work/libcrypto++"
    # Here and for the node, since it shapes classes.
    sed -i 's,^// \(#define CRYPTOPP_DISABLE_ASM 1\),\1,' config_asm.h
    grep '^#define CRYPTOPP_DISABLE_ASM 1' config_asm.h
    # Templates that its files leave to one another: all here, once, as ARM's ABI wants it.
    printf '#define CRYPTOPP_MANUALLY_INSTANTIATE_TEMPLATES\n' >templates.cpp
    printf '#include "%s.h"\n' pch algebra algparam filters integer modes >>templates.cpp
    printf 'template class CryptoPP::%s<CryptoPP::Integer>;\n' AbstractGroup AbstractRing AbstractEuclideanDomain \
        >>templates.cpp
    glibc_archive libcryptopp.a '' algparam.cpp allocate.cpp asn.cpp cpu.cpp cryptlib.cpp filters.cpp fips140.cpp \
        hmac.cpp hrtimer.cpp integer.cpp iterhash.cpp keccak.cpp keccak_core.cpp misc.cpp modes.cpp mqueue.cpp \
        nbtheory.cpp pubkey.cpp queue.cpp rdtables.cpp rijndael.cpp ripemd.cpp salsa.cpp scrypt.cpp sha.cpp templates.cpp
    mkdir "$out/include/cryptopp"
    cp ./*.h "$out/include/cryptopp/"
}

build_libsecp256k1() {
    unpack libsecp256k1
    cd "$work/libsecp256k1"
    glibc_archive libsecp256k1.a '-DENABLE_MODULE_RECOVERY -DECMULT_WINDOW_SIZE=12 -DECMULT_GEN_PREC_BITS=4 -Isrc' \
        src/secp256k1.c src/precomputed_ecmult.c src/precomputed_ecmult_gen.c
    cp include/secp256k1.h include/secp256k1_recovery.h "$out/include/"
}

# What mpz_powm, mpz_import and mpz_export (node/evm/modexp.cc) pull in.
build_gmp() {
    unpack gmp
    cd "$work/gmp"
    # The CPU in words of GMP's, for its assembly.
    case $platform in
    linux/arm/v7) abi=32 host=armv7-linux-gnueabihf ;;
    linux/ppc64le) abi=mode64 host=power8-linux-gnu ;;
    linux/riscv64) abi=standard host=$triple ;;
    linux/s390x) abi=64 host=z196-linux-gnu ;;
    *) abi=64 host=$triple ;;
    esac
    # Debian left the manual out, which configure looks for.
    mkdir doc
    touch doc/Makefile.in
    set_compile
    ./configure --build="$(./config.guess)" --host="$host" ABI="$abi" --disable-shared --with-pic \
        CC="${compile%% -*}" CFLAGS="-${compile#* -}" AR="$triple-ar" NM="$triple-nm"
    unused='MPF_OBJECTS= MPQ_OBJECTS= PRINTF_OBJECTS= SCANF_OBJECTS= RANDOM_OBJECTS='
    objects=
    for name in add clear clears divexact export gcdext import init inits invert mul mul_2exp powm realloc set \
        sizeinbase sub tdiv_qr; do
        objects="$objects mpz/$name.lo"
    done
    # shellcheck disable=SC2086
    make -j "$jobs" SUBDIRS='mpn .' $unused MPZ_OBJECTS="$objects" ACLOCAL=: AUTOCONF=: AUTOHEADER=: AUTOMAKE=:
    cp .libs/libgmp.a "$out/lib/"
    cp gmp.h "$out/include/"
}

build_leveldb() {
    unpack leveldb
    cd "$work/leveldb"
    # shellcheck disable=SC2046
    glibc_archive_at_once libleveldb.a '-DLEVELDB_PLATFORM_POSIX=1 -fno-exceptions -Iinclude' $(
        find db table util -name '*.cc' ! -name '*_test.cc' ! -name 'env_windows*' ! -name leveldbutil.cc \
            ! -name testutil.cc | LC_ALL=C sort
    )
    cp -R include/leveldb "$out/include/"
}

build_yaml_cpp() {
    unpack yaml-cpp
    cd "$work/yaml-cpp"
    glibc_archive_at_once libyaml-cpp.a -Iinclude src/*.cpp
    cp -R include/yaml-cpp "$out/include/"
}

build_fmtlib() {
    unpack fmtlib
    cd "$work/fmtlib"
    glibc_archive_at_once libfmt.a -Iinclude src/format.cc src/os.cc
    cp -R include/fmt "$out/include/"
}

# With the library fmt of its own, as Debian has it.
build_spdlog() {
    unpack spdlog
    cd "$work/spdlog"
    rm -rf include/spdlog/fmt/bundled
    glibc_archive_at_once libspdlog.a '-DSPDLOG_COMPILED_LIB -DSPDLOG_FMT_EXTERNAL -Iinclude -I../out/include' \
        src/async.cpp src/color_sinks.cpp src/file_sinks.cpp src/spdlog.cpp src/stdout_sinks.cpp
    cp -R include/spdlog "$out/include/"
}

# Runs build_NAME in a subshell with its output in a log.
build_library() { # NAME
    begin=$(date +%s)
    log=$cache/third_party/$target-$1.log
    # Not as the condition of an if: there set -e would not stop at the first failing command.
    set +e
    (
        set -e
        "build_$(echo "$1" | tr -c '[:alnum:]\n' _)"
    ) >"$log" 2>&1
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        tail -n 30 "$log" >&2
        fail "cannot build $1 for $platform ($libc)" "its last words are above; all of them are in $log" \
            "mend that and run this again"
    fi
    rm "$log"
    echo "third_party: $target: $1, $(($(date +%s) - begin)) s" >&2
}

[ $# -gt 0 ] || usage
jobs=$(nproc)
if [ "$*" = all ]; then
    for platform in $platforms; do
        "$0" "$platform" musl
        "$0" "$platform" glibc
    done
    exit
fi
[ $# -eq 2 ] || usage
platform=$1
libc=$2
set_target "$platform" "$libc"

cache=$("$here/../build-cache.sh")
export PIXELZX_BUILD_CACHE="$cache"

# Of everything that shapes the result; the compiler tells its version, triple and configuration.
key=$({
    cat "$here/build.sh" "$lock"
    LC_ALL=C "$triple-gcc" -v 2>&1
} | sha256sum | cut -c 1-16)
target=$(echo "$platform" | tr / -)-$libc
result=$cache/third_party/$target-$key

if [ ! -d "$result" ]; then
    mkdir -p "$cache/third_party"
    exec 8>"$cache/third_party/$target.lock"
    flock 8
fi
# Whoever held the lock may have built it.
if [ ! -d "$result" ]; then
    work=$(mktemp -d "$cache/third_party/.build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    out=$work/out
    mkdir -p "$out/include" "$out/lib"
    # From here on, flags of the caller's environment would not be part of the key.
    unset CFLAGS CPPFLAGS LDFLAGS CC AR MAKEFLAGS MAKEOVERRIDES C_INCLUDE_PATH CPATH LIBRARY_PATH
    case $libc in
    musl) libraries='musl libzstd bearssl' ;;
    glibc) libraries='cli11 nlohmann-json3 boost1.74 libcrypto++ libsecp256k1 gmp leveldb yaml-cpp fmtlib spdlog' ;;
    esac
    for library in $libraries; do
        build_library "$library"
    done
    chmod 755 "$out"
    mv -T "$out" "$result"
fi
echo "$result"
