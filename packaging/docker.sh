#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Container images by whatever this machine has: docker buildx, else podman, else pixelzx-pack alone.
#
#   docker.sh setup      make the buildx builder
#   docker.sh local      build for this machine, and load as IMAGE:local
#   docker.sh multi      build for PLATFORMS
#   docker.sh push       the same, and push to REGISTRY
#   docker.sh test       start each platform's image and node
#   docker.sh inspect    show what was pushed
#   docker.sh platforms  print PLATFORMS, a line each
#
# Settings: .env.example explains them. The environment goes before .env. $PIXELZX_DIST and $PIXELZX_PACK are
# for pixelzx-pack, which needs no container (packaging/image.sh).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

case ${LC_ALL:-${LC_MESSAGES:-${LANG-}}} in
ko | ko[_.@]*) korean=yes ;;
*) korean=no ;;
esac

# Prints the one of two texts that is in the reader's language.
say() { # ENGLISH KOREAN
    if [ $korean = yes ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

fail() { # ENGLISH KOREAN, each with lines of why and what to do
    say "docker.sh: $1" "docker.sh: $2" >&2
    exit 1
}

# ---- settings ----

all_platforms=linux/amd64,linux/arm64,linux/arm/v7,linux/riscv64,linux/ppc64le,linux/s390x

# The value of a setting in .env; the last line wins, quotes around a value are not part of it.
from_file() { # NAME
    [ -f "$settings" ] || return 0
    sed -n "s/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}$1=//p" "$settings" | tail -n 1 |
        sed -e 's/[[:space:]]*$//' -e "s/^'\(.*\)'\$/\1/" -e 's/^"\(.*\)"$/\1/'
}

# Sets the variable NAME from the environment, else from .env, else to the default; it must match PATTERN.
setting() { # NAME DEFAULT PATTERN ENGLISH KOREAN
    given=no value=
    eval "given=\${$1+yes} value=\${$1-}"
    source=environment
    if [ "$given" != yes ]; then
        source=$settings
        value=$(from_file "$1")
        [ -n "$value" ] || value=$2
    fi
    # A line break would be a second line to grep.
    printf '%s\n' "$(printf '%s' "$value" | tr '\n' '?')" | grep -Exq "$3" || fail "$1 is '$value', from $source
  why         $4
  what to do  correct it; .env.example explains it" "$1 값이 '$value'입니다 ($source)
  이유        $5
  할 일       고쳐 주십시오. 설명은 .env.example에 있습니다"
    eval "$1=\$value"
}

read_settings() {
    settings=$root/.env
    platform="linux/(amd64|arm64|arm/v7|riscv64|ppc64le|s390x)"
    name='[a-z0-9]+([._-]+[a-z0-9]+)*'
    setting REGISTRY '' '([A-Za-z0-9.-]+|\[[0-9a-f:]+\])?(:[0-9]+)?(/'"$name"')*' \
        "a registry is host[:port][/path]" "레지스트리는 host[:port][/path] 형식입니다"
    setting IMAGE yuchanshin/pixelzx-evm "$name(/$name)*" \
        "a name has lower-case letters, digits and . _ - with slashes between its parts" \
        "이름에는 소문자, 숫자, . _ - 와 그 사이의 / 만 쓸 수 있습니다"
    setting TAG latest '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}' \
        "a tag has up to 128 letters, digits and _ . -" "태그는 문자, 숫자, _ . - 로 128자까지입니다"
    setting PLATFORMS "$all_platforms" "$platform(,$platform)*" \
        "it is a list, with commas, of $all_platforms" "쉼표로 나눈 목록이며 가능한 값: $all_platforms"
    setting BUILDER_NAME pixelzx-builder '[A-Za-z0-9][A-Za-z0-9_.-]*' \
        "a builder's name has letters, digits and _ . -" "빌더 이름에는 문자, 숫자, _ . - 만 쓸 수 있습니다"
    setting BUILD_IMAGE debian:bookworm-slim '[A-Za-z0-9][A-Za-z0-9_.:/@-]*' \
        "it is the name of an image" "이미지 이름이어야 합니다"
    # shellcheck disable=SC2153 # setting() sets them
    repository=${REGISTRY:+$REGISTRY/}$IMAGE
    # For what takes --tls-verify.
    case $REGISTRY in
    localhost | localhost[:/]* | 127.* | \[::1\]*) tls=false ;;
    *) tls=true ;;
    esac
}

# ---- the tools ----

has() { command -v "$1" >/dev/null 2>&1; }

find_builder() {
    if has docker && docker buildx version >/dev/null 2>&1; then
        builder=buildx
    elif has podman; then
        builder=podman
    else
        builder=pack
    fi
}

