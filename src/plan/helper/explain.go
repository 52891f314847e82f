package main

import (
	"regexp"
	"strings"
	"time"
)

// noProtocol is what go says when git could not reach a repository in any way; it keeps git's own
// reason to itself (golang/go:src/cmd/go/internal/vcs/vcs.go).
var noProtocol = regexp.MustCompile(`(?m)^go: (\S+)@\S+: .*no secure protocol found for repository`)

// noFolder is what go says of a folder of `replace` or `use` that is not there, or has no go.mod.
var noFolder = regexp.MustCompile(`(?m)(?:\(replaced by \.[^)]*\): reading|listed in go\.work file: open) .*no such file or directory`)

// noDatabase is what go says when it cannot ask the checksum database.
var noDatabase = regexp.MustCompile(`(?m)verifying (?:module|go\.mod): .*(?:sumdb|sum\.golang\.|/lookup/|/latest|checksum database)`)

// loginRefused is what git says of a server that wants another login, or one at all.
var loginRefused = regexp.MustCompile(`Authentication failed|terminal prompts disabled|could not read Username|returned error: 40[13]`)

// explain adds to a failed download what go leaves out: the line of go.mod that names the module, the server and the
// secret that it was given, what was tried, and what helps.
//
// root is the folder of the module files.
func explain(err error, auth *credentials, root string) error {
	failed, ok := err.(*goFailed)
	if !ok || failed.note != "" {
		return err
	}
	output := failed.output
	what, place := concerned(output, root)
	note := func(code, message, help string) string {
		return place + code + " " + message + "\nhelp: " + help
	}
	refused, isRefused := refusal(output)
	switch {
	case strings.Contains(output, "certificate signed by unknown authority"), strings.Contains(output, "certificate verification failed"):
		failed.note = note("GF091", what+" cannot be downloaded: the server's certificate is not trusted", "where a company re-signs TLS, add --secret id=ca-certificates,src=BUNDLE.pem")
	case strings.Contains(output, "certificate has expired or is not yet valid"), strings.Contains(output, "certificate is not yet activated"), strings.Contains(output, "certificate has expired"):
		failed.note = note("GF091", what+" cannot be downloaded: for the clock of this builder ("+time.Now().UTC().Format("2006-01-02 15:04")+" UTC) the server's certificate is not valid", "set the builder's clock; if it is right, the server needs a new certificate")
	case strings.Contains(output, "Host key verification failed"):
		failed.note = note("GF054", "the server's host key is not among the knownHosts of modules.auth", "run ssh-keyscan for the host, check the key with its owner, and list the line under knownHosts")
	case strings.Contains(output, "Permission denied (publickey"):
		failed.note = note("GF051", "the server accepts none of the keys of the forwarded ssh agent", "load the key that may read "+what+": ssh-add KEY, and build with --ssh default")
	case isRefused, loginRefused.MatchString(output):
		failed.note = note(login(refused, what, auth))
	case strings.Contains(output, `exec: "git": executable file not found`):
		failed.note = note("GF052", what+" is not on the public proxy and has to come from its repository", "list it under modules.private, so that the download step has git")
	case strings.Contains(output, "SECURITY ERROR"):
		failed.note = note("GF091", what+" is not what go.sum says it is", "see what go prints above; after a wrong go.sum line: go clean -modcache && go mod tidy")
	case noFolder.MatchString(output):
		failed.note = note("GF091", what+" has no go.mod in the build context", "add the folder to the build context, look for it in .dockerignore, or take the line out")
	case noDatabase.MatchString(output):
		failed.note = note("GF091", "the checksum database cannot be asked for "+what, "commit the go.sum that go mod tidy writes (in a workspace also go.work.sum); where the database is not reached add --build-arg GONOSUMDB="+noVersion(what)+" or --build-arg GOSUMDB=off")
	case strings.Contains(output, "404 Not Found"), strings.Contains(output, "410 Gone"):
		failed.note = note("GF052", what+" is not on the module proxy", "if it is private, list it under modules.private and say how to log in under modules.auth")
	case failed.tried != "":
		met := trouble{what: "the network failed"}
		if found := troubles(output); len(found) > 0 {
			met = found[0]
		}
		help := "see what go prints above"
		if met.host != "" {
			help = "see that the builder reaches " + met.host + " (a corporate network may need --build-arg HTTPS_PROXY=…), or name another proxy under modules.proxy"
		}
		failed.note = note("GF091", what+" cannot be downloaded: "+met.String()+" ("+failed.tried+")", help)
	default:
		failed.note = note("GF091", what+" cannot be downloaded", "see what go prints above")
	}
	return failed
}

// refusal is the answer of a server that wants another login, or gives something to nobody.
func refusal(output string) (trouble, bool) {
	for _, met := range troubles(output) {
		if met.isAnswer && (strings.HasPrefix(met.what, "401") || strings.HasPrefix(met.what, "403")) {
			return met, true
		}
	}
	found := loginRefused.FindString(output)
	return trouble{host: hostOf(output), what: found}, false
}

// login gives the message about a login: to a server that got a secret of the build, to one that should get one, or to a
// proxy that forbids a module.
func login(refused trouble, what string, auth *credentials) (code, message, help string) {
	host := refused.host
	if host == "" {
		host = "the server"
	}
	if secret := auth.secretFor(refused.host); secret != "" {
		return "GF052", host + " does not give " + what + " to the secret " + secret + ": " + refused.what,
			"the secret may be expired, or may not read this module: hand in another with --secret id=" + secret + ",src=FILE"
	}
	how := "say how to log in under modules.auth, as in { " + noPort(host) + ": { token: ID } }, and add --secret id=ID,src=FILE"
	if refused.isAnswer && strings.HasPrefix(refused.what, "403") {
		return "GF091", "the module proxy " + host + " does not give " + what + ": " + refused.what,
			"ask whoever runs the proxy to admit it, name another under modules.proxy, or if it is private, list it under modules.private and " + how
	}
	return "GF052", host + " wants a login for " + what + ": " + refused.what, how
}

func noPort(host string) string {
	name, _, _ := strings.Cut(host, ":")
	return name
}

func noVersion(module string) string {
	path, _, _ := strings.Cut(module, " ")
	return path
}

// withGit adds git's own words to a failure of which go gives none, by asking for the repository as go did.
func withGit(failed *goFailed, env []string, idle time.Duration) {
	found := noProtocol.FindStringSubmatch(failed.output)
	if found == nil {
		return
	}
	repository := "https://" + found[1]
	if i := strings.Index(repository, ".git"); i >= 0 {
		repository = repository[:i+len(".git")]
	}
	err := runFetching([]string{"git", "ls-remote", "--", repository}, env, "", idle)
	switch said, ok := err.(*goFailed); {
	case ok:
		failed.output += "git ls-remote " + repository + ":\n\t" + strings.ReplaceAll(strings.TrimRight(said.output, "\n"), "\n", "\n\t") + "\n"
	case err == nil:
		// It answers now, so it did not before.
		failed.output += "git ls-remote " + repository + " " + answersNow + "\n"
	}
}
