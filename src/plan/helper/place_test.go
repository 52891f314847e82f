package main

import (
	"path/filepath"
	"testing"
)

func TestConcerned(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.work":      "go 1.26\n\nuse (\n\t.\n\t./gone\n)\n",
		"go.mod":       "module example.com/app\n\nrequire example.com/x v1.0.0\n\nrequire (\n\texample.com/y v1.2.3 // indirect\n)\n\nreplace example.com/z => ./z\n",
		"other/go.mod": "module example.com/other\n\nrequire example.com/x v1.1.0\n",
	} {
		write(t, filepath.Join(root, path), text)
	}
	for output, want := range map[string][2]string{
		"go: example.com/x@v1.0.0: reading https://p/x: 403 Forbidden":                                    {"example.com/x v1.0.0", "go.mod:3:9: "},
		"go: downloading a v1\ngo: example.com/y@v1.2.3: no":                                              {"example.com/y v1.2.3", "go.mod:6:2: "},
		"go-frontend-deps/deps_linux_amd64.go:4:2: example.com/x@v1.1.0: no":                              {"example.com/x v1.1.0", "other/go.mod:3:9: "},
		"go: example.com/deep@v0.1.0: only another module's go.mod names it":                              {"example.com/deep v0.1.0", ""},
		"go: example.com/z@v1.0.0 (replaced by ./z): reading z/go.mod: no such file or directory":         {"example.com/z v1.0.0", "go.mod:9:9: "},
		"go: cannot load module gone listed in go.work file: open gone/go.mod: no such file or directory": {"the folder gone", "go.work:5:4: "},
		"verifying example.com/x@v1.1.0/go.mod: checksum mismatch":                                        {"example.com/x v1.1.0", "other/go.mod:3:9: "},
		"something else": {"a module", ""},
	} {
		what, place := concerned(output, root)
		if what != want[0] || place != want[1] {
			t.Errorf("%s: %q, %q", output, what, place)
		}
	}
}
