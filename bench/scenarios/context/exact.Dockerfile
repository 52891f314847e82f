FROM scratch
COPY services/svc3/main.go /services/svc3/main.go
COPY services/svc3/internal /services/svc3/internal
COPY pkg/shared0/code.go /pkg/shared0/code.go
COPY pkg/shared4/code.go /pkg/shared4/code.go
