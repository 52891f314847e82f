package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// source is where the files of one package of another module are.
type source struct {
	dir, module string
	// embeds: files of any folder below may belong to the package.
	embeds bool
	// usesC: any file of the module may be one that C opens.
	usesC bool
}

// keepSources copies from one module cache to another what compiling the packages reads: the go.mod
// files of all modules, and the folders of the packages. Of a module that none of them is in, an empty
// folder is left: go looks there when it resolves an import path that the module could hold.
func keepSources(from, to string, packages map[source]bool) error {
	modules, err := extracted(from)
	if err != nil {
		return err
	}
	for _, dir := range append(modules, filepath.Join(from, "cache", "download")) {
		if err := os.MkdirAll(moved(dir, from, to), 0o755); err != nil {
			return err
		}
	}
	if err := copyTree(filepath.Join(from, "cache", "download"), from, to, true); err != nil {
		return err
	}
	for pkg := range packages {
		dir, deep := pkg.dir, pkg.embeds
		outward, err := includesOutward(dir)
		if err != nil {
			return err
		}
		if outward || pkg.usesC {
			dir, deep = pkg.module, true
		}
		if err := copyTree(dir, from, to, deep); err != nil {
			return err
		}
	}
	return fixTimes(to, time.Unix(0, 0))
}

// copyTree copies the files of a folder, and with deep those of all folders below.
func copyTree(dir, from, to string, deep bool) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case entry.IsDir() && !deep && name != dir:
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		target := moved(name, from, to)
		if _, err := os.Lstat(target); err == nil {
			return nil
		}
		return copyFile(name, target, 0o644)
	})
}

func moved(name, from, to string) string {
	return filepath.Join(to, strings.TrimPrefix(name, from))
}

var includePath = regexp.MustCompile(`(?m)^\s*#\s*include\s+"[^"]*/[^"]*"`)

// includesOutward tells whether assembly of a package includes a file of another folder.
func includesOutward(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		switch filepath.Ext(entry.Name()) {
		case ".s", ".S", ".h":
			text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if err != nil {
				return false, err
			}
			if includePath.Match(text) {
				return true, nil
			}
		}
	}
	return false, nil
}
