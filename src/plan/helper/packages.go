package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// listed is the part of `go list -json` that grouping needs.
type listed struct {
	ImportPath    string
	Dir           string
	Standard      bool
	Incomplete    bool
	Imports       []string
	EmbedPatterns []string
	CgoFiles      []string
	Error         *struct{ Err string }
	Module        *struct {
		Dir     string
		Path    string
		Version string
		Main    bool
		Replace *struct{ Path, Version string }
	}
}

// listing is what the frontend learns of one platform.
type listing struct {
	Packages []thirdParty `json:"packages"`
	// Back names packages of the service's own modules that other modules import: the source tree
	// alone does not show that they are needed.
	Back []string `json:"back"`
	// Kept: the sources of all of these are among those that were copied, and nothing is in doubt.
	Kept bool `json:"kept"`
	// Cgo names packages of which no Go file is left without cgo: go will refuse them.
	Cgo []cgoPackage `json:"cgo,omitempty"`

	sources []source
}

// thirdParty is one package of another module, as the frontend reads it.
type thirdParty struct {
	Path    string   `json:"path"`
	Module  string   `json:"module"`
	Version string   `json:"version"`
	Imports []string `json:"imports,omitempty"`
}

// packages writes, for each platform, which packages of other modules the stub needs and what they
// import, as one small JSON file. The frontend reads it and cuts the compilation into groups, so that
// a new version of one module compiles that module and what depends on it, not everything. With -keep
// it also makes a module cache with the sources of those packages alone, which is what is left to be
// read once they are compiled: a sixth of the bytes and a quarter of the files in the case measured.
func packages(args []string) error {
	flags := flag.NewFlagSet("packages", flag.ContinueOnError)
	out := flags.String("out", "", "file to write")
	tags := flags.String("tags", "", "build tags")
	keep := flags.String("keep", "", "folder for a module cache with what the packages are made of")
	stub := flags.String("stub", "", "the package to start from")
	modules := flags.String("modules", "", "comma-separated paths of the modules of the source tree")
	var platforms list
	flags.Var(&platforms, "platform", "NAME=ENV,ENV…: environment of one platform; may be repeated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	result := map[string]listing{}
	all := map[source]bool{}
	for _, platform := range platforms {
		name, env, _ := strings.Cut(platform, "=")
		found, err := listPackages(*stub, *tags, strings.Split(*modules, ","), strings.Split(env, ","))
		if err != nil {
			return err
		}
		for _, pkg := range found.sources {
			all[pkg] = true
		}
		result[name] = found
	}
	if *keep != "" {
		if err := keepSources(os.Getenv("GOMODCACHE"), *keep, all); err != nil {
			return err
		}
	}
	text, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, text, 0o644); err != nil {
		return err
	}
	return fixTimes(filepath.Dir(*out), time.Unix(0, 0))
}

func listPackages(stub, tags string, modules, env []string) (listing, error) {
	// -e: a package that cannot be found is the link step's error, with the user's file in it.
	cmd := exec.Command("go", "list", "-e", "-deps", "-tags="+tags, "-json=ImportPath,Dir,Standard,Incomplete,Imports,EmbedPatterns,CgoFiles,Error,Module", stub)
	cmd.Env = withoutCollector(append(os.Environ(), env...))
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return listing{}, err
	}
	found, sources, complete := []thirdParty{}, []source{}, true
	others := map[string]bool{}
	var refused []string
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var pkg listed
		if err := decoder.Decode(&pkg); err == io.EOF {
			break
		} else if err != nil {
			return listing{}, err
		}
		complete = complete && !pkg.Incomplete
		if pkg.Error != nil && strings.Contains(pkg.Error.Err, excluded) {
			refused = append(refused, pkg.ImportPath)
		}
		// A replaced module is compiled under its own name; it stays in the group of everything else.
		if pkg.Standard || pkg.Module == nil || pkg.Module.Main || pkg.Module.Replace != nil {
			continue
		}
		others[pkg.ImportPath] = true
		sources = append(sources, source{dir: pkg.Dir, module: pkg.Module.Dir, embeds: len(pkg.EmbedPatterns) > 0, usesC: len(pkg.CgoFiles) > 0})
		found = append(found, thirdParty{Path: pkg.ImportPath, Module: pkg.Module.Path, Version: pkg.Module.Version, Imports: pkg.Imports})
	}
	back := map[string]bool{}
	for i := range found {
		imports := found[i].Imports[:0]
		for _, path := range found[i].Imports {
			switch {
			case others[path]:
				imports = append(imports, path)
			case within(path, modules):
				back[path] = true
			}
		}
		found[i].Imports = imports
	}
	imported := []string{}
	for path := range back {
		imported = append(imported, path)
	}
	sort.Strings(imported)
	sort.Slice(found, func(i, j int) bool { return found[i].Path < found[j].Path })
	cgo, err := withCgo(refused, tags, env)
	if err != nil {
		return listing{}, err
	}
	return listing{Packages: found, Back: imported, Kept: complete && len(imported) == 0, Cgo: cgo, sources: sources}, nil
}
