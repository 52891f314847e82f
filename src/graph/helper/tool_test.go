package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestToolArgs(t *testing.T) {
	for _, each := range [][2]string{
		{"/t/compile -o x -p fmt a.go", "/t/compile -d=gcstart=512 -o x -p fmt a.go"},
		{"/t/compile -V=full", "/t/compile -V=full"},
		{"/t/compile", "/t/compile"},
		{"/t/asm -p fmt a.s", "/t/asm -p fmt a.s"},
		{"/t/link -o x y", "/t/link -o x y"},
	} {
		if got := toolArgs(strings.Fields(each[0]), "go1.26.8"); !reflect.DeepEqual(got, strings.Fields(each[1])) {
			t.Errorf("%s: %q", each[0], got)
		}
	}
}

func TestOlderCompilersAreRunAsTheyAre(t *testing.T) {
	args := strings.Fields("/t/compile -o x -p fmt a.go")
	if got := toolArgs(args, "go1.25.14"); !reflect.DeepEqual(got, args) {
		t.Errorf("%q", got)
	}
}

func TestHasGCStart(t *testing.T) {
	for release, want := range map[string]bool{
		"go1.26": true, "go1.26.8": true, "go1.26rc1": true, "go1.30.1": true, "go1.26.3-corp": true,
		"go1.25.14": false, "go1.21.0": false, "go1.": false, "devel go1.27-abc": false, "go2.0": false,
	} {
		if hasGCStart(release) != want {
			t.Errorf("%s: %v", release, !want)
		}
	}
}

// unset makes the test independent of what whoever runs it has set.
func unset(t *testing.T) {
	for _, each := range uncollected {
		name, _, _ := strings.Cut(each, "=")
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
