package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Cgo is off unless the description turns it on. A package of which no Go file is left then is refused by go with words that do not
// name the cause, and so is code that uses what stands in a file with `import "C"`.

// excluded is what go says of the first (golang/go:src/cmd/go/internal/load/pkg.go, NoGoError).
const excluded = "build constraints exclude all Go files"

// undefined is what the compiler says of the second; the name may have a package before it.
var undefined = regexp.MustCompile(`(?m): undefined: (?:\w+\.)?(\w+)$`)

// failing names a package that the compiler refused.
var failing = regexp.MustCompile(`(?m)^# (\S+)`)

// cgoPackage is a package with files that are in a build with cgo only.
type cgoPackage struct {
	Path string `json:"path"`
	// File is the first of them, named by the package's path, and Line where it imports "C".
	File string `json:"file"`
	Line int    `json:"line"`

	files []string
}

// withCgo gives those of the packages that have files for cgo alone.
func withCgo(paths []string, tags string, env []string) ([]cgoPackage, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	args := append([]string{"list", "-e", "-tags=" + tags, "-json=ImportPath,Dir,CgoFiles"}, paths...)
	cmd := exec.Command("go", args...)
	cmd.Env = withoutCollector(append(append(os.Environ(), env...), "CGO_ENABLED=1"))
	output, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var found []cgoPackage
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var pkg struct {
			ImportPath, Dir string
			CgoFiles        []string
		}
		if err := decoder.Decode(&pkg); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		if len(pkg.CgoFiles) == 0 {
			continue
		}
		cgo := cgoPackage{Path: pkg.ImportPath, File: pkg.ImportPath + "/" + pkg.CgoFiles[0]}
		for _, name := range pkg.CgoFiles {
			cgo.files = append(cgo.files, filepath.Join(pkg.Dir, name))
		}
		if cgo.Line, err = lineOfC(cgo.files[0]); err != nil {
			return nil, err
		}
		found = append(found, cgo)
	}
}

var importsC = regexp.MustCompile(`^\s*(?:import\s*)?\(?\s*"C"`)

func lineOfC(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if importsC.Match(line) {
			return i + 1, nil
		}
	}
	return 1, nil
}

// node is a package of a service's import graph.
type node struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Error      *struct{ Err string }
}

// whyCgo tells whether the absence of cgo is what made a go build fail, as a line for the user; empty where it
// is not. It asks the go command, and only after a failure whose words allow it.
func whyCgo(command []string, output string) string {
	isExcluded := strings.Contains(output, excluded)
	names := undefined.FindAllStringSubmatch(output, -1)
	if len(command) < 2 || !isExcluded && len(names) == 0 {
		return ""
	}
	if os.Getenv("CGO_ENABLED") == "1" {
		return ""
	}
	main, tags := command[len(command)-1], ""
	for _, arg := range command {
		if rest, ok := strings.CutPrefix(arg, "-tags="); ok {
			tags = rest
		}
	}
	graph, err := importGraph(main, tags)
	if err != nil {
		return ""
	}
	var suspects []string
	for _, pkg := range graph {
		if pkg.Error != nil && strings.Contains(pkg.Error.Err, excluded) {
			suspects = append(suspects, pkg.ImportPath)
		}
	}
	for _, refused := range failing.FindAllStringSubmatch(output, -1) {
		for _, pkg := range graph {
			if pkg.ImportPath == refused[1] && !pkg.Standard {
				suspects = append(append(suspects, pkg.ImportPath), pkg.Imports...)
			}
		}
	}
	suspects = slices.DeleteFunc(suspects, func(path string) bool {
		return path == "C" || path == "unsafe" || slices.ContainsFunc(graph, func(pkg node) bool { return pkg.Standard && pkg.ImportPath == path })
	})
	slices.Sort(suspects)
	found, err := withCgo(slices.Compact(suspects), tags, nil)
	if err != nil {
		return ""
	}
	for _, pkg := range found {
		name := ""
		if !isExcluded {
			if name = declared(pkg.files, names); name == "" {
				continue
			}
			name += " of "
		}
		through := ""
		if chain := chainTo(graph, pkg.Path); len(chain) > 1 {
			through = " (imported by " + strings.Join(chain[:len(chain)-1], " → ") + ")"
		}
		return fmt.Sprintf("GF060 %spackage %s needs cgo, which is off: %s line %d imports \"C\"%s; write `build: { cgo: true }`, or use a package that needs no C in its place", name, pkg.Path, pkg.File, pkg.Line, through)
	}
	return ""
}

// importGraph lists the packages of a main package; its own comes last.
func importGraph(main, tags string) ([]node, error) {
	cmd := exec.Command("go", "list", "-e", "-deps", "-tags="+tags, "-json=ImportPath,Standard,Imports,Error", main)
	cmd.Env = withoutCollector(os.Environ())
	output, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var graph []node
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var pkg node
		if err := decoder.Decode(&pkg); err == io.EOF {
			return graph, nil
		} else if err != nil {
			return nil, err
		}
		graph = append(graph, pkg)
	}
}

// declared gives the first of the names that a file declares, outside of any block.
func declared(files []string, names [][]string) string {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, name := range names {
			if regexp.MustCompile(`(?m)^(?:func|type|var|const) ` + name[1] + `\b`).Match(text) {
				return name[1]
			}
		}
	}
	return ""
}

// chainTo gives the shortest way from the main package to another, both included.
func chainTo(graph []node, to string) []string {
	if len(graph) == 0 {
		return nil
	}
	imports := map[string][]string{}
	for _, pkg := range graph {
		imports[pkg.ImportPath] = pkg.Imports
	}
	first := graph[len(graph)-1].ImportPath
	importer, open := map[string]string{first: ""}, []string{first}
	for i := 0; i < len(open); i++ {
		for _, imported := range imports[open[i]] {
			if _, known := importer[imported]; !known {
				importer[imported] = open[i]
				open = append(open, imported)
			}
		}
	}
	var chain []string
	if _, known := importer[to]; known {
		for at := to; at != ""; at = importer[at] {
			chain = append([]string{at}, chain...)
		}
	}
	return chain
}
