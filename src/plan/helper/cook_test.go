package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write makes a file with its folders and gives it an old time.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Unix(1_000_000_000, 0)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	return path
}

func modified(t *testing.T, path string) time.Time {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAgedCacheStaysFreshForGo(t *testing.T) {
	cache := t.TempDir()
	entry := write(t, filepath.Join(cache, "ab", "abcd-a"), "action")
	trim := write(t, filepath.Join(cache, "trim.txt"), "1")
	expire := write(t, filepath.Join(cache, "testexpire.txt"), "1")
	if err := ageCache(cache); err != nil {
		t.Fatal(err)
	}
	if !modified(t, entry).Equal(farFuture) {
		t.Errorf("the entry has time %s", modified(t, entry))
	}
	if exists(trim) || exists(expire) {
		t.Error("the cache's own clock is still there")
	}
	if err := ageCache(cache); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if err := ageCache(""); err == nil {
		t.Error("no folder is not an error")
	}
}

func TestTimesOfAllFilesAndFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a", "b", "file"), "x")
	if err := os.Symlink("nowhere", filepath.Join(dir, "a", "link")); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_700_000_000, 0)
	if err := fixTimes(dir, at); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "a", "a/b", "a/b/file"} {
		if got := modified(t, filepath.Join(dir, path)); !got.Equal(at) {
			t.Errorf("%q has time %s", path, got)
		}
	}
}

func TestCook(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("GOCACHE", cache)
	entry := filepath.Join(cache, "entry")
	fill := func(code string) []string {
		return []string{"--", "sh", "-c", "echo x > " + entry + "; exit " + code}
	}
	if err := cook(fill("0")); err != nil {
		t.Fatal(err)
	}
	if !modified(t, entry).Equal(farFuture) {
		t.Error("what was compiled is not aged")
	}
	if err := cook(fill("1")); err == nil {
		t.Error("an error of go is none")
	}
	if err := cook(append([]string{"-lenient"}, fill("1")...)); err != nil {
		t.Errorf("lenient: %v", err)
	}
	if !modified(t, entry).Equal(farFuture) {
		t.Error("lenient: what was compiled is not aged")
	}
	// Not an error in source code: the next build is to try again.
	killed := []string{"-lenient", "--", "sh", "-c", "echo '# example.com/x' >&2; echo 'compile: signal: killed' >&2; exit 1"}
	if failed, ok := cook(killed).(*goFailed); !ok || !strings.HasPrefix(failed.note, "GF093 ") {
		t.Errorf("lenient hides a compiler that was killed: %v", failed)
	}
	// 2 is go's own code for a wrong command line: our mistake, and never to be hidden.
	if err := cook(append([]string{"-lenient"}, fill("2")...)); err == nil {
		t.Error("lenient hides a wrong command line")
	}
}
