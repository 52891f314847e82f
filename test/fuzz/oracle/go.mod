module go-frontend/fuzz-oracle

go 1.26.8

require (
	github.com/moby/patternmatcher v0.6.1
	golang.org/x/mod v0.43.0
)
