package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tenant is a service with a go.sum, as `go mod download` writes it where it may, from a proxy of the given modules.
func tenant(t *testing.T, modules map[string]map[string]string) (files map[string]string, url string) {
	t.Helper()
	goEnvironment(t)
	url = proxy(t, modules)
	t.Setenv("GOPROXY", url)
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	enter(t, map[string]string{"go.mod": "module example.com/app\n\ngo 1.21\n\nrequire public.example/lib v1.0.0\n"})
	if err := runGo([]string{"go", "mod", "download", "public.example/lib@v1.0.0"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files, url
}

// downloads runs the download of a tenant as one build does, and gives what its module cache has of lib.go.
func downloads(t *testing.T, files map[string]string, url, store string, flags ...string) (string, error) {
	t.Helper()
	cache := goEnvironment(t)
	t.Setenv("GOPROXY", url)
	enter(t, files)
	err := download(append([]string{"-store=" + store, "-home=" + home(t)}, flags...))
	text, _ := os.ReadFile(filepath.Join(cache, "public.example/lib@v1.0.0/lib.go"))
	return string(text), err
}

const nowhere = "file:///nonexistent"

var forged = map[string]map[string]string{"public.example/lib@v1.0.0": {
	"go.mod": "module public.example/lib\n\ngo 1.20\n", "lib.go": "package lib // forged\n",
}}

func TestTheStoreIsAskedBeforeTheNetwork(t *testing.T) {
	files, url := tenant(t, modules)
	store := t.TempDir()
	for _, proxies := range []string{url, nowhere} {
		if got, err := downloads(t, files, proxies, store); err != nil || got != "package lib\n" {
			t.Errorf("%s: %q, %v", proxies, got, err)
		}
	}
}

func TestWhatComesFromTheStoreIsWhatComesFromTheNetwork(t *testing.T) {
	files, url := tenant(t, modules)
	store := t.TempDir()
	tree := func(proxies string) string {
		if _, err := downloads(t, files, proxies, store); err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		root := os.Getenv("GOMODCACHE")
		err := filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
			text, _ := os.ReadFile(name)
			all.WriteString(strings.TrimPrefix(name, root) + " " + modified(t, name).String() + " " + string(text) + "\n")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all.String()
	}
	network := tree(url)
	if stored := tree(nowhere); stored != network || !strings.Contains(network, "lib.go") {
		t.Errorf("from the network:\n%s\nfrom the store:\n%s", network, stored)
	}
}

func TestAnotherProjectsModuleOfThatNameReachesNobody(t *testing.T) {
	evil, evilURL := tenant(t, forged)
	files, url := tenant(t, modules)
	store := t.TempDir()
	if got, err := downloads(t, evil, evilURL, store); err != nil || got != "package lib // forged\n" {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := downloads(t, files, url, store); err != nil || got != "package lib\n" {
		t.Errorf("the other tenant got %q, %v", got, err)
	}
	if got, err := downloads(t, evil, nowhere, store); err != nil || got != "package lib // forged\n" {
		t.Errorf("each has its own in the store: %q, %v", got, err)
	}
}

func TestAProxyThatForgesIsRefusedAndNothingOfItIsKept(t *testing.T) {
	files, url := tenant(t, modules)
	_, evilURL := tenant(t, forged)
	store := t.TempDir()
	if _, err := downloads(t, files, evilURL, store); err == nil {
		t.Fatal("another module than go.sum asks for was taken")
	}
	if got, err := downloads(t, files, url, store); err != nil || got != "package lib\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestADamagedStoreHeals(t *testing.T) {
	files, url := tenant(t, modules)
	_, evilURL := tenant(t, forged)
	evilZip, err := os.ReadFile(filepath.Join(strings.TrimPrefix(evilURL, "file://"), "public.example/lib/@v/v1.0.0.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for what, damage := range map[string]func(path string) error{
		"nothing":         func(path string) error { return os.Truncate(path, 0) },
		"a part":          func(path string) error { return os.Truncate(path, 30) },
		"another module":  func(path string) error { return os.WriteFile(path, evilZip, 0o644) },
		"text":            func(path string) error { return os.WriteFile(path, []byte("module public.example/evil\n"), 0o644) },
		"a folder":        func(path string) error { os.Remove(path); return os.MkdirAll(filepath.Join(path, "x"), 0o755) },
		"a pipe":          func(path string) error { os.Remove(path); return syscall.Mkfifo(path, 0o644) },
		"a link":          func(path string) error { os.Remove(path); return os.Symlink("/dev/zero", path) },
		"no right to it":  func(path string) error { return os.Chmod(path, 0) },
		"a sparse giant":  func(path string) error { return os.Truncate(path, 1<<40) },
		"a broken binary": func(path string) error { return flip(path) },
	} {
		for _, kind := range []string{".zip", ".mod"} {
			store := t.TempDir()
			if _, err := downloads(t, files, url, store); err != nil {
				t.Fatal(err)
			}
			found, _ := filepath.Glob(filepath.Join(store, "*"+kind))
			if len(found) != 1 {
				t.Fatalf("the store has %v", found)
			}
			if err := damage(found[0]); err != nil {
				t.Fatal(err)
			}
			if got, err := downloads(t, files, url, store); err != nil || got != "package lib\n" {
				t.Errorf("%s in place of a %s: %q, %v", what, kind, got, err)
			}
			if got, err := downloads(t, files, nowhere, store); err != nil || got != "package lib\n" {
				t.Errorf("%s in place of a %s stays: %q, %v", what, kind, got, err)
			}
		}
	}
}

// flip changes one bit in the middle.
func flip(path string) error {
	data, err := os.ReadFile(path)
	if err == nil {
		data[len(data)/2] ^= 1
		err = os.WriteFile(path, data, 0o644)
	}
	return err
}

func TestWhatWasPutInPlaceOfAnOpenFileIsNotRead(t *testing.T) {
	files, url := tenant(t, modules)
	dir := t.TempDir()
	if _, err := downloads(t, files, url, dir); err != nil {
		t.Fatal(err)
	}
	enter(t, files)
	sums, err := readSums(".")
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStore(dir, sums)
	if err != nil {
		t.Fatal(err)
	}
	entries, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range entries {
		os.Remove(name)
		if err := syscall.Mkfifo(name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	goEnvironment(t)
	t.Setenv("GOPROXY", s.url())
	if err := runGo([]string{"go", "mod", "download"}, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestAStoreThatGoCannotReadIsLeftAside(t *testing.T) {
	files, url := tenant(t, modules)
	dir := t.TempDir()
	if _, err := downloads(t, files, url, dir); err != nil {
		t.Fatal(err)
	}
	enter(t, files)
	sums, err := readSums(".")
	if err != nil {
		t.Fatal(err)
	}
	for output, want := range map[string]bool{"reading %s/x.zip: permission denied": true, "404 Not Found": false} {
		s, err := openStore(dir, sums)
		if err != nil {
			t.Fatal(err)
		}
		output = strings.Replace(output, "%s", s.url(), 1)
		if got := s.heal(&goFailed{code: 1, output: output}); got != want {
			t.Errorf("%s: %v", output, got)
		}
		left, _ := filepath.Glob(filepath.Join(s.proxy, "public.example/lib/@v/*.zip"))
		if want == (len(left) > 0) {
			t.Errorf("%s: the proxy has %v", output, left)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("the store has %v", entries)
	}
}

func TestPrivateModulesAreNotKept(t *testing.T) {
	goEnvironment(t)
	t.Setenv("GOPROXY", proxy(t, modules))
	enter(t, service)
	store := t.TempDir()
	if err := download([]string{"-store=" + store, "-home=" + home(t)}); err != nil {
		t.Fatal(err)
	}
	if text := contents(t, store); !strings.Contains(text, "public.example/lib") || strings.Contains(text, "private.example/embeds") {
		t.Errorf("the store has %q", text)
	}
}

// contents is what all files of a folder hold.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		text, failed := os.ReadFile(filepath.Join(dir, entry.Name()))
		if failed != nil {
			err = failed
		}
		all.Write(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// guarded serves a folder to those that log in, and counts the others.
func guarded(t *testing.T, dir string) (url, ca string, refused *int) {
	t.Helper()
	refused = new(int)
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "secret" {
			*refused++
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return server.URL, write(t, filepath.Join(t.TempDir(), "ca.pem"), string(certificate)), refused
}

func TestWhatNeedsALoginIsNotKept(t *testing.T) {
	files, url := tenant(t, modules)
	dir := strings.TrimPrefix(url, "file://")
	corp, ca, refused := guarded(t, dir)
	host := strings.TrimPrefix(corp, "https://")
	secret := filepath.Join(t.TempDir(), "netrc")
	write(t, secret, "machine "+host+"\nlogin ci\npassword secret\n")
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, "secret\n")
	command := write(t, filepath.Join(t.TempDir(), "goauth"), "#!/bin/sh\nprintf '"+corp+"\\n\\nAuthorization: Basic Y2k6c2VjcmV0\\n\\n'\n")
	if err := os.Chmod(command, 0o755); err != nil {
		t.Fatal(err)
	}
	for way, given := range map[string]struct {
		proxy string
		flags []string
		env   [2]string
	}{
		"a netrc file":                        {corp, []string{"-netrc=" + secret + " corp"}, [2]string{}},
		"a token":                             {corp, []string{"-token=127.0.0.1 ci " + token + " corp"}, [2]string{}},
		"the address of the proxy":            {"https://ci:secret@" + host, nil, [2]string{}},
		"a netrc file of the toolchain image": {corp, nil, [2]string{"NETRC", secret}},
		"a command of the toolchain image":    {corp, nil, [2]string{"GOAUTH", command}},
	} {
		*refused = 0
		store := t.TempDir()
		if given.env[0] != "" {
			t.Setenv(given.env[0], given.env[1])
		}
		if got, err := downloads(t, files, given.proxy, store, append(given.flags, "-ca="+ca)...); err != nil || got != "package lib\n" {
			t.Errorf("%s: %q, %v", way, got, err)
		}
		t.Setenv("NETRC", "")
		t.Setenv("GOAUTH", "")
		if text := contents(t, store); text != "" {
			t.Errorf("%s: the store has %q", way, text)
		}
		if _, err := downloads(t, files, corp, store, "-ca="+ca); err == nil {
			t.Errorf("%s: another project without a login has the module", way)
		}
		if *refused == 0 {
			t.Errorf("%s: nobody was refused", way)
		}
	}
}

func TestWhatNeedsNoLoginIsKeptBesideALogin(t *testing.T) {
	files, url := tenant(t, modules)
	secret := filepath.Join(t.TempDir(), "netrc")
	write(t, secret, "machine other.example\nlogin ci\npassword secret\n")
	store := t.TempDir()
	if got, err := downloads(t, files, url, store, "-netrc="+secret+" corp"); err != nil || got != "package lib\n" {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := downloads(t, files, nowhere, store); err != nil || got != "package lib\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTheStoreIsBounded(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	name := func(first byte) string { return strings.Repeat(string(first), 64) + ".zip" }
	for path, age := range map[string]time.Duration{
		name('a'): 3 * time.Hour, name('b'): time.Hour, name('c'): 2 * time.Hour,
		// A time to come is no reason to stay.
		name('d'):     -time.Hour,
		"writing.tmp": time.Minute, "left.tmp": 2 * time.Hour, "foreign": 0, "folder/file": 0,
	} {
		path = filepath.Join(dir, path)
		write(t, path, strings.Repeat("x", 100))
		if err := os.Chtimes(path, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&store{dir: dir}).trim(300, now); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if want := []string{name('b'), name('c'), "writing.tmp"}; strings.Join(left, " ") != strings.Join(want, " ") {
		t.Errorf("left: %v", left)
	}
}

func TestAStoreThatCannotBeWrittenIsNoFailure(t *testing.T) {
	files, url := tenant(t, modules)
	store := filepath.Join(t.TempDir(), "file")
	write(t, store, "")
	if got, err := downloads(t, files, url, store); err != nil || got != "package lib\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEveryWayOfALoginIsKnown(t *testing.T) {
	for setting, want := range map[string]bool{
		"NETRC=/root/.netrc":          true,
		"NETRC=":                      false,
		"GOAUTH=git dir":              true,
		"GOAUTH=off":                  false,
		"GOAUTH=netrc":                false, // HOME is ours
		"GIT_CONFIG_COUNT=1":          true,
		"GIT_SSH_COMMAND=ssh -i /key": true,
		"SSH_AUTH_SOCK=/agent":        true,
		"HTTPS_PROXY=http://u:p@proxy.example:3128": true,
		"https_proxy=http://u:p@proxy.example:3128": true,
		"HTTPS_PROXY=http://proxy.example:3128":     false,
		"NO_PROXY=a@b":                              false,
		"PATH=/usr/bin":                             false,
	} {
		if got := len(loginSettings([]string{setting})) > 0; got != want {
			t.Errorf("%s: %v", setting, got)
		}
	}
}
