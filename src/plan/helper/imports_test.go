package main

import (
	"os"
	"path/filepath"
	"testing"
)

// served is a proxy's modules: one that is imported, one whose archive is not there, one that imports the service back.
var served = map[string]map[string]string{
	"public.example/lib@v1.0.0": {
		"go.mod":     "module public.example/lib\n\ngo 1.16\n",
		"lib.go":     "package lib\n",
		"sub/sub.go": "package sub\n",
	},
	"public.example/gone@v1.0.0": {
		"go.mod": "module public.example/gone\n\ngo 1.16\n",
	},
	"public.example/plugin@v1.0.0": {
		"go.mod": "module public.example/plugin\n\ngo 1.16\n",
		"p.go":   "package plugin\n\nimport _ \"example.com/app/hooks\"\n",
	},
}

// fetched runs a download for what a stub imports, of a module or of a workspace that requires all of them.
func fetched(t *testing.T, work bool, imports string, more ...string) (root, cache string, err error) {
	t.Helper()
	cache = goEnvironment(t)
	t.Setenv("GOFLAGS", "-trimpath -buildvcs=false -modcacherw")
	t.Setenv("GOWORK", "")
	url := proxy(t, served)
	if err := os.Remove(filepath.Join(url[len("file://"):], "public.example/gone/@v/v1.0.0.zip")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", url)
	files := map[string]string{
		"app/go.mod":       "module example.com/app\n\ngo 1.16\n\nrequire (\n\tpublic.example/gone v1.0.0\n\tpublic.example/lib v1.0.0\n\tpublic.example/plugin v1.0.0\n)\n",
		"app/stub/deps.go": "package deps\n\nimport (\n" + imports + ")\n",
	}
	if work {
		files["go.work"] = "go 1.21\n\nuse ./app\n"
	} else {
		files["app/go.sum"] = sumsOf(t, "app", files)
	}
	enter(t, files)
	if root, err = os.Getwd(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir("app"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PWD", filepath.Join(root, "app"))
	args := []string{"-home=" + home(t), "-source=" + root, "-stub=./stub", "-modules=example.com/app", "-platform=linux/amd64=GOOS=linux,GOARCH=amd64"}
	return root, cache, download(append(args, more...))
}

// sumsOf gives the lines of go.sum that loading all packages takes: those of go.mod files, and of the archives that there are.
func sumsOf(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	enter(t, files)
	if err := os.Chdir(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	cache := os.Getenv("GOMODCACHE")
	t.Setenv("GOMODCACHE", t.TempDir())
	if err := runGo([]string{"go", "mod", "download", "public.example/lib", "public.example/plugin"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-trimpath -buildvcs=false -modcacherw")
	t.Setenv("GOMODCACHE", cache)
	return string(text)
}

func TestWhatAPackageImportsIsFetched(t *testing.T) {
	for _, work := range []bool{false, true} {
		more := []string{}
		if work {
			more = append(more, "-work=.")
		}
		root, cache, err := fetched(t, work, "\t_ \"public.example/lib/sub\"\n", more...)
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]bool{
			"public.example/lib@v1.0.0/sub/sub.go":               true,
			"public.example/plugin@v1.0.0":                       false,
			"cache/download/public.example/gone/@v/v1.0.0.mod":   true,
			"cache/download/public.example/plugin/@v/v1.0.0.mod": true,
			"go.work.sum": work,
		} {
			if got := exists(filepath.Join(cache, path)); got != want {
				t.Errorf("workspace %v: the cache has %s: %v", work, path, got)
			}
		}
		if exists(filepath.Join(root, "app", "go.sum")) == work || exists(filepath.Join(root, "go.work.sum")) {
			t.Error("go wrote to the source")
		}
		if !work {
			continue
		}
		text, err := os.ReadFile(filepath.Join(cache, "go.work.sum"))
		if err != nil || len(text) == 0 {
			t.Errorf("go.work.sum holds %q, %v", text, err)
		}
	}
}

func TestWhatAPackageImportsCannotBeFetched(t *testing.T) {
	_, _, err := fetched(t, true, "\t_ \"public.example/gone\"\n")
	if failed, ok := err.(*goFailed); !ok || failed.code != unfetched {
		t.Errorf("got %#v", err)
	}
}

func TestAPackageOfTheTreeIsImported(t *testing.T) {
	_, _, err := fetched(t, false, "\t_ \"public.example/plugin\"\n")
	if failed, ok := err.(*goFailed); !ok || failed.code != imported {
		t.Errorf("got %#v", err)
	}
}

func TestWhatIsWrongWithTheCodeIsLeftToTheLinkStep(t *testing.T) {
	_, cache, err := fetched(t, false, "\t_ \"public.example/lib\"\n\t_ \"public.example/lib/nowhere\"\n\t_ \"public.example/unheard/of\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(cache, "public.example/lib@v1.0.0/lib.go")) {
		t.Error("what there is was not fetched")
	}
}

func TestWhatIsLackingIsToldWithoutANetwork(t *testing.T) {
	goEnvironment(t)
	// As a description with modules.private sets it: such modules come from their own servers.
	t.Setenv("GONOPROXY", "private.example")
	t.Setenv("GOPROXY", "off")
	enter(t, map[string]string{
		"go.mod":       "module example.com/app\n\ngo 1.21\n\nrequire private.example/embeds v1.0.0\n",
		"go.sum":       "private.example/embeds v1.0.0 h1:x=\nprivate.example/embeds v1.0.0/go.mod h1:x=\n",
		"stub/deps.go": "package deps\n\nimport _ \"private.example/embeds\"\n",
	})
	stub, tags, modules := "./stub", "", "example.com/app"
	w := &wanted{stub: &stub, tags: &tags, modules: &modules}
	if got, err := w.lacking([]string{"HOME=" + home(t)}); err != nil || got != aModule {
		t.Errorf("%v, %v", got, err)
	}
}
