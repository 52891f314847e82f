package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const canary = "c4n4ry-0123456789abcdef0123456789"

// prepared parses flags and writes the settings of a download step.
func prepared(t *testing.T, args ...string) (home string, env map[string]string, err error) {
	t.Helper()
	home = filepath.Join(t.TempDir(), "home")
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	auth := authFlags(flags)
	if err := flags.Parse(append([]string{"-home=" + home}, args...)); err != nil {
		t.Fatal(err)
	}
	list, err := auth.environment()
	env = map[string]string{}
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return home, env, err
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWithoutLoginsNothingIsAsked(t *testing.T) {
	home, env, err := prepared(t, "-ca=/nonexistent")
	if err != nil {
		t.Fatal(err)
	}
	if env["GIT_TERMINAL_PROMPT"] != "0" || env["GIT_ASKPASS"] != "/bin/false" || env["GIT_CONFIG_NOSYSTEM"] != "1" {
		t.Errorf("git could wait for somebody: %v", env)
	}
	for _, name := range []string{"NETRC", "SSL_CERT_FILE", "GIT_SSH_COMMAND"} {
		if _, ok := env[name]; ok {
			t.Errorf("%s is set", name)
		}
	}
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("home: %v %v", info.Mode(), err)
	}
}

func TestTokensAndNetrc(t *testing.T) {
	secrets := t.TempDir()
	netrc := write(t, filepath.Join(secrets, "netrc"), "machine a.example login me password one\n\n")
	token := write(t, filepath.Join(secrets, "token"), canary+"\n")
	home, env, err := prepared(t, "-netrc="+netrc+" corp", "-token=git.acme.example oauth2 "+token+" acme")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, ".netrc")
	want := "machine a.example login me password one\nmachine git.acme.example\nlogin oauth2\npassword " + canary + "\n"
	if got := read(t, file); got != want {
		t.Errorf("netrc:\n%s", got)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("netrc has mode %v", info.Mode())
	}
	if env["NETRC"] != file || env["HOME"] != home {
		t.Errorf("go does not find it: %v", env)
	}
	for name, value := range env {
		if strings.Contains(value, canary) {
			t.Errorf("%s holds the token", name)
		}
	}
}

func TestATokenIsForTheHostWithThePortOfAProxyToo(t *testing.T) {
	for proxies, want := range map[string]string{
		"": "corp.example",
		"https://corp.example:8443/go,https://other.example:1|direct": "corp.example corp.example:8443",
		"https://corp.example,http://corp.example:80,off":             "corp.example",
		"https://corp.example.evil.example:8443":                      "corp.example",
	} {
		if got := strings.Join(withPorts("corp.example", proxies), " "); got != want {
			t.Errorf("%s: %s", proxies, got)
		}
	}
}

func TestATokenThatCannotBeOneIsRefusedWithoutBeingShown(t *testing.T) {
	for _, text := range []string{"", "\n", canary + " more", canary + "\nmachine evil.example login x password y"} {
		token := write(t, filepath.Join(t.TempDir(), "token"), text)
		_, _, err := prepared(t, "-token=git.acme.example oauth2 "+token+" acme")
		if err == nil || !strings.Contains(err.Error(), "git.acme.example") || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, _, err := prepared(t, "-token=git.acme.example oauth2 /nonexistent acme"); err == nil {
		t.Error("a missing secret is not an error")
	}
	if _, _, err := prepared(t, "-token=git.acme.example"); err == nil {
		t.Error("a short flag is not an error")
	}
}

func TestSSHTrustsTheNamedKeysAlone(t *testing.T) {
	home, env, err := prepared(t, "-known-hosts=/src/known", "-ssh=git.acme.example git 2222 /run/agent", "-ssh=other.example me 22 /run/other")
	if err != nil {
		t.Fatal(err)
	}
	git := read(t, filepath.Join(home, ".gitconfig"))
	for _, want := range []string{
		"[url \"ssh://git@git.acme.example:2222/\"]\n\tinsteadOf = https://git.acme.example/\n",
		"[url \"ssh://me@other.example:22/\"]\n\tinsteadOf = https://other.example/\n",
	} {
		if !strings.Contains(git, want) {
			t.Errorf("git has no\n%s in\n%s", want, git)
		}
	}
	config := read(t, filepath.Join(home, "ssh_config"))
	for _, want := range []string{
		"Host git.acme.example\n\tIdentityAgent /run/agent\n",
		"\tStrictHostKeyChecking yes\n",
		"\tBatchMode yes\n",
		"\tGlobalKnownHostsFile /dev/null\n",
		"\tUserKnownHostsFile /src/known\n",
	} {
		if !strings.Contains(config, want) {
			t.Errorf("ssh has no\n%s in\n%s", want, config)
		}
	}
	if env["GIT_SSH_COMMAND"] != "ssh -F "+filepath.Join(home, "ssh_config") {
		t.Errorf("git does not use it: %v", env)
	}
	if _, _, err := prepared(t, "-ssh=git.acme.example git"); err == nil {
		t.Error("a short flag is not an error")
	}
}

func TestCACertificatesOfTheClient(t *testing.T) {
	ca := write(t, filepath.Join(t.TempDir(), "ca.pem"), "certificates")
	_, env, err := prepared(t, "-ca="+ca)
	if err != nil || env["SSL_CERT_FILE"] != ca || env["GIT_SSL_CAINFO"] != ca {
		t.Errorf("%v %v", env, err)
	}
}
