package main

import (
	"path/filepath"
	"testing"
	"time"
)

func TestIsImportPath(t *testing.T) {
	for line, want := range map[string]bool{
		"example.com/shop/cmd/orders":            true,
		"net/http":                               true,
		"command-line-arguments":                 true,
		"":                                       false,
		"# example.com/shop/cmd/orders":          false,
		"cmd/orders/main.go:3:1: syntax error":   false,
		"\thave (int)":                           false,
		"go: downloading example.com/lib v1.0.0": false,
	} {
		if got := isImportPath(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestWithin(t *testing.T) {
	modules := []string{"example.com/shop", "example.com/lib/v2"}
	for path, want := range map[string]bool{
		"example.com/shop":            true,
		"example.com/shop/cmd/orders": true,
		"example.com/shopping/x":      false,
		"example.com/lib/v2/x":        true,
		"example.com/lib":             false,
		"net/http":                    false,
	} {
		if got := within(path, modules); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
	if within("net/http", []string{""}) {
		t.Error("no module holds everything")
	}
}

func TestLink(t *testing.T) {
	out := t.TempDir()
	binary := write(t, filepath.Join(out, "usr", "local", "bin", "x"), "binary")
	args := []string{"-modules=example.com/x", "-out=" + out, "-time=1700000000", "-failure=GF090 it failed", "--", "sh", "-c"}
	if err := link(append(args, "echo example.com/x >&2; echo net/http >&2")); err != nil {
		t.Fatal(err)
	}
	if got := modified(t, binary); !got.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("the binary has time %s", got)
	}
	failed, ok := link(append(args, "exit 1")).(*goFailed)
	if !ok || failed.code != 1 || failed.note != "GF090 it failed" {
		t.Errorf("got %#v", failed)
	}
}

func TestImportsBack(t *testing.T) {
	t.Setenv("GOMODCACHE", "/gm")
	modules := []string{"example.com/app"}
	for line, want := range map[string]bool{
		"/gm/example.com/plugin@v1.0.0/p.go:3:8: no required module provides package example.com/app/hooks; to add it:":                         true,
		"vendor/example.com/plugin/p.go:3:8: cannot find module providing package example.com/app/hooks: import lookup disabled by -mod=vendor": true,
		"/gm/example.com/plugin@v1.0.0/p.go:3:8: package example.com/app/hooks is not in std (/usr/local/go/src/example.com/app/hooks)":         true,
		"/gm/example.com/plugin@v1.0.0/p.go:3:8: no required module provides package example.com/other; to add it:":                             false,
		"main.go:3:8: no required module provides package example.com/app/hooks; to add it:":                                                    false,
		"/gm/example.com/plugin@v1.0.0/p.go:3:8: undefined: hooks":                                                                              false,
	} {
		if got := importsBack(line, modules); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
