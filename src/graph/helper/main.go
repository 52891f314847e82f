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

// exit ends the program: with go's own exit code when go failed, because its messages say all.
func exit(err error) {
	if err == nil {
		os.Exit(0)
	}
	if failed, ok := err.(*goFailed); ok {
		if failed.note != "" {
			fmt.Fprintln(os.Stderr, failed.note)
		}
		os.Exit(failed.code)
	}
	fmt.Fprintf(os.Stderr, "GF092 a build step failed: %v\n", err)
	os.Exit(70)
}
