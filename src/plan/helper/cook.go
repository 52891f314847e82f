package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// farFuture is the time every entry of a cooked build cache carries. The go command refreshes the
// time of each entry it uses when that is over an hour old, and deletes entries not used for five
// days (golang/go:src/cmd/go/internal/cache/cache.go, markUsed and Trim). On a layered file system
// a refresh copies the whole entry up, so a build that compiles four packages would write the whole
// cache again. A time in the future answers both tests with "fresh".
var farFuture = time.Unix(4102444800, 0) // 2100-01-01

// install copies this very program, which `go run` has just compiled, to the file named in args.
// The build cache that the compilation filled becomes the first part of the standard library's. What the
// toolchain's compiler knows is noted beside it; see tool.go.
func install(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: install FILE")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := copyFile(self, args[0], 0o755); err != nil {
		return err
	}
	dir := filepath.Dir(args[0])
	known, err := knowsGCStart("go", "tool", "compile")
	if err != nil {
		return err
	}
	if known {
		if err := os.WriteFile(filepath.Join(dir, gcStartFile), nil, 0o644); err != nil {
			return err
		}
	}
	if err := noteToolchain(dir); err != nil {
		return err
	}
	if err := fixTimes(dir, time.Unix(0, 0)); err != nil {
		return err
	}
	return ageCache(os.Getenv("GOCACHE"))
}

// cook runs a go command that fills GOCACHE and then ages the new entries. With -lenient an error
// of go in source code is not an error here: a package that cannot be compiled ahead is compiled, and
// reported, by the link step, where the user's own source gives the error its context. With -warm what
// earlier builds of this builder compiled is used and not compiled again.
func cook(args []string) error {
	options, command := splitArgs(args)
	flags := flag.NewFlagSet("cook", flag.ContinueOnError)
	lenient := flags.Bool("lenient", false, "an error of go in source code is not an error here")
	warm := flags.String("warm", "", "folder that stays on this builder, with what was compiled before")
	modules := flags.String("modules", "", "comma-separated paths of the modules whose packages may be left there")
	if err := flags.Parse(options); err != nil {
		return err
	}
	cache, begin := os.Getenv("GOCACHE"), time.Now()
	if *warm != "" {
		toolchain, err := notedToolchain()
		if err != nil {
			return err
		}
		if err := expire(*warm, begin); err != nil {
			return err
		}
		*warm = filepath.Join(*warm, toolchain)
		if err := borrow(*warm, cache); err != nil {
			return err
		}
	}
	compiled, others := 0, 0
	command, env, err := withTools(command)
	if err != nil {
		return err
	}
	var why blame
	err = runGo(command, env, func(line string) {
		why.see(line)
		if !isImportPath(line) {
			return
		}
		compiled++
		if !within(line, strings.Split(*modules, ",")) {
			others++
		}
	})
	fault := why.end()
	failed, ok := err.(*goFailed)
	switch {
	case !ok || failed.code != 1:
	case fault != "":
		failed.note = stopped(fault)
	case *lenient:
		fmt.Fprintln(os.Stderr, "go-frontend: not everything could be compiled ahead; the link step will say why")
		err = nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "go-frontend: compiled %d packages ahead\n", compiled)
	if *warm != "" {
		// A package of another module is known to go by its version, not by what a proxy gave for it.
		if err := settle(*warm, cache, begin, others == 0); err != nil {
			return err
		}
	}
	return ageCache(cache)
}

// ageCache sets farFuture on every file of the build cache that does not carry it yet, and removes
// the cache's own clock, which would make go scan the whole cache a day later.
func ageCache(dir string) error {
	if dir == "" {
		return fmt.Errorf("GOCACHE is not set")
	}
	for _, name := range []string{"trim.txt", "testexpire.txt"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(farFuture) {
			return err
		}
		return os.Chtimes(path, farFuture, farFuture)
	})
}

// fixTimes sets one time on everything below dir, dir itself included. Directories come after what
// they hold, since writing into one changes its time.
func fixTimes(dir string, at time.Time) error {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type()&fs.ModeSymlink == 0 {
			paths = append(paths, path)
		}
		return err
	})
	for i := len(paths) - 1; err == nil && i >= 0; i-- {
		err = os.Chtimes(paths[i], at, at)
	}
	return err
}

func copyFile(from, to string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
