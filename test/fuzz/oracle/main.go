// The oracle of the fuzz targets: what Go's own parsers, and the matcher of BuildKit's client, make of a text. One JSON
// question a line on stdin, one JSON answer a line on stdout. Texts and answers are bytes, in base64.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

type question struct {
	Kind string
	Text []byte
	// Names that a pattern is tried on.
	Names []string
}

type answer struct {
	Refused string   `json:"refused,omitempty"`
	Facts   []string `json:"facts"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var asked question
		if err := decoder.Decode(&asked); err == io.EOF {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		facts, err := ask(asked)
		said := answer{Facts: facts}
		if err != nil {
			said = answer{Refused: err.Error()}
		}
		if encoder.Encode(said) != nil || out.Flush() != nil {
			os.Exit(1)
		}
	}
}

func ask(asked question) (facts []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	switch asked.Kind {
	case "go.mod":
		return goMod(asked.Text)
	case "go.work":
		return goWork(asked.Text)
	case "go-file":
		return goFile(asked.Text)
	case "assembly":
		return assembly(asked.Text)
	case "glob":
		return glob(string(asked.Text), asked.Names)
	case "ignore":
		return ignore(asked.Text, asked.Names)
	}
	return nil, fmt.Errorf("no kind %q", asked.Kind)
}

// exact is what the go command does where it may not look a version up (cmd/go/internal/modload, fixVersion).
func exact(path, version string) (string, error) {
	_, major, ok := module.SplitPathVersion(path)
	if !ok {
		return "", fmt.Errorf("malformed module path")
	}
	if module.CanonicalVersion(version) != version {
		return "", fmt.Errorf("not canonical")
	}
	return version, module.CheckPathMajor(version, major)
}

func goMod(text []byte) ([]string, error) {
	file, err := modfile.Parse("go.mod", text, exact)
	if err != nil {
		return nil, err
	}
	if file.Module == nil {
		return nil, fmt.Errorf("no module")
	}
	if err := module.CheckImportPath(file.Module.Mod.Path); err != nil {
		return nil, err
	}
	facts := []string{"module " + file.Module.Mod.Path}
	if file.Go != nil {
		facts = append(facts, "go "+file.Go.Version)
	}
	if file.Toolchain != nil {
		facts = append(facts, "toolchain "+file.Toolchain.Name)
	}
	for _, each := range file.Require {
		if err := module.CheckImportPath(each.Mod.Path); err != nil {
			return nil, err
		}
		facts = append(facts, fmt.Sprintf("require %s %s %t", each.Mod.Path, each.Mod.Version, each.Indirect))
	}
	for _, each := range file.Tool {
		if err := module.CheckImportPath(each.Path); err != nil {
			return nil, err
		}
	}
	return replaces(facts, file.Replace)
}

// replaces leaves out what x/mod takes and no module can require, and refuses what no build can use
// (golang/go:src/cmd/go/internal/modload/modfile.go, toReplaceMap).
func replaces(facts []string, list []*modfile.Replace) ([]string, error) {
	seen := map[module.Version]module.Version{}
	for _, each := range list {
		if other, ok := seen[each.Old]; ok && other != each.New {
			return nil, fmt.Errorf("%v is replaced twice", each.Old)
		}
		seen[each.Old] = each.New
		if module.CheckImportPath(each.Old.Path) != nil {
			continue
		}
		if each.New.Version != "" && module.CheckPath(each.New.Path) != nil {
			return nil, fmt.Errorf("%s cannot be fetched", each.New.Path)
		}
		facts = append(facts, fmt.Sprintf("replace %s %s => %s %s", each.Old.Path, each.Old.Version, each.New.Path, each.New.Version))
	}
	return facts, nil
}

func goWork(text []byte) ([]string, error) {
	file, err := modfile.ParseWork("go.work", text, exact)
	if err != nil {
		return nil, err
	}
	var facts []string
	if file.Go != nil {
		facts = append(facts, "go "+file.Go.Version)
	}
	for _, each := range file.Use {
		facts = append(facts, "use "+each.Path)
	}
	return replaces(facts, file.Replace)
}

// goFile asks go/build about a folder that holds one file, x.go.
func goFile(text []byte) ([]string, error) {
	context := build.Context{
		GOARCH: "amd64", GOOS: "linux", GOROOT: "/nowhere", GOPATH: "/nowhere", Compiler: "gc", CgoEnabled: true,
		ReleaseTags: []string{"go1.1", "go1.26"},
		JoinPath:    path.Join,
		IsDir:       func(name string) bool { return name == "/x" },
		HasSubdir:   func(root, dir string) (string, bool) { return "", false },
		ReadDir:     func(string) ([]fs.FileInfo, error) { return []fs.FileInfo{info{int64(len(text))}}, nil },
		OpenFile:    func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	}
	found, err := context.ImportDir("/x", 0)
	if _, none := err.(*build.NoGoError); none {
		return []string{"ignored"}, nil
	}
	if err != nil {
		return nil, err
	}
	// A file that does not parse is refused sooner or later.
	if _, err := parser.ParseFile(token.NewFileSet(), "x.go", text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	facts := []string{"package " + found.Name}
	for _, each := range found.Imports {
		facts = append(facts, "import "+each)
	}
	for _, each := range found.EmbedPatterns {
		facts = append(facts, "embed "+each)
	}
	return facts, nil
}

type info struct{ size int64 }

func (info) Name() string       { return "x.go" }
func (i info) Size() int64      { return i.size }
func (info) Mode() fs.FileMode  { return 0o644 }
func (info) ModTime() time.Time { return time.Time{} }
func (info) IsDir() bool        { return false }
func (info) Sys() any           { return nil }

func glob(pattern string, names []string) ([]string, error) {
	var facts []string
	for _, name := range names {
		// A pattern is read only as far as a name goes; one that cannot be read is refused whatever the name is.
		matched, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		facts = append(facts, fmt.Sprint(matched))
	}
	return facts, nil
}

// ignore tells for each path whether the client leaves it out (tonistiigi/fsutil:filter.go).
func ignore(text []byte, names []string) ([]string, error) {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	var facts []string
	for _, name := range names {
		var parents patternmatcher.MatchInfo
		left := false
		elements := strings.Split(name, "/")
		for i := range elements {
			left, parents, err = matcher.MatchesUsingParentResults(strings.Join(elements[:i+1], "/"), parents)
			if err != nil {
				return nil, err
			}
		}
		facts = append(facts, fmt.Sprint(left))
	}
	return facts, nil
}
