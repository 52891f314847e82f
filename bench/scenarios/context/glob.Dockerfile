FROM scratch
COPY services/svc3/internal/*/code.go services/svc3/*.go /
