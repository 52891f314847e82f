package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A stratum of a service's own packages is compiled as a whole when one of them changes, on a builder
// that starts empty. On one that has built it before, a cache mount holds what earlier builds
// compiled: borrow lends all of it to GOCACHE, and settle keeps what go used. The step's result is
// the same either way: the entries of exactly the packages it was asked for.

// rest is how long ago entries of the cache mount were used, by their own word: go notes the use of
// an entry only when the last one was an hour ago (golang/go:src/cmd/go/internal/cache/cache.go,
// markUsed).
const rest = 2 * time.Hour

// forget is the age at which an unused entry goes, go's own rule.
const forget = 5 * 24 * time.Hour

// expire removes what no build has used for days, of whatever toolchain.
func expire(warm string, now time.Time) error {
	return eachEntry(warm, func(path, _ string, info fs.FileInfo) error {
		if now.Sub(info.ModTime()) > forget {
			return os.Remove(path)
		}
		return nil
	})
}

// borrow makes each entry of warm visible in cache, as a link.
func borrow(warm, cache string) error {
	if err := os.MkdirAll(warm, 0o777); err != nil {
		return err
	}
	return eachEntry(warm, func(path, name string, _ fs.FileInfo) error {
		target := filepath.Join(cache, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		if err := os.Symlink(path, target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

// settle puts a copy in the place of each link that go has followed since begin, removes the others,
// and, where what is new may be left, leaves a copy of it in warm.
func settle(warm, cache string, begin time.Time, leave bool) error {
	rested := begin.Add(-rest)
	return eachEntry(cache, func(path, name string, info fs.FileInfo) error {
		kept := filepath.Join(warm, name)
		if info.Mode().IsRegular() {
			if !leave || !info.ModTime().Before(farFuture) {
				return nil
			}
			if err := copyFile(path, kept, 0o644); err != nil {
				return err
			}
			return os.Chtimes(kept, rested, rested)
		}
		used, err := os.Stat(path)
		if err := os.Remove(path); err != nil {
			return err
		}
		if err != nil || used.ModTime().Before(begin) {
			return nil
		}
		if err := copyFile(kept, path, 0o644); err != nil {
			return err
		}
		return os.Chtimes(kept, rested, rested)
	})
}

// eachEntry calls see for the actions and outputs of a build cache, which stand in folders of their own.
func eachEntry(cache string, see func(path, name string, info fs.FileInfo) error) error {
	return filepath.WalkDir(cache, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(cache, path)
		if err != nil {
			return err
		}
		isEntry := strings.HasSuffix(name, "-a") || strings.HasSuffix(name, "-d")
		if !isEntry || filepath.Dir(name) == "." {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return see(path, name, info)
	})
}
