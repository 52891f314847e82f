package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestBorrowedEntriesThatAreUsedStay(t *testing.T) {
	warm, cache := t.TempDir(), t.TempDir()
	now := time.Now()
	age := func(path string, at time.Time) {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for name, at := range map[string]time.Time{
		"ab/used-a": now.Add(-3 * time.Hour), "ab/unused-d": now.Add(-3 * time.Hour), "cd/old-a": now.Add(-6 * 24 * time.Hour), "cd/cooked-d": now.Add(-3 * time.Hour),
	} {
		age(write(t, filepath.Join(warm, name), "warm"), at)
	}
	age(write(t, filepath.Join(cache, "cd/cooked-d"), "cooked"), farFuture)
	age(write(t, filepath.Join(cache, "README"), "x"), now)
	if err := expire(warm, now); err != nil {
		t.Fatal(err)
	}
	if err := borrow(warm, cache); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(warm, "cd/old-a")) || exists(filepath.Join(cache, "cd/old-a")) {
		t.Error("an entry that nobody used for days is still there")
	}
	// As go marks an entry that it uses, and writes a new one.
	age(filepath.Join(cache, "ab/used-a"), now.Add(time.Second))
	age(write(t, filepath.Join(cache, "ef/new-a"), "new"), now.Add(time.Second))
	if err := settle(warm, cache, now, true); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"ab/used-a": "warm", "cd/cooked-d": "cooked", "ef/new-a": "new"} {
		path := filepath.Join(cache, name)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s is no file: %v", name, err)
		} else if got := read(t, path); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if _, err := os.Lstat(filepath.Join(cache, "ab/unused-d")); err == nil {
		t.Error("an entry that was not used is in the result")
	}
	for _, name := range []string{"ab/used-a", "ab/unused-d", "ef/new-a"} {
		path := filepath.Join(warm, name)
		if !exists(path) {
			t.Errorf("%s is lost to the next build", name)
		} else if since := now.Sub(modified(t, path)); since < time.Hour {
			t.Errorf("go would not note the next use of %s", name)
		}
	}
	if exists(filepath.Join(warm, "README")) {
		t.Error("README is no entry")
	}
}

func TestWhatMustNotBeLeftIsNot(t *testing.T) {
	warm, cache := t.TempDir(), t.TempDir()
	now := time.Now()
	path := write(t, filepath.Join(cache, "ef/new-a"), "new")
	if err := os.Chtimes(path, now, now); err != nil {
		t.Fatal(err)
	}
	if err := settle(warm, cache, now.Add(-time.Minute), false); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(warm, "ef/new-a")) || !exists(path) {
		t.Error("the entry is left for later builds, or lost to this one")
	}
}
