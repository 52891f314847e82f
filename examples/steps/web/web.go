// Package web holds the page, as `node build.mjs` leaves it.
package web

import (
	"embed"
	"io/fs"
	"regexp"
)

//go:embed dist
var dist embed.FS

// Files are those of the page, from its root on.
var Files = must(fs.Sub(dist, "dist"))

var title = regexp.MustCompile(`<title>(.*)</title>`)

// Title is what the page is called.
func Title() string {
	page := must(fs.ReadFile(Files, "index.html"))
	found := title.FindSubmatch(page)
	if found == nil {
		return ""
	}
	return string(found[1])
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
