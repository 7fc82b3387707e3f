# SPDX-License-Identifier: Apache-2.0
#
# The universal image, for those who build with containers; `pixelzx-pack image` makes the same without.
#
#   docker buildx build --platform linux/amd64,linux/arm64 .
#   DOCKER_BUILDKIT=1 docker build .
#   podman build --build-arg BUILDPLATFORM=linux/amd64 --platform linux/amd64,linux/arm64 --manifest NAME .
#
# Needs BuildKit, or buildah 1.28 (podman 4.3) and later; the classic builder of Docker knows neither --platform
# nor --mount. packaging/docker.sh, which `make docker-build-multi` calls, gives all the arguments.

# Of the build stage only: a Debian 12. One that sets PIXELZX_BUILD_CACHE brings its build cache along.
ARG BUILD_IMAGE=debian:bookworm-slim
# For a FROM. Podman 4.3 wants it declared, and older BuildKits then forget what it was.
ARG TARGETVARIANT=$TARGETVARIANT

# ---- everything for all platforms, once, by cross compilers ----
FROM --platform=$BUILDPLATFORM $BUILD_IMAGE AS build
WORKDIR /pixelzx
COPY packaging/setup.sh packaging/
# Debian's images delete downloaded packages at once, which would leave nothing for the cache.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && packaging/setup.sh dist
COPY . .
ARG COMMIT=unknown
ARG BRANCH=unknown
ARG SOURCE_DATE_EPOCH=0
RUN --mount=type=cache,target=/var/cache/pixelzx-build \
    export PIXELZX_BUILD_CACHE="${PIXELZX_BUILD_CACHE:-/var/cache/pixelzx-build}" && \
    export PIXELZX_COMMIT="$COMMIT" PIXELZX_BRANCH="$BRANCH" SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" && \
    make dist && packaging/image.sh --layers /layers -o /layers/image.oci.tar && \
    rm -rf build dist && cd /layers && rm image.oci.tar && \
    for tar in *.tar; do mkdir "${tar%.tar}" && tar -C "${tar%.tar}" -xpf "$tar" && rm "$tar"; done

# ---- what differs between the platforms: one link ----
FROM build AS target
ARG BUILDPLATFORM
ARG TARGETOS
ARG TARGETARCH
ARG TARGETVARIANT
RUN target="$TARGETOS/$TARGETARCH${TARGETVARIANT:+/$TARGETVARIANT}" && \
    echo "built on $BUILDPLATFORM for $target" && \
    if ! mv "/layers/$(echo "$target" | tr / -)" /layers/target; then \
        echo "there is no image for $target, only for:" >&2; ls -d /layers/linux-* >&2; exit 1; \
    fi

# ---- the image: the same layers for all platforms, and that link last ----
# With a variant and without are two stages: podman 4.3 takes layers from its cache together with the variant of the
# platform that they were made for, and what it looks up is the text of a line, before variables are replaced.
FROM scratch AS image
ENV PATH=/opt/pixelzx/signpost/amd64:\
/opt/pixelzx/signpost/arm64:/opt/pixelzx/signpost/arm:\
/opt/pixelzx/signpost/riscv64:/opt/pixelzx/signpost/riscv64-2:\
/opt/pixelzx/signpost/ppc64le:/opt/pixelzx/signpost/s390x:\
/usr/local/bin
# Without the signpost of arm64: a 32-bit container may be forbidden to make 64-bit calls. A test compares both with
# `pixelzx-pack image`.
FROM scratch AS imagev7
ENV PATH=/opt/pixelzx/signpost/amd64:\
/opt/pixelzx/signpost/arm:\
/opt/pixelzx/signpost/riscv64:/opt/pixelzx/signpost/riscv64-2:\
/opt/pixelzx/signpost/ppc64le:/opt/pixelzx/signpost/s390x:\
/usr/local/bin

FROM image$TARGETVARIANT
# BuildKit makes a layer of it, which shall be one of the shared.
WORKDIR /app
COPY --from=build /layers/base/ /
COPY --from=build /layers/bundle/ /
COPY --from=target /layers/target/ /
USER 1000:1000
VOLUME /app/data /app/keystore
EXPOSE 6060/tcp 8545/tcp 8546/tcp 30303/tcp 30303/udp
ENV PIXELZX_DATA_DIR=/app/data
ENV PIXELZX_KEYSTORE_DIR=/app/keystore
ENV PIXELZX_RPC_ADDRESS=0.0.0.0
ENV PIXELZX_METRICS_ADDRESS=0.0.0.0
ENTRYPOINT ["pixelzx"]
CMD ["start"]

ARG VERSION=unknown
ARG COMMIT=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title=pixelzx \
      org.opencontainers.image.description="A node of PIXELZX, a proof-of-stake EVM chain, for every Linux machine" \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$COMMIT \
      org.opencontainers.image.created=$CREATED