# What containers are started with.
find_engine() {
    case $builder in
    buildx) engine=docker ;;
    podman) engine=podman ;;
    pack)
        if has docker && docker version >/dev/null 2>&1; then engine=docker; else engine=none; fi
        ;;
    esac
}

host_platform() {
    case $(uname -m) in
    x86_64) echo linux/amd64 ;;
    aarch64 | arm64) echo linux/arm64 ;;
    armv7l | armv8l) echo linux/arm/v7 ;;
    riscv64 | ppc64le | s390x) echo "linux/$(uname -m)" ;;
    *) fail "PIXELZX has no platform for this machine, $(uname -m)" "이 기계($(uname -m))를 위한 PIXELZX 플랫폼이 없습니다" ;;
    esac
}

rfc3339() { # SECONDS
    # GNU's date, else BSD's.
    date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ
}

# Seconds since 1970, of all files: the commit's, as the Makefile has it.
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)}

# Calls the command with what the Dockerfile wants to know, and the sources.
with_arguments() { # COMMAND...
    "$@" --build-arg "BUILD_IMAGE=$BUILD_IMAGE" \
        --build-arg "VERSION=$("$root/packaging/source-info.sh" version)" \
        --build-arg "COMMIT=$("$root/packaging/source-info.sh" commit)" \
        --build-arg "BRANCH=$("$root/packaging/source-info.sh" branch)" \
        --build-arg "SOURCE_DATE_EPOCH=$epoch" \
        --build-arg "CREATED=$(rfc3339 "$epoch")" \
        "$root"
}

# Buildx would add attestations to the index, which name no platform; releases have theirs beside the image.
buildx_build() { # OPTION...
    BUILDX_NO_DEFAULT_ATTESTATIONS=1 with_arguments docker buildx build --builder "$BUILDER_NAME" "$@"
}

# Podman 4.3 knows BUILDPLATFORM in a stage only, not in its FROM.
podman_build() { # OPTION...
    with_arguments podman build --layers --timestamp "$epoch" \
        --build-arg "BUILDPLATFORM=$(podman info --format '{{.Host.OS}}/{{.Host.Arch}}')" "$@"
}

# A new list in place of the old one, to which podman would add.
podman_list() { # NAME
    if podman manifest exists "$1"; then podman manifest rm "$1" >/dev/null; fi
    podman_build --platform "$PLATFORMS" --manifest "$1"
}

pack_image() { # OPTION...
    [ -n "${PIXELZX_DIST-}" ] || make -C "$root" --no-print-directory dist
    mkdir -p "$root/dist"
    "$root/packaging/image.sh" "$@"
}

pack_list() {
    # shellcheck disable=SC2046 # a platform has no spaces
    pack_image --name "$repository:$TAG" $(echo "$PLATFORMS" | sed 's/\(^\|,\)/ --platform /g') -o "$archive"
}

# ---- commands ----

setup() {
    case $builder in
    buildx)
        docker buildx inspect "$BUILDER_NAME" >/dev/null 2>&1 ||
            docker buildx create --name "$BUILDER_NAME" --driver docker-container
        docker buildx inspect --bootstrap "$BUILDER_NAME"
        ;;
    podman)
        say "docker.sh: there is no docker buildx; podman builds the images, and needs no builder" \
            "docker.sh: docker buildx가 없어 podman으로 이미지를 만듭니다. 빌더는 필요 없습니다"
        ;;
    pack)
        say "docker.sh: there is neither docker buildx nor podman; pixelzx-pack makes the images, and needs no builder" \
            "docker.sh: docker buildx도 podman도 없어 pixelzx-pack으로 이미지를 만듭니다. 빌더는 필요 없습니다"
        ;;
    esac
}

build_local() {
    case $builder in
    buildx) buildx_build --platform "$(host_platform)" --load --tag "$IMAGE:local" ;;
    podman) podman_build --platform "$(host_platform)" --tag "$IMAGE:local" ;;
    pack)
        pack_image --single "$(host_platform)" --name "$IMAGE:local" -o "$root/dist/image-local.tar"
        if [ "$engine" = docker ]; then
            docker load --input "$root/dist/image-local.tar"
        else
            say "dist/image-local.tar: load it with docker load or podman load" \
                "dist/image-local.tar: docker load 또는 podman load로 읽어 들이십시오"
        fi
        ;;
    esac
}

build_multi() {
    case $builder in
    buildx) buildx_build --platform "$PLATFORMS" --tag "$repository:$TAG" --output "type=oci,dest=$archive,rewrite-timestamp=true" ;;
    podman) podman_list "$repository:$TAG" ;;
    pack) pack_list ;;
    esac
}

