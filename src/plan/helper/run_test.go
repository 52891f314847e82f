package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestRunGo(t *testing.T) {
	var lines []string
	err := runGo([]string{"sh", "-c", "echo one >&2; printf two >&2; echo $EXTRA >&2; exit 3"}, []string{"EXTRA=!"}, func(line string) { lines = append(lines, line) })
	failed, ok := err.(*goFailed)
	if !ok || failed.code != 3 {
		t.Fatalf("got %v", err)
	}
	if want := []string{"one", "two!"}; !reflect.DeepEqual(lines, want) {
		t.Errorf("lines %q, want %q", lines, want)
	}
	if failed.output != "one\ntwo!\n" {
		t.Errorf("output %q", failed.output)
	}
	if err := runGo(nil, nil, nil); err == nil {
		t.Error("no command is not an error")
	}
	if err := runGo([]string{"/nonexistent/go"}, nil, nil); err == nil {
		t.Error("a missing program is not an error")
	}
}

func TestAKilledGoIsToldFromAFailedOne(t *testing.T) {
	err := runGo([]string{"sh", "-c", "kill -9 $$"}, nil, nil)
	failed, ok := err.(*goFailed)
	if !ok || failed.code != 137 || !strings.Contains(failed.note, "memory") {
		t.Fatalf("got %#v", err)
	}
}

func TestSplitArgs(t *testing.T) {
	for _, test := range []struct{ args, own, command []string }{
		{[]string{"-a", "--", "go", "build", "--", "x"}, []string{"-a"}, []string{"go", "build", "--", "x"}},
		{[]string{"--", "go"}, []string{}, []string{"go"}},
		{[]string{"-a"}, []string{"-a"}, nil},
	} {
		own, command := splitArgs(test.args)
		if !reflect.DeepEqual(own, test.own) || !reflect.DeepEqual(command, test.command) {
			t.Errorf("%q: %q and %q", test.args, own, command)
		}
	}
}
