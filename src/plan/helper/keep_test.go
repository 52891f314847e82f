package main

import (
	"encoding/json"
	"io/fs"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"
)

var several = map[string]map[string]string{
	"a.example/a@v1.0.0": {
		"go.mod":           "module a.example/a\n\ngo 1.21\n",
		"a.go":             "package a\n\nimport (\n\t_ \"a.example/a/asm\"\n\t_ \"a.example/b/pages\"\n)\n",
		"README.md":        "# a\n",
		"asm/asm.go":       "package asm\n\nfunc F()\n",
		"asm/f.s":          "#include \"../include/f.h\"\n\nTEXT ·F(SB), 4, $0-0\n\tRET\n",
		"include/f.h":      "#define F 1\n",
		"unused/unused.go": "package unused\n",
	},
	"a.example/b@v1.0.0": {
		"go.mod":                  "module a.example/b\n\ngo 1.21\n",
		"b.go":                    "package b\n",
		"pages/pages.go":          "package pages\n\nimport _ \"embed\"\n\n//go:embed html/index.html\nvar Index string\n",
		"pages/html/index.html":   "<p>\n",
		"unused/large/tables.txt": "0\n",
	},
	// Holds no package that is needed, but could hold a.example/b/pages by its name.
	"a.example/b/pages/more@v1.0.0": {
		"go.mod":  "module a.example/b/pages/more\n\ngo 1.21\n",
		"more.go": "package more\n",
	},
}

func TestKeepSources(t *testing.T) {
	goEnvironment(t)
	t.Setenv("GOPROXY", proxy(t, several))
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	enter(t, map[string]string{
		"go.mod":       "module example.com/app\n\ngo 1.21\n\nrequire (\n\ta.example/a v1.0.0\n\ta.example/b v1.0.0\n\ta.example/b/pages/more v1.0.0\n)\n",
		"stub/deps.go": "package deps\n\nimport _ \"a.example/a\"\n",
	})
	command := exec.Command("go", "mod", "download")
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	kept, out := t.TempDir(), filepath.Join(t.TempDir(), "packages.json")
	if err := packages([]string{"-out=" + out, "-keep=" + kept, "-stub=./stub", "-modules=example.com/app", "-platform=x=GOARCH=" + runtime.GOARCH}); err != nil {
		t.Fatal(err)
	}
	var found map[string]listing
	if err := json.Unmarshal([]byte(read(t, out)), &found); err != nil {
		t.Fatal(err)
	}
	if !found["x"].Kept {
		t.Error("the listing does not say that it kept everything")
	}
	var files []string
	err := filepath.WalkDir(kept, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !strings.HasPrefix(name, filepath.Join(kept, "cache")) && entry.Type().IsRegular() {
			files = append(files, strings.TrimPrefix(name, kept+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	want := []string{
		// All of a: its assembly includes from outside its own folder.
		"a.example/a@v1.0.0/README.md",
		"a.example/a@v1.0.0/a.go",
		"a.example/a@v1.0.0/asm/asm.go",
		"a.example/a@v1.0.0/asm/f.s",
		"a.example/a@v1.0.0/go.mod",
		"a.example/a@v1.0.0/include/f.h",
		"a.example/a@v1.0.0/unused/unused.go",
		"a.example/b@v1.0.0/pages/html/index.html",
		"a.example/b@v1.0.0/pages/pages.go",
	}
	if !reflect.DeepEqual(files, want) {
		t.Errorf("kept %q", files)
	}
	if !exists(filepath.Join(kept, "a.example/b/pages/more@v1.0.0")) {
		t.Error("go would look for the module that could hold an import, and not find its folder")
	}
	if got := modified(t, filepath.Join(kept, files[0])); !got.Equal(time.Unix(0, 0)) {
		t.Errorf("a kept file has time %s", got)
	}
	// The judge is go: it compiles from what was kept, with nowhere else to look.
	t.Setenv("GOMODCACHE", kept)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-mod=readonly")
	command = exec.Command("go", "build", "./stub")
	if text, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
