#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds kube-apiserver and kube-controller-manager of Kubernetes 1.20, the newest whose whole source Debian has, once, into
# the build cache, and prints the folder that they are in. Takes minutes; needs golang-go (setup.sh test).
set -eu

version='1.20.5+really1.20.2-1.1+deb12u1'
dsc_sha256=19fa1da5aefcef673894ac9511986bd98a14410cf8eea0b626613c30df435257

packaging=$(cd "$(dirname "$0")/../../packaging" && pwd)
cache=$("$packaging/build-cache.sh")
export PIXELZX_BUILD_CACHE="$cache"
key=$({ cat "$0" && go version; } | sha256sum | cut -c 1-16)
result=$cache/kubernetes/server-$key
if [ ! -d "$result" ]; then
    mkdir -p "$cache/kubernetes"
    exec 9>"$cache/kubernetes/server.lock"
    flock 9
fi
# Whoever held the lock may have built it.
if [ ! -d "$result" ]; then
    work=$(mktemp -d "$cache/kubernetes/.server.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    source=$work/src/k8s.io/kubernetes
    "$packaging/apt.sh" source kubernetes "$version" "$dsc_sha256" "$source"
    cd "$source"
    # From before modules; the vendored libraries are in the package.
    unset GOFLAGS
    export GOPATH="$work" GO111MODULE=off GOPROXY=off GOCACHE="$work/cache" CGO_ENABLED=0
    log=$cache/kubernetes/server.log
    # Not as a condition: there set -e would not stop at the first failing command.
    set +e
    (
        set -e
        # The description of the API is no source: upstream's Makefile.generated_files makes it in this manner.
        go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
        folders=$(grep -rl --include='*.go' '+k8s:openapi-gen=' pkg cmd plugin staging/src/k8s.io |
            grep -vE 'code-generator|sample-apiserver|_test\.go|/testdata/' | xargs -n 1 dirname | LC_ALL=C sort -u |
            sed 's,^staging/src/,vendor/,;s,^,k8s.io/kubernetes/,' | paste -sd ,)
        "$work/openapi-gen" -i "$folders" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
            -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations"
        told=k8s.io/kubernetes/vendor/k8s.io/component-base/version
        go build -trimpath -o "$work/bin/" \
            -ldflags "-s -w -X $told.gitVersion=v1.20.2 -X $told.gitMajor=1 -X $told.gitMinor=20" \
            ./cmd/kube-apiserver ./cmd/kube-controller-manager
    ) >"$log" 2>&1
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        tail -n 20 "$log" >&2
        echo "server.sh: cannot build Kubernetes; its last words are above, all of them in $log" >&2
        exit 1
    fi
    mv -T "$work/bin" "$result"
fi
echo "$result"
