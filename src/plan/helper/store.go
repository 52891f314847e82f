package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// store is a folder on the builder (a cache mount) where downloaded modules outlive a build. Every project of the
// builder reads it, and whoever may run a step there can write anything into it. So nothing in it is believed: a file
// is named by the hash that a line of go.sum asks for, and the go command checks what it gets against that line. What a
// project has is no other's business unless it is the very file that the other's go.sum asks for.
//
// What needed a login is never put into it.
type store struct {
	dir string
	// sums say what may be asked of it.
	sums []sum
	// proxy is the folder of a module proxy made of what the store has.
	proxy string
	// offered are the files of the store behind it, by name.
	offered map[string]offer
	// healed: all of them are known to be what their names say.
	healed bool
}

type offer struct {
	// file is opened once: what is put in its place later reaches nobody. Nil for a go.mod, which is copied.
	file *os.File
	// links are where it stands in the proxy.
	links []string
}

// storeLimit bounds the store, in bytes: what was not used for the longest time goes first.
const storeLimit = 4 << 30

// Largest files of a module (golang/mod:zip/zip.go, MaxZipFile and MaxGoMod).
const (
	mostZip = 500 << 20
	mostMod = 16 << 20
)

// sum is a line of go.sum: what the zip of a module must hash to, or its go.mod.
type sum struct {
	module, version string
	// kind is .zip or .mod.
	kind string
	hash string
}

// readSums reads the files of go.sum's form below a folder.
func readSums(root string) ([]sum, error) {
	var sums []sum
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || entry.Name() != "go.sum" && entry.Name() != "go.work.sum" {
			return err
		}
		text, err := os.ReadFile(name)
		for _, line := range strings.Split(string(text), "\n") {
			words := strings.Fields(line)
			if len(words) != 3 {
				continue
			}
			version, isMod := strings.CutSuffix(words[1], "/go.mod")
			kind := ".zip"
			if isMod {
				kind = ".mod"
			}
			sums = append(sums, sum{words[0], version, kind, words[2]})
		}
		return err
	})
	return sums, err
}

// nameInStore gives the name of a file with a hash of go.sum; "" for a hash of another kind.
func nameInStore(hash, kind string) string {
	digest, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hash, "h1:"))
	if err != nil || len(digest) != sha256.Size || !strings.HasPrefix(hash, "h1:") {
		return ""
	}
	return hex.EncodeToString(digest) + kind
}

// openStore makes a module proxy of the files that the lines of go.sum ask for.
func openStore(dir string, sums []sum) (*store, error) {
	proxy, err := os.MkdirTemp("", "store")
	if err != nil {
		return nil, err
	}
	s := &store{dir: dir, sums: sums, proxy: proxy, offered: map[string]offer{}}
	files := mostOpen()
	for _, line := range sums {
		name := nameInStore(line.hash, line.kind)
		versions := filepath.Join(escape(line.module), "@v")
		target := filepath.Join(versions, escape(line.version)) + line.kind
		if name == "" || !filepath.IsLocal(target) || strings.Contains(line.version, "/") {
			continue
		}
		target = filepath.Join(proxy, target)
		found, known := s.offered[name]
		if !known && (line.kind == ".mod" || files > 0) {
			if found, known = s.take(name); known && found.file != nil {
				files--
			}
		}
		if !known {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return nil, err
		}
		if found.file != nil {
			err = os.Symlink(fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), found.file.Fd()), target)
		} else if err = os.Link(found.links[0], target); err == nil {
			err = writeInfo(strings.TrimSuffix(target, ".mod")+".info", line.version)
		}
		if err != nil && !os.IsExist(err) {
			return nil, err
		}
		found.links = append(found.links, target)
		s.offered[name] = found
	}
	return s, nil
}

// mostOpen is how many files may be held open, with as many left for the go command.
func mostOpen() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 100
	}
	return int(min(limit.Cur/2, 4096))
}

// take opens a file of the store; a go.mod is copied and checked at once. What is no file, or not what its name says,
// is removed.
func (s *store) take(name string) (offer, bool) {
	path := filepath.Join(s.dir, name)
	// Another tenant may have put a link or a pipe there.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if os.IsNotExist(err) {
		return offer{}, false
	}
	info, err := fileInfo(file, err)
	if err != nil || !info.Mode().IsRegular() {
		file.Close()
		os.RemoveAll(path)
		return offer{}, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now)
	if filepath.Ext(name) == ".zip" {
		return offer{file: file}, true
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, mostMod+1))
	if err != nil || nameInStore(hashMod(text), ".mod") != name {
		os.Remove(path)
		return offer{}, false
	}
	copied := filepath.Join(s.proxy, name)
	if err := os.WriteFile(copied, text, 0o644); err != nil {
		return offer{}, false
	}
	return offer{links: []string{copied}}, true
}

func fileInfo(file *os.File, err error) (fs.FileInfo, error) {
	if err != nil {
		return nil, err
	}
	return file.Stat()
}

// url is the proxy's address, for GOPROXY.
func (s *store) url() string { return "file://" + s.proxy }

