package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// noProtocol is what go says when git could not reach a repository in any way; it keeps git's own
// reason to itself (golang/go:src/cmd/go/internal/vcs/vcs.go).
var noProtocol = regexp.MustCompile(`(?m)^go: (\S+)@\S+: .*no secure protocol found for repository`)

// explain adds to a failed download what go leaves out: git's own words, and the key of the
// description that helps.
func explain(err error, env []string) error {
	failed, ok := err.(*goFailed)
	if !ok {
		return err
	}
	output := failed.output
	if found := noProtocol.FindStringSubmatch(output); found != nil {
		output += askGit(found[1], env)
	}
	switch {
	case strings.Contains(output, "certificate signed by unknown authority"), strings.Contains(output, "certificate verification failed"):
		failed.note = "GF091 go mod download failed: the server's certificate is not trusted; where a company re-signs TLS, add --secret id=ca-certificates,src=BUNDLE.pem"
	case strings.Contains(output, "Host key verification failed"):
		failed.note = "GF054 the server's host key is not among the knownHosts of modules.auth"
	case strings.Contains(output, "Permission denied (publickey"):
		failed.note = "GF051 the server accepts none of the keys of the forwarded ssh agent"
	case strings.Contains(output, "Authentication failed"), strings.Contains(output, "terminal prompts disabled"), strings.Contains(output, "could not read Username"):
		failed.note = "GF052 the server wants other credentials for a private module: see modules.auth"
	case strings.Contains(output, `exec: "git": executable file not found`):
		failed.note = "GF052 a module is not on the public proxy and has to come from its repository; list it under modules.private, so that the download step has git"
	case strings.Contains(output, "404 Not Found"), strings.Contains(output, "410 Gone"):
		failed.note = "GF052 a module is not on the public proxy; if it is private, list it under modules.private and say how to log in under modules.auth"
	default:
		failed.note = "GF091 go mod download failed"
	}
	return failed
}

// askGit asks for the repository as go did, and prints and returns what git says.
func askGit(module string, env []string) string {
	repository := "https://" + module
	if i := strings.Index(repository, ".git"); i >= 0 {
		repository = repository[:i+len(".git")]
	}
	cmd := exec.Command("git", "ls-remote", "--", repository)
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	if err == nil {
		return ""
	}
	fmt.Fprintf(os.Stderr, "git ls-remote %s\n%s", repository, output)
	return string(output)
}
