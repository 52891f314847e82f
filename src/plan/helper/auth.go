package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// credentials says where the download step finds what private modules need. Secrets are files that
// BuildKit mounts into this step alone; this program copies them only into HOME, which is memory.
type credentials struct {
	home   *string
	ca     *string
	netrc  *string
	known  *string
	tokens list
	ssh    list
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func authFlags(flags *flag.FlagSet) *credentials {
	c := &credentials{
		home:  flags.String("home", "/tmp/home", "folder for this step's git and netrc settings, in memory"),
		ca:    flags.String("ca", "", "file with the CA certificates to trust; used when it is there"),
		netrc: flags.String("netrc", "", "FILE ID: a secret in netrc format, and its name"),
		known: flags.String("known-hosts", "", "file with the ssh host keys to accept, and no others"),
	}
	flags.Var(&c.tokens, "token", "HOST USER FILE ID: a secret holding a token for https, and its name; may be repeated")
	flags.Var(&c.ssh, "ssh", "HOST USER PORT SOCKET: fetch from this host over ssh, with the agent behind SOCKET; may be repeated")
	return c
}

// environment writes the settings and returns the environment that makes go and git read them.
func (c *credentials) environment() ([]string, error) {
	if err := os.MkdirAll(*c.home, 0o700); err != nil {
		return nil, err
	}
	env := []string{
		"HOME=" + *c.home,
		"GIT_CONFIG_NOSYSTEM=1",
		// A missing credential must fail, never wait for somebody to type it.
		"GIT_TERMINAL_PROMPT=0",
		"GIT_ASKPASS=/bin/false",
	}
	if _, err := os.Stat(*c.ca); *c.ca != "" && err == nil {
		env = append(env, "SSL_CERT_FILE="+*c.ca, "GIT_SSL_CAINFO="+*c.ca)
	}
	netrc, err := c.netrcText()
	if err != nil {
		return nil, err
	}
	if netrc != "" {
		file := filepath.Join(*c.home, ".netrc")
		if err := os.WriteFile(file, []byte(netrc), 0o600); err != nil {
			return nil, err
		}
		env = append(env, "NETRC="+file)
	}
	if len(c.ssh) == 0 {
		return env, nil
	}
	git, config := "", ""
	for _, entry := range c.ssh {
		fields := strings.Fields(entry)
		if len(fields) != 4 {
			return nil, fmt.Errorf("-ssh wants HOST USER PORT SOCKET, got %q", entry)
		}
		host, user, port, socket := fields[0], fields[1], fields[2], fields[3]
		git += fmt.Sprintf("[url \"ssh://%s@%s:%s/\"]\n\tinsteadOf = https://%s/\n", user, host, port, host)
		config += fmt.Sprintf("Host %s\n\tIdentityAgent %s\n", host, socket)
	}
	// The host keys of the description are the only ones accepted: a first contact is never trusted.
	config += fmt.Sprintf("Host *\n\tBatchMode yes\n\tStrictHostKeyChecking yes\n\tGlobalKnownHostsFile /dev/null\n\tUserKnownHostsFile %s\n", *c.known)
	sshConfig := filepath.Join(*c.home, "ssh_config")
	if err := os.WriteFile(sshConfig, []byte(config), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(*c.home, ".gitconfig"), []byte(git), 0o600); err != nil {
		return nil, err
	}
	return append(env, "GIT_SSH_COMMAND=ssh -F "+sshConfig), nil
}

// login tells whether anything is fetched with a login, however it was given: by the description, in the address of a
// module proxy or of a proxy for all of the network, or by the toolchain image's environment.
func (c *credentials) login(proxies string) bool {
	if *c.netrc != "" || len(c.tokens) > 0 || len(c.ssh) > 0 || strings.Contains(proxies, "@") {
		return true
	}
	return len(loginSettings(os.Environ())) > 0
}

// loginSettings gives the names of settings by which go or git may be logged in to something.
func loginSettings(environment []string) []string {
	var found []string
	for _, setting := range environment {
		name, value, _ := strings.Cut(setting, "=")
		upper := strings.ToUpper(name)
		switch {
		case value == "":
		case name == "NETRC", strings.HasPrefix(name, "GIT_"), strings.HasPrefix(name, "SSH_"),
			name == "GOAUTH" && value != "off" && value != "netrc",
			strings.HasSuffix(upper, "_PROXY") && upper != "NO_PROXY" && strings.Contains(value, "@"):
			found = append(found, name)
		}
	}
	return found
}

// hosts are those that are logged in to.
func (c *credentials) hosts() (map[string]bool, error) {
	text, err := c.netrcText()
	hosts := map[string]bool{}
	words := strings.Fields(text)
	for i, word := range words {
		if word == "machine" && i+1 < len(words) {
			hosts[words[i+1]] = true
		}
	}
	for _, entry := range c.ssh {
		hosts[strings.Fields(entry)[0]] = true
	}
	return hosts, err
}

func (c *credentials) netrcText() (string, error) {
	text := ""
	if *c.netrc != "" {
		file, _, _ := strings.Cut(*c.netrc, " ")
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		text = strings.TrimRight(string(data), "\n") + "\n"
	}
	for _, entry := range c.tokens {
		fields := strings.Fields(entry)
		if len(fields) != 4 {
			return "", fmt.Errorf("-token wants HOST USER FILE ID")
		}
		data, err := os.ReadFile(fields[2])
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(data))
		if token == "" || strings.ContainsAny(token, " \t\r\n") {
			return "", fmt.Errorf("the token secret for %s is empty or holds spaces", fields[0])
		}
		for _, host := range withPorts(fields[0], os.Getenv("GOPROXY")) {
			text += fmt.Sprintf("machine %s\nlogin %s\npassword %s\n", host, fields[1], token)
		}
	}
	return text, nil
}

// withPorts gives a host as it is, and with each port that GOPROXY's list names it with: the go command takes the two
// for different machines (golang/go:src/cmd/go/internal/auth/auth.go, loadCredential).
func withPorts(host, proxies string) []string {
	all := []string{host}
	for _, proxy := range strings.FieldsFunc(proxies, func(r rune) bool { return r == ',' || r == '|' }) {
		at, err := url.Parse(strings.TrimSpace(proxy))
		if err == nil && at.Scheme == "https" && at.Hostname() == host && at.Port() != "" {
			all = append(all, at.Host)
		}
	}
	return all
}

// secretFor names the secret that a host gets, or nothing.
func (c *credentials) secretFor(host string) string {
	name, _, _ := strings.Cut(host, ":")
	for _, entry := range c.tokens {
		if fields := strings.Fields(entry); len(fields) == 4 && (fields[0] == host || fields[0] == name) {
			return fields[3]
		}
	}
	file, id, _ := strings.Cut(*c.netrc, " ")
	text, _ := os.ReadFile(file)
	words := strings.Fields(string(text))
	for i, word := range words {
		if word == "default" || word == "machine" && i+1 < len(words) && words[i+1] == name {
			return id
		}
	}
	return ""
}
