// Package web holds the page shown at the root of the service.
package web

import _ "embed"

// Index is the page, compiled into the binary.
//
//go:embed index.html
var Index []byte
