// Command helper is the one program that go-frontend runs inside a build step beside the go
// command itself. The frontend hands its source to BuildKit, and the toolchain image compiles it
// once, so no binary of ours has to be trusted or pulled, and no step needs a shell.
//
//	install FILE               copy this program to FILE, age the build cache
//	download [flags] [-- go …] fetch modules into GOMODCACHE, leave out what a build never reads
//	cook -- go build …         run go, age the build cache, so that its layer stays usable
//	link [flags] -- go build … run go, count what was compiled, fix the output's times
//	libraries [flags]          write what a dynamic binary needs, or look for it in its base
//	tool TOOL …                run one of Go's tools, with what saves the compiler work
//	packages [flags]           list what is compiled ahead, for cutting it into groups
//	rootfs [flags]             write the files every image needs: CA roots, zoneinfo, passwd
//
// The arguments of a step stand in a file. BuildKit prints the command line of a step that fails, whole, as the last
// line of a build: it names the step and nothing else. Only `install`, which `go run` starts, and `tool`, which the go
// command starts, have theirs on the command line.
//
// It imports only the standard library: everything it compiles is part of the standard library
// cache that the build needs anyway.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	args, err := arguments(os.Args[1:], "/step/arguments.json")
	// A tool's output is the go command's to read, which is run by this program.
	if len(args) == 0 || args[0] != "tool" {
		flush, err := showAll()
		if err != nil {
			exit(err)
		}
		atEnd = flush
	}
	if err != nil {
		exit(err)
	}
	commands := map[string]func([]string) error{
		"install":  install,
		"download": download,
		"packages": packages,
		"cook":     cook,
		"link":     link,
		"tool":     tool,
		"rootfs":   rootfs,
	}
	for name, run := range forC.commands {
		commands[name] = run
	}
	run, ok := commands[args[0]]
	if !ok {
		exit(fmt.Errorf("unknown command %q", args[0]))
	}
	exit(run(args[1:]))
}

// forC is what the files c_*.go add, which are part of this program in builds with cgo alone: other builds neither compile
// them nor have them in a key.
var forC struct {
	commands map[string]func([]string) error
	// environment is for go commands that compile.
	environment func() ([]string, error)
	// explain tells what a failure says of C, as lines for the user; empty: nothing.
	explain func(output string) string
	// mustBeStatic refuses a binary.
	mustBeStatic func(file string) error
}

// arguments are those of the command line where they begin with a command that others start, else those in the file.
func arguments(given []string, file string) ([]string, error) {
	if len(given) > 0 && (given[0] == "install" || given[0] == "tool") {
		return given, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var args []string
	if err := json.Unmarshal(data, &args); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(args) == 0 {
		return nil, fmt.Errorf("%s holds no command", file)
	}
	return args, nil
}

// atEnd passes on what is left of the log.
var atEnd = func() {}

// exit ends the program: with go's own exit code when go failed, because its messages say all.
func exit(err error) {
	code := 0
	if failed, ok := err.(*goFailed); ok {
		code = failed.code
		if failed.note != "" {
			fmt.Fprintln(os.Stderr, failed.note)
		}
	} else if err != nil {
		code = 70
		fmt.Fprintln(os.Stderr, told(err))
	}
	atEnd()
	os.Exit(code)
}

// told is what the user reads of an error that no go command explains.
func told(err error) string {
	if ofMachine.MatchString(err.Error()) {
		return stopped(err.Error())
	}
	return fmt.Sprintf("GF092 a build step failed: %v\nhelp: build again; where it happens again, report it with the lines above", err)
}
