package main

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// opened is how the assembler complains of the files that it must not open unseen: they hold nothing it understands.
var opened = regexp.MustCompile(`(?m)^(\.\./x\.h|in\.inc):\d+`)

// assembly lets Go's own assembler read a text, and tells which of the files it has opened.
func assembly(text []byte) ([]string, error) {
	root, err := os.MkdirTemp("", "fuzz-assembly-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	dir := filepath.Join(root, "p")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	nonsense := []byte("OPENED (((\n")
	for name, content := range map[string][]byte{"../x.h": nonsense, "in.inc": nonsense, "f.s": text} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return nil, err
		}
	}
	// The assembler removes its output where it fails, whatever file that is.
	cmd := exec.Command(filepath.Join(build.ToolDir, "asm"), "-p", "p", "-e", "-o", "f.o", "f.s")
	cmd.Dir = dir
	// It fails on most inputs; what it says is the answer.
	said, _ := cmd.CombinedOutput()
	facts, seen := []string{}, map[string]bool{}
	for _, found := range opened.FindAllStringSubmatch(string(said), -1) {
		if !seen[found[1]] {
			seen[found[1]] = true
			facts = append(facts, found[1])
		}
	}
	return facts, nil
}
