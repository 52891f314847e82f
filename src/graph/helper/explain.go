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

// noFolder is what go says of a folder of `replace` or `use` that is not there, or has no go.mod.
var noFolder = regexp.MustCompile(`(?m)(?:\(replaced by \.[^)]*\): reading|listed in go\.work file: open) .*no such file or directory`)

// noDatabase is what go says when it cannot ask the checksum database.
var noDatabase = regexp.MustCompile(`(?m)verifying (?:module|go\.mod): .*(?:sumdb|sum\.golang\.|/lookup/|/latest|checksum database)`)

// explain adds to a failed download what go leaves out: git's own words, the line of go.mod that names the module,
// and what helps.
//
// root is the folder of the module files.
func explain(err error, env []string, root string) error {
	failed, ok := err.(*goFailed)
	if !ok {
		return err
	}
	output := failed.output
	if found := noProtocol.FindStringSubmatch(output); found != nil {
		output += askGit(found[1], env)
	}
	what, place := concerned(output, root)
	note := func(code, message, help string) string {
		return place + code + " " + message + "\nhelp: " + help
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
	case strings.Contains(output, "SECURITY ERROR"):
		failed.note = note("GF091", what+" is not what go.sum says it is", "see what go prints above; after a wrong go.sum line: go clean -modcache && go mod tidy")
	case noFolder.MatchString(output):
		failed.note = note("GF091", what+" has no go.mod in the build context", "add the folder to the build context, look for it in .dockerignore, or take the line out")
	case noDatabase.MatchString(output):
		failed.note = note("GF091", "the checksum database cannot be asked for "+what, "commit the go.sum that go mod tidy writes (in a workspace also go.work.sum); where the database is not reached add --build-arg GONOSUMDB="+noVersion(what)+" or --build-arg GOSUMDB=off")
	case strings.Contains(output, "404 Not Found"), strings.Contains(output, "410 Gone"):
		failed.note = note("GF052", what+" is not on the module proxy", "if it is private, list it under modules.private and say how to log in under modules.auth")
	case strings.Contains(output, "403 Forbidden"), strings.Contains(output, "401 Unauthorized"):
		failed.note = note("GF091", "the module proxy does not give "+what, "ask whoever runs the proxy to admit it, name another under modules.proxy, or if it is private, list it under modules.private and say how to log in under modules.auth")
	default:
		failed.note = note("GF091", what+" cannot be downloaded", "see what go prints above")
	}
	return failed
}

func noVersion(module string) string {
	path, _, _ := strings.Cut(module, " ")
	return path
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
