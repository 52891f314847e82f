package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	root := flags.String("root", "", "folder with the bare repositories")
	httpsAddr := flags.String("https", "", "address for https")
	sshAddr := flags.String("ssh", "", "address for ssh")
	host := flags.String("host", "", "name that the certificate and the host key are for")
	modules := flags.String("modules", "", "folder of a module proxy, served below /modules/")
	password := flags.String("password", "", "password that https asks for")
	state := flags.String("state", "", "folder for keys")
	percent := flags.Uint("fault-percent", 0, "how many https requests of a hundred fail")
	kinds := flags.String("fault-kinds", "502", "how they fail: silent, reset, cut, or a status; comma separated")
	seed := flags.String("fault-seed", "", "decides which of them fail")
	if err := flags.Parse(args); err != nil {
		return err
	}
	certificate, err := certificateFor(*host, *state)
	if err != nil {
		return err
	}
	config, err := sshConfig(*host, *sshAddr, *state)
	if err != nil {
		return err
	}
	web, err := tls.Listen("tcp", *httpsAddr, &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return err
	}
	shell, err := net.Listen("tcp", *sshAddr)
	if err != nil {
		return err
	}
	go http.Serve(web, faulty(gitHandler(*root, *modules, *password), *percent, strings.Split(*kinds, ","), *seed))
	go serveSSH(shell, config, *root)
	fmt.Println("ready")
	// The tests hold our standard input: when they end, however they end, so do we.
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// gitHandler runs git's smart http backend, and serves a module proxy, for whoever knows the password.
func gitHandler(root, modules, password string) http.Handler {
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return http.NotFoundHandler()
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	proxy := http.StripPrefix("/modules/", http.FileServer(http.Dir(modules)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, given, ok := r.BasicAuth()
		if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(password)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/modules/") {
			proxy.ServeHTTP(w, r)
			return
		}
		backend.ServeHTTP(w, r)
	})
}

func serveSSH(listener net.Listener, config *ssh.ServerConfig, root string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_, channels, requests, err := ssh.NewServerConn(conn, config)
			if err != nil {
				return
			}
			go ssh.DiscardRequests(requests)
			for channel := range channels {
				go serveChannel(channel, root)
			}
		}()
	}
}

// serveChannel answers `git-upload-pack 'PATH'` and nothing else.
func serveChannel(requested ssh.NewChannel, root string) {
	if requested.ChannelType() != "session" {
		requested.Reject(ssh.UnknownChannelType, "only sessions")
		return
	}
	channel, requests, err := requested.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	protocol := ""
	for request := range requests {
		switch request.Type {
		case "env":
			var pair struct{ Name, Value string }
			if ssh.Unmarshal(request.Payload, &pair) == nil && pair.Name == "GIT_PROTOCOL" {
				protocol = pair.Value
			}
			request.Reply(true, nil)
		case "exec":
			var line struct{ Command string }
			ssh.Unmarshal(request.Payload, &line)
			name, path, _ := strings.Cut(line.Command, " ")
			path = filepath.Join(root, filepath.Clean("/"+strings.Trim(path, "'")))
			if name != "git-upload-pack" {
				request.Reply(false, nil)
				return
			}
			request.Reply(true, nil)
			command := exec.Command("git", "-c", "safe.directory=*", "upload-pack", path)
			command.Env = append(os.Environ(), "GIT_PROTOCOL="+protocol)
			command.Stdin, command.Stdout, command.Stderr = channel, channel, channel.Stderr()
			status := struct{ Status uint32 }{}
			if command.Run() != nil {
				status.Status = 1
			}
			channel.SendRequest("exit-status", false, ssh.Marshal(&status))
			return
		default:
			request.Reply(false, nil)
		}
	}
}

func certificateFor(host, state string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: host},
		DNSNames:              []string{host},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(state, "ca.pem"), text, 0o644); err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// sshConfig makes the server's key and the one client key it accepts.
func sshConfig(host, address, state string) (*ssh.ServerConfig, error) {
	_, hostKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.NewSignerFromKey(hostKey)
	if err != nil {
		return nil, err
	}
	clientPublic, clientKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(clientKey, "test")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(state, "id_ed25519"), pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	line := knownhosts.Line([]string{knownhosts.Normalize(net.JoinHostPort(host, port))}, signer.PublicKey())
	if err := os.WriteFile(filepath.Join(state, "known_hosts"), []byte(line+"\n"), 0o644); err != nil {
		return nil, err
	}
	accepted, err := ssh.NewPublicKey(clientPublic)
	if err != nil {
		return nil, err
	}
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, offered ssh.PublicKey) (*ssh.Permissions, error) {
			if string(offered.Marshal()) != string(accepted.Marshal()) {
				return nil, fmt.Errorf("unknown key")
			}
			return nil, nil
		},
	}
	config.AddHostKey(signer)
	return config, nil
}
