package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRootfs(t *testing.T) {
	caBundles = []string{"/nonexistent", write(t, filepath.Join(t.TempDir(), "ca.crt"), "certificates")}
	out := t.TempDir()
	uid := strconv.Itoa(os.Getuid()) // chown to others is for root alone
	if os.Getuid() == 0 {
		uid = "1234"
	}
	gid := strconv.Itoa(os.Getgid())
	if err := rootfs([]string{"-out=" + out, "-uid=" + uid, "-gid=" + gid, "-time=1700000000"}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(out, "etc/ssl/certs/ca-certificates.crt")); got != "certificates" {
		t.Errorf("CA roots: %q", got)
	}
	passwd := read(t, filepath.Join(out, "etc/passwd"))
	for _, want := range []string{"root:x:0:0:", "nobody:x:65534:", "nonroot:x:" + uid + ":" + gid + ":"} {
		if !strings.Contains(passwd, want) {
			t.Errorf("passwd has no %s:\n%s", want, passwd)
		}
	}
	for _, path := range []string{"etc/group", "etc/nsswitch.conf", "usr/share/zoneinfo/Europe/Berlin", "usr/share/zoneinfo/UTC"} {
		if !exists(filepath.Join(out, path)) {
			t.Errorf("no %s", path)
		}
	}
	for path, mode := range map[string]fs.FileMode{"tmp": 0o777 | fs.ModeSticky, "home/nonroot": 0o700, "etc/passwd": 0o644} {
		info, err := os.Stat(filepath.Join(out, path))
		if err != nil || info.Mode()&(fs.ModePerm|fs.ModeSticky) != mode {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
	at := time.Unix(1700000000, 0)
	err := filepath.WalkDir(out, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && !modified(t, path).Equal(at) {
			t.Errorf("%s has time %s", path, modified(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRootfsWithoutCARoots(t *testing.T) {
	caBundles = []string{"/nonexistent"}
	if err := rootfs([]string{"-out=" + t.TempDir()}); err == nil || !strings.Contains(err.Error(), "ca-certificates") {
		t.Errorf("got %v", err)
	}
}

func TestUnzipStaysInItsFolder(t *testing.T) {
	for _, name := range []string{"../outside", "/absolute", "a/../../outside"} {
		archive := filepath.Join(t.TempDir(), "x.zip")
		file, err := os.Create(archive)
		if err != nil {
			t.Fatal(err)
		}
		writer := zip.NewWriter(file)
		if _, err := writer.Create(name); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		file.Close()
		if err := unzip(archive, t.TempDir()); err == nil {
			t.Errorf("%s was unpacked", name)
		}
	}
}
