package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// cTools is where the step that installs the C compilers says what it has installed.
const cTools = "/usr/share/go-frontend"

func init() {
	forC.commands = map[string]func([]string) error{"libraries": libraries}
	forC.environment = func() ([]string, error) { return cEnvironment(cTools) }
	forC.explain = missingC
	forC.mustBeStatic = mustBeStatic
}

// cEnvironment names what C is compiled with in go's own key of each package with cgo. That key holds the flags, the
// compiler by its version, and the package's files (golang/go:src/cmd/go/internal/work/exec.go, buildActionID), but no
// header of the system, no library and no answer of pkg-config. A macro that no code reads stands for them all. With
// -trimpath go leaves these flags out of what it writes into the binary.
func cEnvironment(dir string) ([]string, error) {
	if os.Getenv("CGO_ENABLED") != "1" {
		return nil, nil
	}
	sum, err := os.ReadFile(filepath.Join(dir, "sum"))
	if err != nil {
		return nil, err
	}
	return []string{"CGO_CPPFLAGS=-DGO_FRONTEND_C_TOOLS=0x" + strings.TrimSpace(string(sum))}, nil
}

var (
	missingHeader  = regexp.MustCompile(`fatal error: (\S+): No such file or directory`)
	missingLibrary = regexp.MustCompile(`(?:/|^)ld: cannot find -l(\S+?)(?::|$)`)
	missingAnswer  = regexp.MustCompile(`(?m)^Package '?([^\s']+)'?,? (?:was not found in the pkg-config search path|required by)`)
)

// missingC names what the C compiler, the linker or pkg-config has not found.
func missingC(output string) string {
	for _, line := range strings.Split(output, "\n") {
		what := ""
		if found := missingHeader.FindStringSubmatch(line); found != nil {
			what = "the C header " + found[1]
		} else if found := missingLibrary.FindStringSubmatch(line); found != nil {
			what = "the C library " + found[1] + " (-l" + found[1] + ")"
		} else if found := missingAnswer.FindStringSubmatch(line); found != nil {
			what = "the C library " + found[1] + ", which pkg-config is asked for,"
		}
		if what != "" {
			return "GF063 " + what + " is neither in the source tree nor in a package of build.cgo.packages\nhelp: add Debian's package that has it, as in `build: { cgo: { packages: [libsqlite3-dev] } }`; packages.debian.org searches for files"
		}
	}
	return ""
}
