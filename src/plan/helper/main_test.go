package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestArguments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "arguments.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("[\n \"link\",\n \"-failure=a \\\"b\\\"\",\n \"--\"\n]\n")
	for _, test := range []struct {
		given, want []string
	}{
		{[]string{"build ./cmd/a linux/amd64"}, []string{"link", "-failure=a \"b\"", "--"}},
		{nil, []string{"link", "-failure=a \"b\"", "--"}},
		{[]string{"tool", "/compile", "-V=full"}, []string{"tool", "/compile", "-V=full"}},
		{[]string{"install", "/out/go-frontend"}, []string{"install", "/out/go-frontend"}},
	} {
		args, err := arguments(test.given, file)
		if err != nil || !slices.Equal(args, test.want) {
			t.Errorf("%q: %q, %v", test.given, args, err)
		}
	}
	for _, text := range []string{"", "[]", "{}", "[1]"} {
		write(text)
		if args, err := arguments([]string{"rootfs"}, file); err == nil {
			t.Errorf("%q: %q", text, args)
		}
	}
	if _, err := arguments([]string{"rootfs"}, file+".none"); err == nil {
		t.Error("a file that is not there is read")
	}
}