// heal removes what is damaged, or not what its name says, from the proxy and from the store; and all of the proxy, where
// the go command could not read it at all. It tells whether there was any. To look is as much work as to unpack all, so
// it is left to a download that has failed, with the given output.
func (s *store) heal(err error) bool {
	failed, ok := err.(*goFailed)
	if s == nil || !ok || s.healed {
		return false
	}
	s.healed = true
	unreadable := strings.Contains(failed.output, s.proxy)
	found := false
	for name, offered := range s.offered {
		isSound := offered.file == nil || nameInStore(hashZip(offered.file), ".zip") == name
		if !isSound {
			os.Remove(filepath.Join(s.dir, name))
		}
		if isSound && !unreadable {
			continue
		}
		found = true
		for _, link := range offered.links {
			os.Remove(link)
		}
		delete(s.offered, name)
	}
	return found
}

// keep puts newly downloaded modules into the store, each under the hash of what it is. Private modules are left out.
func (s *store) keep(from string, private []string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		module, _, ok := strings.Cut(filepath.ToSlash(rel), "/@v/")
		if !ok || matchesAny(unescape(module), private) {
			return nil
		}
		var hash string
		switch filepath.Ext(path) {
		case ".mod":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			hash = hashMod(text)
		case ".zip":
			// The go command has made it of the zip and has checked it (golang/go:src/cmd/go/internal/modfetch/fetch.go).
			text, err := os.ReadFile(strings.TrimSuffix(path, ".zip") + ".ziphash")
			if err != nil {
				return nil
			}
			hash = strings.TrimSpace(string(text))
		}
		name := nameInStore(hash, filepath.Ext(path))
		if _, offered := s.offered[name]; name == "" || offered {
			return nil
		}
		return s.put(path, name)
	})
}

// put copies a file into the store under another name first, since other builds read the store at the same time.
func (s *store) put(path, name string) error {
	target := filepath.Join(s.dir, name)
	from, err := os.Stat(path)
	if err != nil {
		return err
	}
	if there, err := os.Lstat(target); err == nil {
		if there.Mode().IsRegular() && there.Size() == from.Size() {
			return nil
		}
		os.RemoveAll(target)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(s.dir, "*.tmp")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(out.Name(), target)
	}
	if err != nil {
		os.Remove(out.Name())
	}
	return err
}

// trim removes what is not of the store's form, and of the rest what was used longest ago until it fits the limit.
func (s *store) trim(limit int64, now time.Time) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	type file struct {
		path string
		used time.Time
		size int64
	}
	var files []file
	total := int64(0)
	for _, entry := range entries {
		path := filepath.Join(s.dir, entry.Name())
		info, err := entry.Info()
		if err != nil {
			continue
		}
		// Another build may be writing a temporary file.
		writing := filepath.Ext(path) == ".tmp" && now.Sub(info.ModTime()) < time.Hour
		if !info.Mode().IsRegular() || !inStore(entry.Name()) && !writing {
			os.RemoveAll(path)
			continue
		}
		used := info.ModTime()
		if used.After(now) {
			used = time.Time{}
		}
		files = append(files, file{path, used, info.Size()})
		total += info.Size()
	}
	sort.Slice(files, func(i, j int) bool { return files[i].used.Before(files[j].used) })
	for _, oldest := range files {
		if total <= limit {
			break
		}
		os.Remove(oldest.path)
		total -= oldest.size
	}
	return nil
}

// inStore tells whether a file may have been put into the store by this program.
func inStore(name string) bool {
	kind := filepath.Ext(name)
	digest, err := hex.DecodeString(strings.TrimSuffix(name, kind))
	return err == nil && len(digest) == sha256.Size && (kind == ".zip" || kind == ".mod")
}

// hashMod gives the hash of a go.mod as go.sum has it (golang/mod:sumdb/dirhash/hash.go, Hash1).
func hashMod(text []byte) string {
	return hashFiles([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(text)), nil
	})
}

// hashZip gives the hash of a module's zip as go.sum has it; "" where it cannot be read.
func hashZip(file *os.File) string {
	info, err := file.Stat()
	if err != nil || info.Size() > mostZip {
		return ""
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return ""
	}
	files := map[string]*zip.File{}
	var names []string
	size := uint64(0)
	for _, entry := range archive.File {
		files[entry.Name] = entry
		names = append(names, entry.Name)
		if size += entry.UncompressedSize64; entry.UncompressedSize64 > mostZip || size > mostZip {
			return ""
		}
	}
	return hashFiles(names, func(name string) (io.ReadCloser, error) { return files[name].Open() })
}

func hashFiles(names []string, open func(name string) (io.ReadCloser, error)) string {
	sort.Strings(names)
	all := sha256.New()
	for _, name := range names {
		file, err := open(name)
		if err != nil {
			return ""
		}
		digest := sha256.New()
		_, err = io.Copy(digest, file)
		file.Close()
		if err != nil {
			return ""
		}
		fmt.Fprintf(all, "%x  %s\n", digest.Sum(nil), name)
	}
	return "h1:" + base64.StdEncoding.EncodeToString(all.Sum(nil))
}

// writeInfo writes what a proxy says of a version. The store has nobody's word for its time and origin, which no hash
// covers and no build reads.
func writeInfo(path, version string) error {
	return os.WriteFile(path, []byte(fmt.Sprintf("{\"Version\":%q}", version)), 0o644)
}

// escape spells a path as the module cache does: !a for A.
func escape(path string) string {
	var out strings.Builder
	for _, r := range path {
		if 'A' <= r && r <= 'Z' {
			out.WriteRune('!')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}
