# D1: today's best practice (docs.docker.com: "Optimize cache usage in builds", the Go language guide): cache
# mounts for modules and compiled packages, bind mounts for the source, cross-compiled on the build platform.
ARG GO_IMAGE=golang:1.26-bookworm
FROM --platform=$BUILDPLATFORM $GO_IMAGE AS build
WORKDIR /src
ARG GOPROXY
RUN --mount=type=cache,target=/go/pkg/mod/ \
    --mount=type=bind,source=go.sum,target=go.sum \
    --mount=type=bind,source=go.mod,target=go.mod \
    --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    SSL_CERT_FILE=/run/ca.pem go mod download
ARG MAIN=.
ARG TARGETOS
ARG TARGETARCH
# The secret again: on an empty builder the step above is a cache hit, its cache mount is empty, and this step
# is the one that downloads.
RUN --mount=type=cache,target=/go/pkg/mod/ \
    --mount=type=cache,target=/root/.cache/go-build \
    --mount=type=bind,target=. \
    --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    SSL_CERT_FILE=/run/ca.pem CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -v -trimpath -ldflags "-s -w" -o /out/app $MAIN

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
