package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"strings"
)

// wanted says what to fetch: what compiling one package for some platforms reads of other modules.
type wanted struct {
	stub      *string
	tags      *string
	modules   *string
	platforms list
}

func importFlags(flags *flag.FlagSet) *wanted {
	w := &wanted{
		stub:    flags.String("stub", "", "fetch what this package needs, and nothing else"),
		tags:    flags.String("tags", "", "build tags"),
		modules: flags.String("modules", "", "comma-separated paths of the modules of the source tree"),
	}
	flags.Var(&w.platforms, "platform", "NAME=ENV,ENV…: environment of one platform; may be repeated")
	return w
}

// fetch lets the go command load the package, as it does before it compiles: it fetches the modules
// that could hold an imported package, and the go.mod files by which it knows their versions.
// `go mod download` fetches more in a workspace and for a go line below 1.17, whose hashes no go.sum has.
func (w *wanted) fetch(env []string, run func(command, env []string) error) error {
	for _, platform := range w.platforms {
		_, settings, _ := strings.Cut(platform, "=")
		target := append(env[:len(env):len(env)], strings.Split(settings, ",")...)
		err := run([]string{"go", "list", "-deps", "-tags=" + *w.tags, *w.stub}, target)
		failed, ok := err.(*goFailed)
		if err != nil && !ok {
			return err
		}
		if err == nil {
			continue
		}
		if failed.note != "" {
			// It was killed: what it has fetched by then is no result.
			return failed
		}
		lacking, err := w.lacking(target)
		if err != nil {
			return err
		}
		io.WriteString(os.Stderr, failed.output)
		switch lacking {
		case aModule:
			return failed
		case anImportedPackage:
			return &goFailed{code: imported, output: failed.output}
		case nothing:
			// What is wrong with the code is the link step's to say, with the user's file in it.
		}
	}
	return nil
}

type lack int

const (
	nothing lack = iota
	// aModule: something that could not be fetched.
	aModule
	// anImportedPackage: one of the source tree that another module imports. The stub alone stands for
	// the tree here, so what such a package imports was not asked for.
	anImportedPackage
)

// lacking asks once more, without a network, what is missing for loading the package.
func (w *wanted) lacking(env []string) (lack, error) {
	cmd := exec.Command("go", "list", "-e", "-deps", "-tags="+*w.tags, "-json=ImportPath,Error,DepsErrors", *w.stub)
	// Without GONOPROXY what is private is asked for all the same, without end where its server is silent.
	cmd.Env = append(append(os.Environ(), env...), "GOPROXY=off", "GONOPROXY=none", "GOSUMDB=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		return nothing, err
	}
	// golang/go:src/cmd/go/internal/modfetch/proxy.go
	const off = "disabled by GOPROXY=off"
	if strings.Contains(stderr.String(), off) || bytes.Contains(stdout, []byte(off)) {
		return aModule, nil
	}
	if err != nil {
		var why blame
		for _, line := range strings.Split(stderr.String(), "\n") {
			why.see(line)
		}
		if status := err.(*exec.ExitError); status.ExitCode() < 0 {
			why.found("go list: " + status.String())
		}
		if fault := why.end(); fault != "" {
			return nothing, &goFailed{code: 137, note: stopped(fault)}
		}
		return nothing, nil
	}
	modules := strings.Split(*w.modules, ",")
	decoder := json.NewDecoder(bytes.NewReader(stdout))
	for {
		var pkg struct {
			ImportPath string
			Error      *struct{ Err string }
		}
		if err := decoder.Decode(&pkg); err == io.EOF {
			return nothing, nil
		} else if err != nil {
			return nothing, err
		}
		if pkg.Error != nil && isMissing(pkg.Error.Err) && within(pkg.ImportPath, modules) {
			return anImportedPackage, nil
		}
	}
}

// isMissing tells a package that is nowhere from other errors
// (golang/go:src/cmd/go/internal/modload/import.go, ImportMissingError).
func isMissing(message string) bool {
	for _, sign := range []string{"no required module provides package ", "cannot find module providing package ", " is not in std"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}
