# xx: today's best practice for cgo, as the README of tonistiigi/xx teaches it: clang and lld of the distribution, the
# target's libraries as packages of its architecture, and D1's mounts. xx is an image of shell scripts that cannot be
# pulled everywhere; what its xx-apt, xx-clang and xx-go do is written out.
ARG GO_IMAGE=golang:1.26-bookworm
FROM --platform=$BUILDPLATFORM $GO_IMAGE AS build
RUN rm -f /etc/apt/apt.conf.d/docker-clean
RUN --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends clang lld
ARG TARGETARCH
RUN --mount=type=cache,target=/var/lib/apt,sharing=locked \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    dpkg --add-architecture $TARGETARCH && apt-get update && \
    apt-get install -y --no-install-recommends libc6-dev:$TARGETARCH libgcc-12-dev:$TARGETARCH
WORKDIR /src
ARG GOPROXY
RUN --mount=type=cache,target=/go/pkg/mod/ \
    --mount=type=bind,source=go.sum,target=go.sum \
    --mount=type=bind,source=go.mod,target=go.mod \
    --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    SSL_CERT_FILE=/run/ca.pem go mod download
ARG MAIN=.
ARG TARGETOS
RUN --mount=type=cache,target=/go/pkg/mod/ \
    --mount=type=cache,target=/root/.cache/go-build \
    --mount=type=bind,target=. \
    --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    case $TARGETARCH in amd64) cpu=x86_64 ;; arm64) cpu=aarch64 ;; esac && \
    export CC="clang --target=$cpu-linux-gnu" CGO_LDFLAGS="-O2 -g -fuse-ld=lld" && \
    SSL_CERT_FILE=/run/ca.pem CGO_ENABLED=1 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -v -trimpath -tags netgo,osusergo -ldflags "-s -w -linkmode=external -extldflags=-static" -o /out/app $MAIN

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
