// Keeps notes as files: a directory that it may write to has to be in its image, and so has its configuration.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const folder = "/var/lib/notes"

func main() {
	if len(os.Args) > 1 {
		path := filepath.Join(folder, "first.txt")
		if err := os.WriteFile(path, []byte(os.Args[1]+"\n"), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	for _, path := range []string{"/etc/notes/notes.conf", "/etc/notes/release"} {
		text, err := os.ReadFile(path)
		fmt.Println(strings.TrimSpace(string(text)))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	notes, err := filepath.Glob(folder + "/*.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, note := range notes {
		text, err := os.ReadFile(note)
		fmt.Print(filepath.Base(note), ": ", string(text))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}
