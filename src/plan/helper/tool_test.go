package main

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestToolArgs(t *testing.T) {
	for _, example := range [][2]string{
		{"/t/compile -o x -p fmt a.go", "/t/compile -d=gcstart=512 -o x -p fmt a.go"},
		{"/t/compile -V=full", "/t/compile -V=full"},
		{"/t/compile", "/t/compile"},
		{"/t/asm -p fmt a.s", "/t/asm -p fmt a.s"},
		{"/t/link -o x y", "/t/link -o x y"},
	} {
		if got := toolArgs(strings.Fields(example[0]), true); !reflect.DeepEqual(got, strings.Fields(example[1])) {
			t.Errorf("%s: %q", example[0], got)
		}
	}
}

func TestACompilerThatDoesNotKnowTheSettingIsRunAsItIs(t *testing.T) {
	args := strings.Fields("/t/compile -o x -p fmt a.go")
	if got := toolArgs(args, false); !reflect.DeepEqual(got, args) {
		t.Errorf("%q", got)
	}
}

// The assembler reads -d with the same code as the compiler and knows other keys: it stands for a compiler that has
// dropped this one.
func TestAToolThatDoesNotKnowTheKeySaysNo(t *testing.T) {
	if known, err := knowsGCStart("go", "tool", "asm"); known || err != nil {
		t.Errorf("the setting is known where it is not, or nobody knows: %v", err)
	}
}

func TestAToolThatCannotAnswerHasNotSaidNo(t *testing.T) {
	for _, tool := range [][]string{{filepath.Join(t.TempDir(), "missing")}, {"sh", "-c", "kill -9 $$"}, {"sh", "-c", "echo go tool compile: signal: killed; exit 1"}} {
		if _, err := knowsGCStart(tool...); err == nil {
			t.Errorf("%q: no error", tool)
		}
	}
}

// The compiler of the Go release that runs this test has the last word on its own keys.
func TestThisReleaseAnswersAsItsListOfKeysDoes(t *testing.T) {
	list, err := exec.Command("go", "tool", "compile", "-d=help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, list)
	}
	want := strings.Contains(string(list), "\n\tgcstart ")
	if got, err := knowsGCStart("go", "tool", "compile"); got != want || err != nil {
		t.Errorf("asked: %v, %v, in the list: %v", got, err, want)
	}
}

// unset makes the test independent of what whoever runs it has set.
func unset(t *testing.T) {
	for _, setting := range uncollected {
		name, _, _ := strings.Cut(setting, "=")
		t.Setenv(name, "")
	}
}

func TestOnlyBuildsRunTheirToolsThroughUs(t *testing.T) {
	unset(t)
	build, env, err := withTools([]string{"go", "build", "-v", "fmt"})
	if err != nil {
		t.Fatal(err)
	}
	if len(build) != 5 || !strings.HasPrefix(build[2], "-toolexec=/") || !strings.HasSuffix(build[2], " tool") {
		t.Errorf("go build: %q", build)
	}
	if !reflect.DeepEqual(env, uncollected) {
		t.Errorf("go build: environment %q", env)
	}
	for _, other := range [][]string{{"go", "list"}, {"go"}, {"true"}} {
		if got, env, err := withTools(other); err != nil || env != nil || !reflect.DeepEqual(got, other) {
			t.Errorf("%q: %q, %q, %v", other, got, env, err)
		}
	}
}

func TestToolsHaveTheCollectorThatTheStepHas(t *testing.T) {
	unset(t)
	step := []string{"A=b", "GOGC", "GOFLAGS=-v"}
	if got := withCollector(withoutCollector(step)); !reflect.DeepEqual(got, step) {
		t.Errorf("%q", got)
	}
	if got := withoutCollector(step); len(got) != len(step)+len(uncollected) {
		t.Errorf("%q", got)
	}
	t.Setenv("GOGC", "off")
	own := []string{"GOGC=off", "A=b"}
	if got := withCollector(withoutCollector(own)); !reflect.DeepEqual(got, own) {
		t.Errorf("settings that were there: %q", got)
	}
}
