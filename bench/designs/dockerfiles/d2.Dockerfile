# D2: go-chef style. A planner reads all sources and writes a stub that imports what is outside the module; the
# builder compiles the stub before it sees the sources. The planner is the benchmark's own (chef/), since
# go-chef itself is not on the module proxy; unlike go-chef it leaves tests out and links nothing.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS planner
WORKDIR /src
COPY --from=bench/chef /chef /usr/local/bin/chef
COPY . .
RUN chef /stub

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
ARG GOPROXY
COPY go.mod go.sum ./
RUN --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    SSL_CERT_FILE=/run/ca.pem go mod download
ARG TARGETOS
ARG TARGETARCH
COPY --from=planner /stub/ ./.chef/
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -v -trimpath ./.chef
COPY . .
ARG MAIN=.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -v -trimpath -ldflags "-s -w" -o /out/app $MAIN

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
