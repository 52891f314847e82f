package main

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// shell is a dynamic program that every system with libraries has.
const shell = "/bin/sh"

// nativeTarget has the target be this machine.
func nativeTarget(t *testing.T) {
	t.Helper()
	t.Setenv("GOARCH", runtime.GOARCH)
}

func noteOf(t *testing.T, err error) string {
	t.Helper()
	failed, ok := err.(*goFailed)
	if !ok {
		t.Fatalf("%v", err)
	}
	return failed.note
}

func TestADynamicBinaryIsNotStatic(t *testing.T) {
	nativeTarget(t)
	note := noteOf(t, mustBeStatic(shell))
	if !strings.HasPrefix(note, "GF062 sh was to be static, and needs libc.so.6 (of Debian's package libc6:") {
		t.Error(note)
	}
}

func TestWhatIsWrittenIsEnoughToStart(t *testing.T) {
	nativeTarget(t)
	out := t.TempDir()
	args := []string{"-binary=" + shell, "-out=" + out}
	if err := libraries(args); err != nil {
		t.Fatal(err)
	}
	asks, err := readExecutable(shell)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(out, "/usr/lib/"+triplet())
	said, err := exec.Command(filepath.Join(out, asks.loader), "--library-path", folder, "--inhibit-cache", shell, "-c", "echo started").CombinedOutput()
	if err != nil || string(said) != "started\n" {
		t.Errorf("%s, %v", said, err)
	}
	status := read(t, filepath.Join(out, "var/lib/dpkg/status.d/libc6"))
	if !strings.HasPrefix(status, "Package: libc6\n") || !strings.Contains(status, "\nVersion: ") {
		t.Error(status)
	}
}

func TestABaseHasTheLibrariesOrNot(t *testing.T) {
	nativeTarget(t)
	check := func(base string) error {
		return libraries([]string{"-binary=" + shell, "-base=" + base, "-named=example.com/base:1", "-out=" + t.TempDir()})
	}
	if err := check("/"); err != nil {
		t.Error(err)
	}
	base := t.TempDir()
	if note := noteOf(t, check(base)); !strings.HasPrefix(note, "GF062 sh needs the loader ld-linux-") || !strings.Contains(note, "which the base example.com/base:1 has not") {
		t.Error(note)
	}
	asks, err := readExecutable(shell)
	if err != nil {
		t.Fatal(err)
	}
	// The loader behind a link that would leave the base if it were followed outside of it.
	loader, err := filepath.EvalSymlinks(asks.loader)
	if err != nil {
		t.Fatal(err)
	}
	if err := copyFile(loader, filepath.Join(base, "real/loader"), 0o755); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(base, asks.loader)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/../../real/loader", at); err != nil {
		t.Fatal(err)
	}
	if note := noteOf(t, check(base)); !strings.HasPrefix(note, "GF062 sh needs libc.so.6 (of Debian's package libc6") {
		t.Error(note)
	}
	// A folder that a file of /etc/ld.so.conf.d names, with a libc of no version that the shell asks for.
	if err := os.MkdirAll(filepath.Join(base, "etc/ld.so.conf.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"etc/ld.so.conf": "include ld.so.conf.d/*.conf\n", "etc/ld.so.conf.d/x.conf": "# ours\n/odd/place\n"} {
		if err := os.WriteFile(filepath.Join(base, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyFile(loader, filepath.Join(base, "odd/place/libc.so.6"), 0o755); err != nil {
		t.Fatal(err)
	}
	if note := noteOf(t, check(base)); !strings.Contains(note, "with GLIBC_") || !strings.Contains(note, "that of the base example.com/base:1 is older") {
		t.Error(note)
	}
}

func TestVersionsOfABrokenListAreReadNoFurther(t *testing.T) {
	entry := func(aux, next uint32) []byte {
		data := make([]byte, 24)
		binary.LittleEndian.PutUint32(data[12:], aux)
		binary.LittleEndian.PutUint32(data[16:], next)
		return data
	}
	names := []byte("\x00V_1\x00")
	single := entry(20, 0)
	binary.LittleEndian.PutUint32(single[20:], 1)
	for name, test := range map[string]struct {
		data []byte
		want int
	}{
		"one":                 {single, 1},
		"none":                {nil, 0},
		"cut":                 {single[:19], 0},
		"names beyond":        {entry(4000, 0), 0},
		"a next one beyond":   {append(entry(4000, 1<<31), single...), 0},
		"a name out of names": {append(entry(20, 0)[:20], 0xff, 0xff, 0, 0), 0},
	} {
		if got := versionsIn(test.data, names, binary.LittleEndian); len(got) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestToolsAreInGosKeyByTheirContent(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sum"), []byte("abc123\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CGO_ENABLED", "0")
	if env, err := cEnvironment(dir); err != nil || env != nil {
		t.Errorf("%v, %v", env, err)
	}
	t.Setenv("CGO_ENABLED", "1")
	env, err := cEnvironment(dir)
	if err != nil || len(env) != 1 || env[0] != "CGO_CPPFLAGS=-DGO_FRONTEND_C_TOOLS=0xabc123" {
		t.Errorf("%v, %v", env, err)
	}
	if _, err := cEnvironment(t.TempDir()); err == nil {
		t.Error("tools that say nothing of themselves are taken")
	}
}

func TestWhatIsMissingOfCIsNamed(t *testing.T) {
	for output, want := range map[string]string{
		"b.c:1:10: fatal error: sqlite3.h: No such file or directory":                           "GF063 the C header sqlite3.h is neither",
		"/usr/bin/ld: cannot find -lz: No such file or directory":                               "GF063 the C library z (-lz) is neither",
		"Package sqlite3 was not found in the pkg-config search path.":                          "GF063 the C library sqlite3, which pkg-config is asked for,",
		"Package 'sqlite3', required by 'virtual:world', not found":                             "GF063 the C library sqlite3, which pkg-config is asked for,",
		"b.c:1:10: fatal error: x: Permission denied\n/usr/bin/ld: b.o: undefined reference to": "",
	} {
		if got := missingC(output); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s", output, got)
		}
	}
}

func TestALibraryIsOfThePackageThatListsItsFile(t *testing.T) {
	root := t.TempDir()
	info := filepath.Join(root, "var/lib/dpkg/info")
	if err := os.MkdirAll(info, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"libc6:amd64.list":       "/.\n/lib\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n",
		"libc6-arm64-cross.list": "/usr/aarch64-linux-gnu/lib/libc.so.6\n",
		"zlib1g:amd64.list":      "/usr/lib/x86_64-linux-gnu/libz.so.1.2.13\n",
	} {
		if err := os.WriteFile(filepath.Join(info, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	packages := ownersIn(root)
	for file, want := range map[string]string{
		"usr/lib/x86_64-linux-gnu/libc.so.6":      "libc6:amd64",
		"lib/x86_64-linux-gnu/libz.so.1.2.13":     "zlib1g:amd64",
		"usr/aarch64-linux-gnu/lib/libc.so.6":     "libc6-arm64-cross",
		"usr/lib/x86_64-linux-gnu/libz.so.1.2.14": "",
	} {
		if got := packages.of(filepath.Join(root, file), root); got != want {
			t.Errorf("%s is of %q, want %q", file, got, want)
		}
	}
}
