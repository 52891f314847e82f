package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// link runs the go build that makes the service's binary. Everything of the standard library and
// of other modules should come from the cooked caches; what had to be compiled here all the same
// is counted and named, because it means that the plan was not exact: slower, never wrong.
//
// `go build -v` prints the import path of each package as it is compiled, and nothing for one that
// comes from the cache.
func link(args []string) error {
	own, command := splitArgs(args)
	flags := flag.NewFlagSet("link", flag.ContinueOnError)
	modules := flags.String("modules", "", "comma-separated paths of the modules whose source is part of the build")
	out := flags.String("out", "", "folder whose files get one fixed time")
	epoch := flags.Int64("time", 0, "that time, in seconds since 1970")
	failure := flags.String("failure", "", "line to print when go build fails")
	if err := flags.Parse(own); err != nil {
		return err
	}
	first := strings.Split(*modules, ",")
	ours, missed := 0, []string{}
	command, env, err := withTools(command)
	if err != nil {
		return err
	}
	err = runGo(command, env, func(line string) {
		if !isImportPath(line) {
			return
		}
		if within(line, first) || line == "command-line-arguments" {
			ours++
		} else {
			missed = append(missed, line)
		}
	})
	if failed, ok := err.(*goFailed); ok && failed.note == "" {
		failed.note = *failure
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "go-frontend: compiled %d packages of this source tree and %d others\n", ours, len(missed))
	if len(missed) > 0 {
		shown := missed
		if len(shown) > 8 {
			shown = append(append([]string{}, shown[:8]...), "…")
		}
		fmt.Fprintf(os.Stderr, "go-frontend: not in the prepared caches: %s\n", strings.Join(shown, " "))
	}
	return fixTimes(*out, time.Unix(*epoch, 0))
}

// isImportPath tells a line that `go build -v` prints for a package from a message.
func isImportPath(line string) bool {
	return line != "" && !strings.ContainsAny(line, " \t:#")
}

func within(path string, modules []string) bool {
	for _, module := range modules {
		if path == module || (module != "" && strings.HasPrefix(path, module+"/")) {
			return true
		}
	}
	return false
}
