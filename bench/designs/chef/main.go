// Command chef reads the module in the current folder and writes, to the folder in its argument, a package that
// imports every package from outside the module that non-test files name. It is the planner of the go-chef style
// Dockerfile (D2) and makes the stub of D3. Build constraints are not evaluated, except that files for other
// systems and `ignore` are left out by name and by comment.
package main

import (
	"bytes"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: chef FOLDER")
	}
	module, err := modulePath()
	if err != nil {
		log.Fatal(err)
	}
	imports := map[string]bool{}
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			skip := path != "." && (name == "vendor" || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
			if skip {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		return collect(path, module, imports)
	})
	if err != nil {
		log.Fatal(err)
	}
	text := "// Package stub imports what the module needs from outside.\npackage stub\n\nimport (\n"
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		text += fmt.Sprintf("\t_ %q\n", path)
	}
	text += ")\n"
	if err := os.MkdirAll(os.Args[1], 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(os.Args[1], "stub.go"), []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}

func collect(path, module string, imports map[string]bool) error {
	context := build.Default
	context.CgoEnabled = false
	if match, err := context.MatchFile(filepath.Dir(path), filepath.Base(path)); err != nil || !match {
		return err
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		inside := name == module || strings.HasPrefix(name, module+"/")
		if inside || name == "C" || name == "unsafe" || strings.Contains(name, "internal/") {
			continue
		}
		imports[name] = true
	}
	return nil
}

func modulePath() (string, error) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(line, []byte("module ")); found {
			return strings.TrimSpace(string(rest)), nil
		}
	}
	return "", fmt.Errorf("go.mod names no module")
}
