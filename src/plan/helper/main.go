// Command helper is the one program that go-frontend runs inside a build step beside the go
// command itself. The frontend hands its source to BuildKit, and the toolchain image compiles it
// once, so no binary of ours has to be trusted or pulled, and no step needs a shell.
//
//	helper install FILE               copy this program to FILE, age the build cache
//	helper download [flags] [-- go …] fetch modules into GOMODCACHE, leave out what a build never reads
//	helper cook -- go build …         run go, age the build cache, so that its layer stays usable
//	helper link [flags] -- go build … run go, count what was compiled, fix the output's times
//	helper tool TOOL …                run one of Go's tools, with what saves the compiler work
//	helper packages [flags]           list what is compiled ahead, for cutting it into groups
//	helper rootfs [flags]             write the files every image needs: CA roots, zoneinfo, passwd
//
// It imports only the standard library: everything it compiles is part of the standard library
// cache that the build needs anyway.
package main

import (
	"fmt"
	"os"
)

func main() {
	// A tool's output is the go command's to read, which is run by this program.
	if len(os.Args) < 2 || os.Args[1] != "tool" {
		flush, err := showAll()
		if err != nil {
			exit(err)
		}
		atEnd = flush
	}
	if len(os.Args) < 2 {
		exit(fmt.Errorf("usage: helper install|download|packages|cook|link|tool|rootfs"))
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
	run, ok := commands[os.Args[1]]
	if !ok {
		exit(fmt.Errorf("unknown command %q", os.Args[1]))
	}
	exit(run(os.Args[2:]))
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
