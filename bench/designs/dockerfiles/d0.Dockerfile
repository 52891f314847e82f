# D0: layers only, as most repositories have it.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
ARG GOPROXY
COPY go.mod go.sum ./
RUN --mount=type=secret,id=ca-certificates,target=/run/ca.pem \
    SSL_CERT_FILE=/run/ca.pem go mod download
COPY . .
ARG MAIN=.
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -v -trimpath -ldflags "-s -w" -o /out/app $MAIN

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
