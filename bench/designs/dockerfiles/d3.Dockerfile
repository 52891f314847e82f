# D3: the best a Dockerfile can say, with a stub that something else has to generate and keep: a slim toolchain,
# modules and compiled packages as layers of their own, entry times in the future, bind mounts, no copies.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS golang
RUN mkdir -p /slim/bin /slim/pkg/tool && cd /usr/local/go && \
    cp bin/go /slim/bin/ && cp -r src go.env VERSION /slim/ && \
    cp -r pkg/include /slim/pkg/ && cp -r pkg/tool/linux_* /slim/pkg/tool/ && \
    rm -rf /slim/src/cmd && find /slim/src -name '*_test.go' -delete && \
    find /slim/src -type d -name testdata -prune -exec rm -rf {} +

FROM --platform=$BUILDPLATFORM busybox AS toolchain
COPY --from=golang /slim/ /usr/local/go/
ENV PATH=/usr/local/go/bin:/bin GOTOOLCHAIN=local GOFLAGS=-trimpath CGO_ENABLED=0 \
    GOMODCACHE=/gm GOCACHE=/gc HOME=/tmp GOTELEMETRY=off
WORKDIR /src

FROM toolchain AS download
ARG GOPROXY
RUN --mount=type=bind,source=go.sum,target=go.sum \
    --mount=type=bind,source=go.mod,target=go.mod \
    --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    SSL_CERT_FILE=/run/ca.pem go mod download && mkdir -p /gm/cache/download && find /gm/cache/download -name '*.zip' -exec rm -f {} +

FROM scratch AS modules
COPY --from=download /gm/ /

FROM toolchain AS cook
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=bind,source=go.sum,target=go.sum \
    --mount=type=bind,source=go.mod,target=go.mod \
    --mount=type=bind,source=.stub,target=stub \
    --mount=type=bind,from=modules,target=/gm,rw \
    GOPROXY=off GOOS=$TARGETOS GOARCH=$TARGETARCH go build -v ./stub && \
    rm -f /gc/trim.txt && find /gc -type f -exec touch -d '2100-01-01 00:00:00' {} +

FROM scratch AS cooked
COPY --from=cook /gc/ /

FROM toolchain AS build
ARG MAIN=.
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=bind,target=/src \
    --mount=type=bind,from=modules,target=/gm,rw \
    --mount=type=bind,from=cooked,target=/gc,rw \
    GOPROXY=off GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -v -ldflags "-s -w" -o /out/app $MAIN

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
