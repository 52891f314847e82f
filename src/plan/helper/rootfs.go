package main

import (
	"archive/zip"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The places where Linux systems keep their CA roots, as Go's crypto/x509 looks for them.
var caBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// rootfs writes what a static service needs around its binary: the toolchain image's CA roots, Go's
// own time zone database as files, passwd and group with root, nobody and the service's user, a
// home and a /tmp. Every time is fixed, so the layer is the same on every builder.
func rootfs(args []string) error {
	flags := flag.NewFlagSet("rootfs", flag.ContinueOnError)
	out := flags.String("out", "", "folder to write into")
	uid := flags.Int("uid", 65532, "numeric id of the service's user")
	gid := flags.Int("gid", 65532, "numeric id of its group")
	epoch := flags.Int64("time", 0, "time of every file, in seconds since 1970")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root := func(path string) string { return filepath.Join(*out, path) }

	roots := ""
	for _, path := range caBundles {
		if _, err := os.Stat(path); err == nil {
			roots = path
			break
		}
	}
	if roots == "" {
		return fmt.Errorf("the toolchain image has no CA roots (looked in %s); use `image: { base: … }` or a toolchain image with the ca-certificates package", strings.Join(caBundles, ", "))
	}
	if err := copyFile(roots, root("etc/ssl/certs/ca-certificates.crt"), 0o644); err != nil {
		return err
	}

	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	zones := filepath.Join(strings.TrimSpace(string(goroot)), "lib/time/zoneinfo.zip")
	if err := unzip(zones, root("usr/share/zoneinfo")); err != nil {
		return err
	}

	passwd := "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
	group := "root:x:0:\nnobody:x:65534:\n"
	if *uid != 0 && *uid != 65534 {
		passwd += fmt.Sprintf("nonroot:x:%d:%d:nonroot:/home/nonroot:/sbin/nologin\n", *uid, *gid)
		group += fmt.Sprintf("nonroot:x:%d:\n", *gid)
	}
	files := map[string]string{
		"etc/passwd":        passwd,
		"etc/group":         group,
		"etc/nsswitch.conf": "hosts: files dns\n",
	}
	for path, text := range files {
		if err := os.WriteFile(root(path), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(root("home/nonroot"), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(root("home/nonroot"), 0o700); err != nil {
		return err
	}
	if err := os.Chown(root("home/nonroot"), *uid, *gid); err != nil {
		return err
	}
	if err := os.MkdirAll(root("tmp"), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(root("tmp"), 0o777|os.ModeSticky); err != nil {
		return err
	}
	return fixTimes(*out, time.Unix(*epoch, 0))
}

// unzip writes the regular files of Go's zoneinfo.zip below dir. The archive is part of the
// toolchain; names that would leave dir are refused all the same.
func unzip(archive, dir string) error {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("time zones: %w", err)
	}
	defer reader.Close()
	for _, file := range reader.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		if !filepath.IsLocal(file.Name) {
			return fmt.Errorf("time zones: %s leaves the archive", file.Name)
		}
		target := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		in, err := file.Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
