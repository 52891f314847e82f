package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
)

type ignoreAnswer struct {
	Error string   `json:"error,omitempty"`
	Shown []string `json:"shown"`
}

// listIgnored tells for each text of an ignore file, one JSON string a line on stdin, what
// BuildKit's client sends of a folder.
func listIgnored(folder string) error {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	enc := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			return err
		}
		if err := enc.Encode(sentOf(folder, text)); err != nil {
			return err
		}
	}
	return in.Err()
}

func sentOf(folder, text string) ignoreAnswer {
	answer := ignoreAnswer{Shown: []string{}}
	patterns, err := ignorefile.ReadAll(strings.NewReader(text))
	if err != nil {
		return ignoreAnswer{Error: err.Error()}
	}
	opt := &fsutil.FilterOpt{ExcludePatterns: patterns}
	err = fsutil.WalkDir(context.Background(), folder, opt, func(path string, _ fs.DirEntry, err error) error {
		answer.Shown = append(answer.Shown, path)
		return err
	})
	if err != nil {
		return ignoreAnswer{Error: err.Error()}
	}
	return answer
}
