package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestToolArgs(t *testing.T) {
	for _, each := range [][2]string{
		{"/t/compile -o x -p fmt a.go", "/t/compile -dwarf=false -o x -p fmt a.go"},
		{"/t/compile -V=full", "/t/compile -V=full"},
		{"/t/compile", "/t/compile"},
		{"/t/asm -p fmt a.s", "/t/asm -p fmt a.s"},
		{"/t/link -o x y", "/t/link -o x y"},
	} {
		if got := toolArgs(strings.Fields(each[0])); !reflect.DeepEqual(got, strings.Fields(each[1])) {
			t.Errorf("%s: %q", each[0], got)
		}
	}
}
