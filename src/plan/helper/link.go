package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	vcs := flags.String("vcs", "", "what to write of the commit into the build information, as JSON")
	static := flags.Bool("static", false, "the binary has to be static")
	if err := flags.Parse(own); err != nil {
		return err
	}
	first := strings.Split(*modules, ",")
	ours, missed := 0, []string{}
	command, env, err := withTools(command)
	if err != nil {
		return err
	}
	if *vcs != "" {
		env = append(env[:len(env):len(env)], vcsVariable+"="+*vcs)
	}
	back := false
	var stop blame
	err = runGo(command, env, func(line string) {
		stop.see(line)
		back = back || importsBack(line, first)
		if !isImportPath(line) {
			return
		}
		if within(line, first) || line == "command-line-arguments" {
			ours++
		} else {
			missed = append(missed, line)
		}
	})
	if failed, ok := err.(*goFailed); ok && failed.note == "" && stop.end() != "" {
		failed.note = stopped(stop.end())
	} else if ok && failed.note == "" {
		failed.note = *failure
		if why := whyCgo(command, failed.output); why != "" {
			failed.note = why + "\n" + *failure
		}
		if forC.explain != nil {
			if why := forC.explain(failed.output); why != "" {
				failed.note = why + "\n" + *failure
			}
		}
		if back {
			failed.code = imported
			failed.note += "\ngo-frontend: another module imports a package of this source tree that no file of the service does; the tree's modules have to be sent whole"
		}
	}
	if err != nil {
		return err
	}
	if at := slices.Index(command, "-o"); *static && at > 0 && at+1 < len(command) {
		if err := forC.mustBeStatic(command[at+1]); err != nil {
			return err
		}
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

var missing = regexp.MustCompile(`^(\S+?):\d+:\d+: (.*\bpackage ([^\s:;]+).*)$`)

// importsBack tells whether a line is about a package of the source tree that a file of another module imports and
// that is not there.
func importsBack(line string, modules []string) bool {
	found := missing.FindStringSubmatch(line)
	if found == nil || !isMissing(found[2]) || !within(found[3], modules) {
		return false
	}
	file, err := filepath.Abs(found[1])
	if err != nil {
		return false
	}
	return strings.HasPrefix(file, os.Getenv("GOMODCACHE")+"/") || strings.Contains(file, "/vendor/")
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
