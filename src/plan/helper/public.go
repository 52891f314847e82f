package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fetchPublic downloads, without any login, the modules that go.mod requires and the store lacks. What anybody may have
// can be kept for every project of the builder; what is fetched with a login after that cannot. A module that fails
// here is not public, and no matter.
func (c *credentials) fetchPublic(kept *store, proxies string, private, env []string, idle time.Duration) error {
	hosts, err := c.hosts()
	if err != nil {
		return err
	}
	open := withoutLogin(proxies, hosts)
	direct := strings.Split(os.Getenv("GONOPROXY"), ",")
	lacking, err := kept.lacking(append(direct, private...))
	if err != nil || open == "" || len(lacking) == 0 {
		return err
	}
	dir, err := os.MkdirTemp("", "public")
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, line := range kept.sums {
		fmt.Fprintf(&sums, "%s %s %s\n", line.module, line.version+map[string]string{".mod": "/go.mod"}[line.kind], line.hash)
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module go-frontend/public\n\ngo 1.17\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "go.sum"), sums.Bytes(), 0o644),
	)
	if err != nil {
		return err
	}
	open = kept.url() + "," + open
	command := append([]string{"go", "-C", dir, "mod", "download", "--"}, lacking...)
	anybody := env[:len(env):len(env)]
	for _, name := range loginSettings(os.Environ()) {
		anybody = append(anybody, name+"=")
	}
	anybody = append(anybody,
		"HOME="+dir, "NETRC="+os.DevNull, "GOAUTH=off", "GOPROXY="+open, "GONOPROXY=none", "GOWORK=off")
	if err := runFetching(command, anybody, open, idle); err != nil {
		if _, ok := err.(*goFailed); !ok {
			return err
		}
		kept.heal(err)
	}
	return nil
}

// withoutLogin gives the proxies of GOPROXY's list that nobody logs in to.
func withoutLogin(proxies string, hosts map[string]bool) string {
	var open []string
	for _, proxy := range strings.FieldsFunc(proxies, func(r rune) bool { return r == ',' || r == '|' }) {
		at, err := url.Parse(strings.TrimSpace(proxy))
		if err == nil && at.Scheme != "" && at.User == nil && !hosts[at.Hostname()] && !hosts[at.Host] {
			open = append(open, strings.TrimSpace(proxy))
		}
	}
	return strings.Join(open, ",")
}

// lacking lists the modules that the go.mod of this folder requires, as path@version, which may be asked of a proxy and
// that the store does not offer.
func (s *store) lacking(direct []string) ([]string, error) {
	type module struct{ Path, Version string }
	var file struct {
		Require []module
		Replace []struct{ Old, New module }
	}
	text, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		// What is wrong with go.mod is the download's to say.
		return nil, nil
	}
	var lacking []string
	for _, required := range file.Require {
		for _, replaced := range file.Replace {
			if replaced.Old.Path == required.Path && (replaced.Old.Version == "" || replaced.Old.Version == required.Version) {
				required = replaced.New
			}
		}
		version := filepath.Join(s.proxy, escape(required.Path), "@v", escape(required.Version))
		_, noZip := os.Lstat(version + ".zip")
		_, noMod := os.Lstat(version + ".mod")
		if errors.Join(noZip, noMod) != nil && required.Version != "" && !matchesAny(required.Path, direct) {
			lacking = append(lacking, required.Path+"@"+required.Version)
		}
	}
	return lacking, nil
}
