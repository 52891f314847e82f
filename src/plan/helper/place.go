package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ofModule is how go begins a message about one module, alone or behind the place of an import.
var ofModule = regexp.MustCompile(`(?m)^(?:\S+: )*(?:verifying )?([^\s:@]+)@(v[^\s:,/]+)(?:/go\.mod)?(?: \(replaced by [^)]*\))?: (.+)$`)

// ofFolder is go's message about a folder that go.work names.
var ofFolder = regexp.MustCompile(`(?m)cannot load module (\S+) listed in go\.work file`)

// concerned says what a failed download was about, as a user may look for it: "example.com/x v1.0.0", or the folder,
// and the line that names it, as "go.mod:7:2: ", in the module files below root.
func concerned(output, root string) (what, place string) {
	if found := ofFolder.FindStringSubmatch(output); found != nil {
		folder := strings.TrimPrefix(found[1], "./")
		return "the folder " + found[1], findLine(root, folder, func(file string, words []string) bool {
			return filepath.Base(file) == "go.work" && hasWord(words, func(word string) bool {
				return filepath.Clean(word) == filepath.Clean(folder)
			})
		})
	}
	found := ofModule.FindStringSubmatch(output)
	if found == nil {
		return "a module", ""
	}
	path, version := found[1], found[2]
	is := func(want string) func(string) bool {
		return func(word string) bool { return word == want }
	}
	place = findLine(root, path, func(_ string, words []string) bool {
		isReplaced := hasWord(words, is("=>"))
		if strings.Contains(found[0], "(replaced by ") != isReplaced {
			return false
		}
		return hasWord(words, is(path)) && (isReplaced || hasWord(words, is(version)))
	})
	return path + " " + version, place
}

func hasWord(words []string, is func(string) bool) bool {
	for _, word := range words {
		if is(word) {
			return true
		}
	}
	return false
}

// findLine gives the place of a word in the first line of a go.mod or go.work whose words match.
func findLine(root, word string, matches func(file string, words []string) bool) string {
	var files []string
	_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && (entry.Name() == "go.mod" || entry.Name() == "go.work") {
			files = append(files, name)
		}
		return nil
	})
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for at, line := range strings.Split(string(text), "\n") {
			code, _, _ := strings.Cut(line, "//")
			words := strings.Fields(code)
			for i, word := range words {
				words[i] = strings.Trim(word, "\"`")
			}
			if !matches(name, words) {
				continue
			}
			file, err := filepath.Rel(root, name)
			if err != nil {
				return ""
			}
			return fmt.Sprintf("%s:%d:%d: ", filepath.ToSlash(file), at+1, max(strings.Index(line, word), 0)+1)
		}
	}
	return ""
}
