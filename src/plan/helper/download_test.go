package main

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMatchesAnyAsGOPRIVATEIsMatched(t *testing.T) {
	for _, test := range []struct {
		module, patterns string
		want             bool
	}{
		{"github.com/acme/lib", "github.com/acme/*", true},
		{"github.com/acme/lib/v2/sub", "github.com/acme/*", true},
		{"github.com/acme", "github.com/acme/*", false},
		{"github.com/acmeother/lib", "github.com/acme/*", false},
		{"git.corp.example/x", "*.corp.example", true},
		{"corp.example/x", "*.corp.example", false},
		{"github.com/a/b", "github.com", true},
		{"github.com/a/b", "", false},
		{"github.com/a/b", "x.example,github.com/a", true},
		{"github.com/a/b", "[", false},
	} {
		if got := matchesAny(test.module, strings.Split(test.patterns, ",")); got != test.want {
			t.Errorf("%s against %s: %v", test.module, test.patterns, got)
		}
	}
}

func TestUnescape(t *testing.T) {
	for escaped, want := range map[string]string{
		"github.com/!burnt!sushi/toml": "github.com/BurntSushi/toml",
		"github.com/acme/lib":          "github.com/acme/lib",
		"v1.0.0-!r!c1":                 "v1.0.0-RC1",
	} {
		if got := unescape(escaped); got != want {
			t.Errorf("%s: %s", escaped, got)
		}
	}
}

// proxy writes a module proxy of files. A module is named path@version; its files are a go.mod and the given ones.
func proxy(t *testing.T, modules map[string]map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, files := range modules {
		path, version, _ := strings.Cut(name, "@")
		versions := filepath.Join(dir, path, "@v")
		write(t, filepath.Join(versions, "list"), version+"\n")
		write(t, filepath.Join(versions, version+".info"), fmt.Sprintf(`{"Version":%q,"Time":"2026-01-02T03:04:05Z"}`, version))
		write(t, filepath.Join(versions, version+".mod"), files["go.mod"])
		var archive bytes.Buffer
		out := zip.NewWriter(&archive)
		for file, text := range files {
			entry, err := out.Create(name + "/" + file)
			if err == nil {
				_, err = entry.Write([]byte(text))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(versions, version+".zip"), archive.String())
	}
	return "file://" + dir
}

// goEnvironment is what the graph says to every go command, with folders of the test.
func goEnvironment(t *testing.T) (modcache string) {
	t.Helper()
	modcache = filepath.Join(t.TempDir(), "gm")
	for _, setting := range os.Environ() {
		// What this machine logs in with is not in a build step.
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "SSH_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	t.Setenv("GOMODCACHE", modcache)
	t.Setenv("GOFLAGS", "-trimpath -buildvcs=false -mod=readonly -modcacherw")
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("GOENV", "off")
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOPRIVATE", "private.example")
	t.Setenv("GONOSUMDB", "")
	t.Setenv("GONOPROXY", "none")
	t.Setenv("GOWORK", "off")
	return modcache
}

// home is an empty home folder in which the go command leaves nothing behind: its telemetry is written by a process of
// its own, which may outlive the test.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".config/go/telemetry/mode"), "off")
	return dir
}

// enter makes a module and goes into it.
func enter(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for path, text := range files {
		write(t, filepath.Join(dir, path), text)
	}
	before, err := os.Getwd()
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chdir(before) })
}

var modules = map[string]map[string]string{
	"public.example/lib@v1.0.0": {
		"go.mod":          "module public.example/lib\n\ngo 1.21\n",
		"lib.go":          "package lib\n",
		"lib_test.go":     "package lib\n",
		"sub/sub.go":      "package sub\n\nimport (\n\t_ \"public.example/lib/internal/x\"\n\t_ \"strings\"\n)\n",
		"internal/x/x.go": "package x\n",
	},
	"private.example/embeds@v1.0.0": {
		"go.mod":    "module private.example/embeds\n\ngo 1.21\n\nrequire public.example/lib v1.0.0\n",
		"e.go":      "package embeds\n\nimport (\n\t_ \"embed\"\n\n\t_ \"example.com/app/hooks\"\n\t_ \"public.example/lib/sub\"\n)\n\n//go:embed *_test.go\nvar text string\n",
		"e_test.go": "package embeds\n",
	},
}

var service = map[string]string{
	"go.mod":           "module example.com/app\n\ngo 1.21\n\nrequire (\n\tprivate.example/embeds v1.0.0\n\tpublic.example/lib v1.0.0\n)\n",
	"stub/deps.go":     "package deps\n\nimport _ \"private.example/embeds\"\n",
	"hooks/hooks.go":   "package hooks\n",
	"unused/unused.go": "package unused\n",
}

func TestDownload(t *testing.T) {
	cache := goEnvironment(t)
	home := home(t)
	t.Setenv("GOPROXY", proxy(t, modules))
	enter(t, service)
	if err := download([]string{"-home=" + home}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"public.example/lib@v1.0.0/lib.go":                    true,
		"public.example/lib@v1.0.0/lib_test.go":               false, // nothing could notice
		"private.example/embeds@v1.0.0/e_test.go":             true,  // something may embed it
		"cache/download/public.example/lib/@v/v1.0.0.mod":     true,
		"cache/download/public.example/lib/@v/v1.0.0.info":    true,
		"cache/download/public.example/lib/@v/v1.0.0.ziphash": true,
		"cache/download/public.example/lib/@v/v1.0.0.zip":     false,
		"cache/download/public.example/lib/@v/v1.0.0.lock":    false,
		"cache/download/public.example/lib/@v/list":           false,
		"cache/vcs":  false,
		"cache/lock": false,
	} {
		if got := exists(filepath.Join(cache, path)); got != want {
			t.Errorf("the cache has %s: %v", path, got)
		}
	}
	if text, err := os.ReadFile(filepath.Join(cache, "cache/download/public.example/lib/@v/v1.0.0.info")); err != nil || string(text) != `{"Version":"v1.0.0"}` {
		t.Errorf("what a proxy says of a time or an origin is no part of the result: %s, %v", text, err)
	}
	for _, path := range []string{"", "public.example/lib@v1.0.0", "public.example/lib@v1.0.0/lib.go"} {
		if got := modified(t, filepath.Join(cache, path)); !got.Equal(time.Unix(0, 0)) {
			t.Errorf("%q has time %s", path, got)
		}
	}
}