push() {
    case $builder in
    buildx) buildx_build --platform "$PLATFORMS" --tag "$repository:$TAG" --output type=image,push=true,rewrite-timestamp=true ;;
    podman)
        podman_list "$repository:$TAG"
        podman manifest push --all --tls-verify=$tls "$repository:$TAG" "docker://$repository:$TAG"
        ;;
    pack)
        has skopeo || fail "cannot push
  why         there is no docker buildx, no podman and no skopeo
  what to do  install one of them, for example: apt-get install skopeo" "올릴 수 없습니다
  이유        docker buildx, podman, skopeo가 모두 없습니다
  할 일       하나를 설치하십시오. 예: apt-get install skopeo"
        pack_list
        skopeo copy --all --dest-tls-verify=$tls "oci-archive:$archive" "docker://$repository:$TAG"
        ;;
    esac
}

# Makes the image of one platform startable, and prints its name.
load_for_test() { # PLATFORM
    name=$IMAGE:test-$(echo "$1" | tr / -)
    case $builder in
    buildx) buildx_build --platform "$1" --load --tag "$name" >&2 ;;
    podman) podman_build --platform "$1" --tag "$name" >&2 ;;
    pack)
        pack_image --single "$1" --name "$name" -o "$root/dist/image-test.tar" >&2
        docker load --quiet --input "$root/dist/image-test.tar" >&2
        ;;
    esac
    echo "$name"
}

# Insists on the platform: the launcher would leave emulation for the program of this machine.
start() { # PLATFORM OPTION... IMAGE ARGUMENT...
    tested=$1
    shift
    "$engine" run --rm --platform "$tested" --network none --env "PIXELZX_PLATFORM=$tested" "$@"
}

test_multi() {
    [ "$engine" != none ] || fail "cannot test
  why         there is neither docker nor podman to start a container with
  what to do  install one of them" "시험할 수 없습니다
  이유        컨테이너를 시작할 docker나 podman이 없습니다
  할 일       하나를 설치하십시오"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    missing=
    wrong=
    for platform in $(echo "$PLATFORMS" | tr , ' '); do
        say "Testing platform: $platform" "플랫폼 시험: $platform"
        image=$(load_for_test "$platform")
        # Through the signposts, by the launcher of this machine: it knows whether anything here runs the program.
        if ! start "$platform" "$image" version --output json >"$work/out" 2>"$work/err"; then
            cat "$work/err" >&2
            if grep -q PZX-109 "$work/err"; then missing="$missing $platform"; else wrong="$wrong $platform"; fi
            continue
        fi
        reported=$(sed -n 's/.*"platform":"\([^"]*\)".*/\1/p' "$work/out")
        if [ "$reported" != "$platform" ]; then
            say "docker.sh: the node reports $reported" "docker.sh: 노드가 보고한 플랫폼: $reported" >&2
            wrong="$wrong $platform"
            continue
        fi
        # And by the platform's own launcher.
        start "$platform" --entrypoint /usr/local/bin/pixelzx "$image" version || wrong="$wrong $platform"
    done
    if [ -n "$missing" ]; then
        say "docker.sh: not tested:$missing
  why         this machine runs no such program, and has no emulator for it
  what to do  register emulators: apt-get install qemu-user-static binfmt-support" "docker.sh: 시험하지 못함:$missing
  이유        이 기계에서 실행할 수 없고, 등록된 에뮬레이터도 없습니다
  할 일       에뮬레이터를 등록하십시오: apt-get install qemu-user-static binfmt-support" >&2
    fi
    [ -z "$wrong" ] || say "docker.sh: failed:$wrong" "docker.sh: 실패:$wrong" >&2
    [ -z "$missing$wrong" ] || exit 1
    say "All platform tests passed!" "모든 플랫폼 시험을 통과했습니다!"
}

inspect() {
    if [ $builder = buildx ]; then
        docker buildx imagetools inspect "$repository:$TAG"
    elif has skopeo; then
        skopeo inspect --raw --tls-verify=$tls "docker://$repository:$TAG"
    elif has podman; then
        podman manifest inspect --tls-verify=$tls "docker://$repository:$TAG"
    else
        fail "cannot ask the registry
  why         there is no docker buildx, no skopeo and no podman
  what to do  install one of them, for example: apt-get install skopeo" "레지스트리에 물어볼 수 없습니다
  이유        docker buildx, skopeo, podman이 모두 없습니다
  할 일       하나를 설치하십시오. 예: apt-get install skopeo"
    fi
}

archive=$root/dist/image-multi.oci.tar
command=${1-}
case $command in
setup | local | multi | push | test | inspect | platforms) ;;
*)
    echo "usage: docker.sh setup | local | multi | push | test | inspect | platforms" >&2
    exit 2
    ;;
esac
read_settings
find_builder
find_engine
case $command in
setup) setup ;;
local) build_local ;;
multi) build_multi ;;
push) push ;;
test) test_multi ;;
inspect) inspect ;;
platforms) echo "$PLATFORMS" | tr , '\n' ;;
esac
