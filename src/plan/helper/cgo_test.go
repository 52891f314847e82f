package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cgoModules are as modules are that need a C library: all of it, or the part that does the work.
var cgoModules = map[string]map[string]string{
	"native.example/all@v1.0.0": {
		"go.mod": "module native.example/all\n\ngo 1.21\n",
		"doc.go": "// Package all is documented.\n//go:build ignore\n\npackage all\n",
		"all.go": "package all\n\n// #include <stdlib.h>\nimport \"C\"\n\nfunc Open() { C.abort() }\n",
	},
	"native.example/some@v1.0.0": {
		"go.mod":    "module native.example/some\n\ngo 1.21\n",
		"consts.go": "package some\n\nconst Level = 1\n",
		"some.go":   "package some\n\nimport (\n\t\"unsafe\"\n)\n\n// #include <stdlib.h>\nimport \"C\"\n\nvar _ unsafe.Pointer\n\nfunc Open() { C.abort() }\n",
	},
	"public.example/over@v1.0.0": {
		"go.mod":  "module public.example/over\n\ngo 1.21\n\nrequire native.example/all v1.0.0\n",
		"over.go": "package over\n\nimport \"native.example/all\"\n\nfunc Open() { all.Open() }\n",
	},
	"windows.example/only@v1.0.0": {
		"go.mod":          "module windows.example/only\n\ngo 1.21\n",
		"only_windows.go": "package only\n",
	},
}

func cgoService(imports string, body string) map[string]string {
	return map[string]string{
		"go.mod":         "module example.com/app\n\ngo 1.21\n\nrequire (\n\tnative.example/all v1.0.0\n\tnative.example/some v1.0.0\n\tpublic.example/over v1.0.0\n\twindows.example/only v1.0.0\n)\n",
		"main.go":        "package main\n\nimport \"example.com/app/store\"\n\nfunc main() { store.Open() }\n",
		"store/store.go": "package store\n\nimport \"" + imports + "\"\n\nfunc Open() { " + body + " }\n",
	}
}

func TestAFailureForLackOfCgoSaysSo(t *testing.T) {
	for name, example := range map[string]struct{ imports, body, want string }{
		"a package of which nothing is left": {
			"public.example/over", "over.Open()",
			`GF060 package native.example/all needs cgo, which is off: native.example/all/all.go line 4 imports "C" (imported by example.com/app → example.com/app/store → public.example/over); write ` + "`build: { cgo: true }`" + `, or use a package that needs no C in its place` + "\nGF090 it failed",
		},
		"a package of which the rest is left": {
			"native.example/some", "some.Open()",
			`GF060 Open of package native.example/some needs cgo, which is off: native.example/some/some.go line 8 imports "C" (imported by example.com/app → example.com/app/store); write ` + "`build: { cgo: true }`" + `, or use a package that needs no C in its place` + "\nGF090 it failed",
		},
		"a slip beside such a package":        {"native.example/some", "some.Opne()", "GF090 it failed"},
		"a package for another platform":      {"windows.example/only", "only.Open()", "GF090 it failed"},
		"a name that nothing declares at all": {"native.example/some", "_ = some.Level; x()", "GF090 it failed"},
	} {
		t.Run(name, func(t *testing.T) {
			goEnvironment(t)
			t.Setenv("GOPROXY", proxy(t, cgoModules))
			t.Setenv("GOFLAGS", "-mod=mod -modcacherw -trimpath")
			t.Setenv("CGO_ENABLED", "0")
			enter(t, cgoService(example.imports, example.body))
			out := t.TempDir()
			err := link([]string{"-modules=example.com/app", "-out=" + out, "-failure=GF090 it failed", "--", "go", "build", "-v", "-tags=x,y", "-o", filepath.Join(out, "app"), "."})
			failed, ok := err.(*goFailed)
			if !ok {
				t.Fatalf("%v", err)
			}
			if failed.note != example.want {
				t.Errorf("got  %s\nwant %s\nafter\n%s", failed.note, example.want, failed.output)
			}
		})
	}
}

func TestTheListingNamesPackagesThatNeedCgo(t *testing.T) {
	goEnvironment(t)
	t.Setenv("GOPROXY", proxy(t, cgoModules))
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	service := cgoService("public.example/over", "over.Open()")
	service["stub/stub.go"] = "package stub\n\nimport (\n\t_ \"native.example/some\"\n\t_ \"public.example/over\"\n\t_ \"windows.example/only\"\n)\n"
	enter(t, service)
	out := filepath.Join(t.TempDir(), "packages.json")
	if err := packages([]string{"-out=" + out, "-stub=./stub", "-modules=example.com/app", "-platform=linux/arm64=CGO_ENABLED=0,GOOS=linux,GOARCH=arm64"}); err != nil {
		t.Fatal(err)
	}
	text := read(t, out)
	var found map[string]listing
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatal(err)
	}
	const want = `"cgo":[{"path":"native.example/all","file":"native.example/all/all.go","line":4}]`
	if !strings.Contains(text, want) {
		t.Errorf("%s", text)
	}
}

// TestMain lets this program be what go runs its tools through, as the helper is; see withTools.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "tool" {
		exit(tool(os.Args[2:]))
	}
	os.Exit(m.Run())
}