func TestDownloadInParts(t *testing.T) {
	sums := func(t *testing.T) string {
		// go.sum as `go mod download` writes it where it may.
		goEnvironment(t)
		t.Setenv("GOPROXY", proxy(t, modules))
		t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
		enter(t, service)
		if err := runGo([]string{"go", "mod", "download"}, nil, nil); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile("go.sum")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}(t)
	for _, test := range []struct {
		files   map[string]string
		command []string
		want    map[string]bool
	}{{
		map[string]string{"go.mod": "module example.com/part\n\ngo 1.17\n", "go.sum": sums},
		[]string{"go", "mod", "download", "public.example/lib@v1.0.0"},
		map[string]bool{"public.example/lib@v1.0.0/lib.go": true, "private.example/embeds@v1.0.0/e.go": false},
	}, {
		map[string]string{"go.mod": service["go.mod"], "go.sum": sums},
		[]string{"go", "mod", "graph"},
		map[string]bool{
			"public.example/lib@v1.0.0/lib.go":                    false, // its go.mod is all that is asked for
			"cache/download/private.example/embeds/@v/v1.0.0.mod": true,
		},
	}} {
		cache := goEnvironment(t)
		t.Setenv("GOPROXY", proxy(t, modules))
		enter(t, test.files)
		if err := download(append([]string{"-home=" + home(t), "--"}, test.command...)); err != nil {
			t.Fatal(err)
		}
		for path, want := range test.want {
			if got := exists(filepath.Join(cache, path)); got != want {
				t.Errorf("%v: the cache has %s: %v", test.command, path, got)
			}
		}
	}
}

func TestAModuleThatIsNowhere(t *testing.T) {
	goEnvironment(t)
	t.Setenv("GOPROXY", proxy(t, nil))
	enter(t, service)
	failed, ok := download([]string{"-home=" + home(t)}).(*goFailed)
	if !ok || failed.code == 0 || !strings.HasPrefix(failed.note, "GF0") {
		t.Errorf("got %#v", failed)
	}
}

var nobody = authFlags(flag.NewFlagSet("", flag.ContinueOnError))

func TestExplain(t *testing.T) {
	for output, code := range map[string]string{
		"fatal: Host key verification failed.":                         "GF054",
		"git@x: Permission denied (publickey).":                        "GF051",
		"fatal: could not read Username for 'https://x': disabled":     "GF052",
		"fatal: Authentication failed for 'https://x/'":                "GF052",
		"reading https://proxy.golang.org/x/@v/v1.info: 404 Not Found": "GF052",
		"verifying module: checksum mismatch":                          "GF091",
	} {
		err := explain(&goFailed{code: 1, output: output}, nobody, t.TempDir())
		if failed, ok := err.(*goFailed); !ok || !strings.HasPrefix(failed.note, code+" ") {
			t.Errorf("%s: %v", output, err.(*goFailed).note)
		}
	}
	for output, want := range map[string]string{
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 403 Forbidden":                                  "go.mod:3:9: GF091 the module proxy p does not give x.example/a v1.0.0: 403 Forbidden\nhelp: ask whoever runs the proxy",
		"go: x.example/b@v1.0.0 (replaced by ./b): reading b/go.mod: open /tmp/m/src/b/go.mod: no such file or directory":     "go.mod:5:9: GF091 x.example/b v1.0.0 has no go.mod in the build context\nhelp: add the folder",
		"go: cannot load module c listed in go.work file: open c/go.mod: no such file or directory":                           "go.work:3:5: GF091 the folder c has no go.mod in the build context\nhelp: add the folder",
		"go: x.example/a@v1.0.0: verifying module: x.example/a@v1.0.0: Get \"https://sum.golang.org/lookup/x\": no such host": "go.mod:3:9: GF091 the checksum database cannot be asked for x.example/a v1.0.0\nhelp: commit the go.sum",
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 404 Not Found":                                  "go.mod:3:9: GF052 x.example/a v1.0.0 is not on the module proxy\nhelp: if it is private",
	} {
		root := t.TempDir()
		write(t, filepath.Join(root, "go.mod"), "module example.com/app\n\nrequire x.example/a v1.0.0\n\nreplace x.example/b => ./b\n")
		write(t, filepath.Join(root, "go.work"), "go 1.26\n\nuse c\n")
		err := explain(&goFailed{code: 1, output: output}, nobody, root)
		if failed, ok := err.(*goFailed); !ok || !strings.HasPrefix(failed.note, want) {
			t.Errorf("%s: %v", output, err.(*goFailed).note)
		}
	}
	untrusted := explain(&goFailed{code: 1, output: "tls: failed to verify certificate: x509: certificate signed by unknown authority"}, nobody, t.TempDir())
	if failed, ok := untrusted.(*goFailed); !ok || !strings.Contains(failed.note, "--secret id=ca-certificates") {
		t.Errorf("an untrusted certificate: %#v", untrusted)
	}
	if err := os.ErrNotExist; explain(err, nobody, t.TempDir()) != err {
		t.Error("another error is changed")
	}
}
