package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// gcStart lets a compiler's heap grow to 512 MiB before it is collected for the first time, where Go's
// own start is 128 MiB: 7 % less CPU on net/http and go/types, for 370 MB at most in place of 300. After
// that the collector works as always, so a package that needs gigabytes is compiled as fast as ever. No
// collection at all would save 13 %, but GOGC=off with a GOMEMLIMIT more than doubles the time of those.
const gcStart = "-d=gcstart=512"

// gcStartFile stands beside this program where the toolchain's compiler knows gcStart. The setting is one of the
// compiler's own debug keys (golang/go:src/cmd/compile/internal/base/debug.go), which Go promises to nobody, and a
// compiler that does not know a key refuses to start: so each is asked, once, by the step that makes this program.
const gcStartFile = "gcstart"

// knowsGCStart asks a compiler. With -V it says its version and compiles nothing. One that could not answer has not
// said no: the step that asks is remembered.
func knowsGCStart(compiler ...string) (bool, error) {
	args := append(compiler[1:len(compiler):len(compiler)], gcStart, "-V")
	said, err := exec.Command(compiler[0], args...).CombinedOutput()
	var status *exec.ExitError
	if errors.As(err, &status) && status.ExitCode() > 0 && !ofMachine.Match(bytes.TrimSpace(said)) {
		return false, nil
	}
	return err == nil, err
}

// uncollected is for the go command alone: without a collection it reads what it builds in a quarter less time,
// and allocates little (420 packages: 0.21 s in place of 0.29 s, 57 MB in place of 40). The limit is for source
// trees that take more than that. A tool has the collector it always has: for the linker nothing is gained.
var uncollected = []string{"GOGC=off", "GOMEMLIMIT=1GiB"}

// withoutCollector gives the environment for a go command whose tools are not its own concern: `go list`, or
// one of withTools. Settings that are there already stay.
func withoutCollector(env []string) []string {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return env
	}
	return append(env[:len(env):len(env)], uncollected...)
}

// withCollector undoes withoutCollector.
func withCollector(env []string) []string {
	rest := slices.DeleteFunc(slices.Clone(env), func(setting string) bool { return slices.Contains(uncollected, setting) })
	if len(rest)+len(uncollected) != len(env) {
		return env
	}
	return rest
}

// withTools makes a `go build` command run its tools through this program, and gives the environment to run it
// in. The go command's own way to give the compiler a flag, -gcflags, would be part of every package's id and
// be written into the binary.
func withTools(command []string) ([]string, []string, error) {
	if len(command) < 2 || command[1] != "build" {
		return command, nil, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	tools := append([]string{command[0], command[1], "-toolexec=" + self + " tool"}, command[2:]...)
	var env []string
	if forC.environment != nil {
		if env, err = forC.environment(); err != nil {
			return nil, nil, err
		}
	}
	return tools, withoutCollector(env), nil
}

// tool becomes a tool of the Go toolchain: no second process waits for it. What it says of its version stays
// as it is, so packages have the ids they always have.
func tool(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: tool TOOL [ARGUMENT...]")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := stampImportConfig(args, os.Getenv(vcsVariable)); err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(self), gcStartFile))
	// The go command names its tools by their whole path.
	return syscall.Exec(args[0], toolArgs(args, err == nil), withCollector(os.Environ()))
}

func toolArgs(args []string, gcStartKnown bool) []string {
	isCompiler := filepath.Base(args[0]) == "compile" && gcStartKnown
	if !isCompiler || len(args) < 2 || strings.HasPrefix(args[1], "-V") {
		return args
	}
	return append([]string{args[0], gcStart}, args[1:]...)
}
