package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// vcsStamp is what the linker writes of the commit into the build information. The go command would ask a .git for it,
// and make it a part of the main package's key.
type vcsStamp struct {
	Revision string `json:"revision"`
	Time     string `json:"time"`
	Modified *bool  `json:"modified"`
	Version  string `json:"version"`
}

// vcsVariable hands a stamp from the command that runs go to the one that becomes the linker.
const vcsVariable = "GO_FRONTEND_VCS"

// stampImportConfig puts the stamp into the linker's list of packages, whose line modinfo is the build information
// (golang/go:src/cmd/go/internal/work/exec.go, writeLinkImportcfg).
func stampImportConfig(args []string, stamp string) error {
	if stamp == "" || len(args) == 0 || filepath.Base(args[0]) != "link" {
		return nil
	}
	var vcs vcsStamp
	if err := json.Unmarshal([]byte(stamp), &vcs); err != nil {
		return err
	}
	for at, arg := range args[:len(args)-1] {
		if arg != "-importcfg" {
			continue
		}
		path := args[at+1]
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		stamped, err := withStamp(string(text), vcs, saysVersion(runtime.Version()))
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(stamped), 0o666)
	}
	return nil
}

func withStamp(config string, vcs vcsStamp, versioned bool) (string, error) {
	lines := strings.Split(config, "\n")
	for at, line := range lines {
		quoted, ok := strings.CutPrefix(line, "modinfo ")
		if !ok {
			continue
		}
		whole, err := strconv.Unquote(quoted)
		if err != nil {
			return "", err
		}
		// Sixteen bytes on either side tell where it begins and ends (golang/go:src/cmd/go/internal/modload/build.go).
		if len(whole) < 32 {
			return "", fmt.Errorf("the build information has %d bytes", len(whole))
		}
		info, err := debug.ParseBuildInfo(whole[16 : len(whole)-16])
		if err != nil {
			return "", err
		}
		vcs.addTo(info, versioned)
		lines[at] = fmt.Sprintf("modinfo %q", whole[:16]+info.String()+whole[len(whole)-16:])
	}
	return strings.Join(lines, "\n"), nil
}

// addTo says what the go command says, in its order (golang/go:src/cmd/go/internal/load/pkg.go, setBuildInfo).
func (vcs vcsStamp) addTo(info *debug.BuildInfo, versioned bool) {
	add := func(key, value string) {
		if value != "" {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
		}
	}
	add("vcs", "git")
	add("vcs.revision", vcs.Revision)
	add("vcs.time", vcs.Time)
	if vcs.Modified != nil {
		add("vcs.modified", strconv.FormatBool(*vcs.Modified))
	}
	if versioned && vcs.Version != "" && info.Main.Path != "" {
		info.Main.Version = vcs.Version
	}
}

// saysVersion tells whether a release writes the main module's version: Go 1.24 was the first.
func saysVersion(release string) bool {
	minor, _, _ := strings.Cut(strings.TrimPrefix(release, "go1."), ".")
	digits := strings.IndexFunc(minor, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		minor = minor[:digits]
	}
	number, err := strconv.Atoi(minor)
	return err != nil || number >= 24
}
