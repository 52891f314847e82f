package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// toolchainFile stands beside this program and names the toolchain by what it is made of.
const toolchainFile = "toolchain"

// noteToolchain writes it. The go command knows the compiler of a release by the release's name alone
// (golang/go:src/cmd/go/internal/work/buildid.go, toolID), and the headers beside it not at all; a client can put any
// image in the place of a release's.
func noteToolchain(dir string) error {
	output, err := exec.Command("go", "env", "GOTOOLDIR", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(string(output), "\n")
	if len(lines) < 2 {
		return fmt.Errorf("go env says %q", output)
	}
	files, err := filepath.Glob(filepath.Join(lines[1], "pkg", "include", "*"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	for _, tool := range []string{"asm", "compile", "link"} {
		files = append(files, filepath.Join(lines[0], tool))
	}
	sum, err := sumOf(files)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, toolchainFile), []byte(sum), 0o644)
}

// notedToolchain reads what noteToolchain has written.
func notedToolchain() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	sum, err := os.ReadFile(filepath.Join(filepath.Dir(self), toolchainFile))
	return string(sum), err
}

// sumOf names files by their base names and what they hold. The sum keeps toolchains apart that have one name by
// mistake; who makes one on purpose runs in every step anyway.
func sumOf(files []string) (string, error) {
	sum := fnv.New128a()
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n", filepath.Base(name), len(content))
		sum.Write(content)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
