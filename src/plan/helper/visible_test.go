package main

import (
	"bytes"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func shown(parts ...string) string {
	var out bytes.Buffer
	v := &visible{to: &out}
	for _, part := range parts {
		_, _ = v.Write([]byte(part))
	}
	v.flush()
	return out.String()
}

func TestVisible(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"main.go:3:5: cannot use x\n\thave (int)\n", "main.go:3:5: cannot use x\n\thave (int)\n"},
		{"\x1b[2J\x1b[1;1H\x1b[32m#20 DONE\n", "<U+001B>[2J<U+001B>[1;1H<U+001B>[32m#20 DONE\n"},
		{"日本 é 🙂 👩‍💻", "日本 é 🙂 👩‍💻"},
		{"\u009b31m\u202e\u061c\ufeff\u2028", "<U+009B>31m<U+202E><U+061C><U+FEFF><U+2028>"},
		{"\x9b31m \xff\xe6\x97", "<0x9B>31m <0xFF><0xE6><0x97>"},
		{"a\r\nb\rc\r", "a\nb<U+000D>c<U+000D>"},
		{"\ufffd", "\ufffd"},
	} {
		if got := shown(test.text); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
		if got := shown(strings.SplitAfter(test.text, "")...); !strings.Contains(test.text, "\x9b") && got != test.want {
			t.Errorf("%q a character at a time: %q", test.text, got)
		}
	}
}

func TestNothingThatATerminalObeysIsLeft(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 20_000; i++ {
		text := make([]byte, random.Intn(40))
		for i := range text {
			text[i] = "\x1b\x9b\x7f\r\n\t\xc2\xe2\x80\xaeab;[\x00\x07\x08\xff"[random.Intn(18)]
		}
		at := random.Intn(len(text) + 1)
		got := shown(string(text[:at]), string(text[at:]))
		if got != shown(string(text)) {
			t.Fatalf("%q cut at %d: %q", text, at, got)
		}
		if !utf8.ValidString(got) || strings.ContainsFunc(got, isHidden) {
			t.Fatalf("%q: %q", text, got)
		}
	}
}

// What this program prints, whatever prints it, in any of its commands: go's lines, those of programs that go starts,
// arguments that cannot be read, errors.
func TestNoOutputIsRaw(t *testing.T) {
	self, dir := build(t), t.TempDir()
	go1 := filepath.Join(dir, "go")
	script := "#!/bin/sh\nprintf '\\033[2Jdone\\n\\233\\n' >&2\nexit 1\n"
	if err := os.WriteFile(go1, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"link", "-failure=\x1b[32mok", "--", go1, "build"},
		{"cook", "--", go1, "build"},
		{"cook", "-lenient", "--", go1, "build"},
		{"download", "-source=" + dir, "--", go1, "mod"},
		{"download", "-source=" + dir, "-stub=./x", "-platform=a=B=c"},
		{"packages", "-stub=x", "-out=" + dir + "/\x1bout", "-platform=a=B=c"},
		{"rootfs", "-\x1b[2J"},
		{"link", "-\x1b[2J"},
		{"\x1b[2J"},
	} {
		cmd := exec.Command(self, args...)
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "GOCACHE="+dir, "GOMODCACHE="+dir)
		output, _ := cmd.CombinedOutput()
		if len(output) == 0 {
			t.Errorf("%q says nothing", args)
		}
		if strings.ContainsFunc(string(output), isHidden) || !utf8.Valid(output) {
			t.Errorf("%q prints %q", args, output)
		}
	}
}

// A process that was left behind holds the log open: it does not hold up the build.
func TestALeftProcessDoesNotHoldUpTheEnd(t *testing.T) {
	flush, err := showAll()
	if err != nil {
		t.Fatal(err)
	}
	left := exec.Command("sleep", "3600")
	left.Stderr = os.Stderr
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	flush()
	if err := left.Process.Kill(); err != nil {
		t.Errorf("flush has waited for the end of it: %v", err)
	}
	_ = left.Wait()
}

func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "helper")
	if output, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return file
}
