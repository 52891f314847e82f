package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestSaysVersion(t *testing.T) {
	for release, want := range map[string]bool{
		"go1.21.13": false, "go1.23": false, "go1.24rc1": true, "go1.24.0": true, "go1.26.8": true, "devel go1.27-abc": true,
	} {
		if got := saysVersion(release); got != want {
			t.Errorf("%s: %v", release, got)
		}
	}
}

// The linker itself and the release's own reader have the last word.
func TestTheLinkerWritesTheStamp(t *testing.T) {
	dir := t.TempDir()
	self := filepath.Join(dir, "helper")
	write(t, filepath.Join(dir, "m", "go.mod"), "module example.com/m\n\ngo 1.21\n")
	write(t, filepath.Join(dir, "m", "main.go"), "package main\n\nfunc main() {}\n")
	run := func(in string, command ...string) string {
		t.Helper()
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Dir = in
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", command, err, out)
		}
		return string(out)
	}
	run(".", "go", "build", "-o", self, ".")
	t.Setenv(vcsVariable, `{"revision":"0123456789abcdef0123456789abcdef01234567","time":"2026-01-31T09:30:00Z","modified":false,"version":"v1.2.3"}`)
	run(filepath.Join(dir, "m"), "go", "build", "-buildvcs=false", "-trimpath", "-toolexec="+self+" tool", "-o", "m")
	got := run(filepath.Join(dir, "m"), "go", "version", "-m", "m")
	want := "\tbuild\tvcs=git\n\tbuild\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n\tbuild\tvcs.time=2026-01-31T09:30:00Z\n\tbuild\tvcs.modified=false\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got %s", got)
	}
	if saysVersion(runtime.Version()) && !strings.Contains(got, "\tmod\texample.com/m\tv1.2.3\t\n") {
		t.Errorf("got %s", got)
	}
}
