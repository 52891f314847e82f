package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// gcStart lets a compiler's heap grow to 512 MiB before it is collected for the first time, where Go's
// own start is 128 MiB: most packages are compiled in less, and collecting takes a seventh of the CPU of
// a build. After that the collector works as always, so a package that needs gigabytes is compiled as
// fast as ever; GOGC=off with a GOMEMLIMIT makes those three times slower.
const gcStart = "-d=gcstart=512"

// hasGCStart tells whether a release's compiler has that setting: those from Go 1.26 on
// (golang/go:src/cmd/compile/internal/base/debug.go).
func hasGCStart(release string) bool {
	minor, found := strings.CutPrefix(release, "go1.")
	if !found {
		return false
	}
	if end := strings.IndexFunc(minor, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		minor = minor[:end]
	}
	number, err := strconv.Atoi(minor)
	return err == nil && number >= 26
}

// withTools makes a `go build` command run its tools through this program. The go command's own way to give
// the compiler a flag, -gcflags, would be part of every package's id and be written into the binary.
func withTools(command []string) ([]string, error) {
	if len(command) < 2 || command[1] != "build" || !hasGCStart(runtime.Version()) {
		return command, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return append([]string{command[0], command[1], "-toolexec=" + self + " tool"}, command[2:]...), nil
}

// tool becomes a tool of the Go toolchain: no second process waits for it. What it says of its version stays
// as it is, so packages have the ids they always have.
func tool(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: helper tool TOOL [ARGUMENT...]")
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, toolArgs(args), os.Environ())
}

func toolArgs(args []string) []string {
	isCompiler := filepath.Base(args[0]) == "compile"
	if !isCompiler || len(args) < 2 || strings.HasPrefix(args[1], "-V") {
		return args
	}
	return append([]string{args[0], gcStart}, args[1:]...)
}
