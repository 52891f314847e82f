package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOnlyWhatMayPassIsTriedAgain(t *testing.T) {
	for output, want := range map[string]bool{
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 500 Internal Server Error":                    true,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 502 Bad Gateway":                              true,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 429 Too Many Requests":                        true,
		"go: x.example/a@v1.0.0: read \"https://p/x.example/a/@v/v1.0.0.zip\": unexpected EOF":                              true,
		"go: x.example/a@v1.0.0: Get \"https://p/x.example/a/@v/v1.0.0.mod\": read tcp 1.2.3.4:5: connection reset by peer": true,
		"go: x.example/a@v1.0.0: zip: not a valid zip file":                                                                 true,
		"go: reading https://p/x.example/a/@v/v1.0.0.mod: nothing came for 8s":                                              true,
		"\tfatal: unable to access 'https://git.example/a/': The requested URL returned error: 502":                         true,
		// A server's quotation of another's answer is not its own.
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 502 Bad Gateway\n\tserver response: reading https://q/: 404 Not Found": true,

		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 400 Bad Request":                                                       false,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 401 Unauthorized":                                                      false,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 403 Forbidden":                                                         false,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 404 Not Found":                                                         false,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 410 Gone":                                                              false,
		"go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.mod: 404 Not Found\n\tserver response: fetch of https://q/: unexpected EOF": false,
		"verifying x.example/a@v1.0.0: checksum mismatch":                                                                                            false,
		"go: x.example/a@v1.0.0: Get \"https://p/\": dial tcp: lookup p: no such host":                                                               false,
		"go: x.example/a@v1.0.0: Get \"https://p/\": tls: failed to verify certificate: x509: certificate signed by unknown authority":               false,
		"\tfatal: Authentication failed for 'https://git.example/a/'":                                                                                false,
		"\tfatal: unable to access 'https://git.example/a/': The requested URL returned error: 403":                                                  false,
		// The names of modules say nothing.
		"go: x.example/timeout/EOF@v1.0.0: invalid version":                                                                          false,
		"go: x.example/timeout@v1.0.0: reading https://p/x.example/timeout/@v/v1.0.0.mod: something else":                            false,
		"go: x.example/x509:issuer@v1.0.0: Get \"https://p/x509: /@v/v1.0.0.mod\": EOF":                                              true,
		"go: github.com/google/certificate-transparency-go@v1.0.0: Get \"https://p/certificate-transparency-go/@v/v1.0.0.mod\": EOF": true,
		// One module that another try does not help is enough.
		"go: x.example/a@v1.0.0: reading https://p/a: 502 Bad Gateway\ngo: x.example/b@v1.0.0: reading https://p/b: 404 Not Found": false,
	} {
		if got := mayPass(output); got != want {
			t.Errorf("%v: %s", got, output)
		}
	}
}

// quick is a patience without the pauses of a real one.
var quick = patience{pauses: []time.Duration{1, 2, 3, 4}, idle: time.Second, last: 2 * time.Second}

func TestFiveAttemptsBetweenWholeFiles(t *testing.T) {
	cache := t.TempDir()
	versions := filepath.Join(cache, "cache/download/x.example/a/@v")
	bad := &goFailed{code: 1, output: "go: x.example/a@v1.0.0: reading https://p/x.example/a/@v/v1.0.0.zip: 502 Bad Gateway\n"}
	for _, test := range []struct {
		name   string
		before func(call int)
		calls  int
	}{
		{"nothing comes", func(int) {}, 5},
		{"a part comes every time", func(call int) { write(t, filepath.Join(versions, fmt.Sprintf("v1.0.%d.zip.tmp", call)), "PK") }, 5},
		{"a whole file comes with the third", func(call int) {
			if call == 3 {
				write(t, filepath.Join(versions, "v1.0.0.mod"), "module x\n")
			}
		}, 7},
	} {
		calls := 0
		copied := *bad
		err := quick.attempts(cache, func(time.Duration) error { calls++; test.before(calls); return &copied })
		if failed, ok := err.(*goFailed); !ok || calls != test.calls || !strings.HasPrefix(failed.tried, "5 attempts within ") {
			t.Errorf("%s: %d calls, %#v", test.name, calls, err)
		}
	}
	calls := 0
	if err := quick.attempts(cache, func(time.Duration) error { calls++; return &goFailed{code: 1, output: "404 Not Found"} }); err == nil || calls != 1 {
		t.Errorf("an answer: %d calls, %v", calls, err)
	}
}

func TestAllWaitingStaysBelowNinetySeconds(t *testing.T) {
	worst := func(p patience) time.Duration {
		sum := p.idle + p.last
		for _, pause := range p.pauses {
			sum += pause + p.idle
		}
		return sum
	}
	alone, both := worst(patienceFor(false, false)), worst(patienceFor(true, false))+worst(patienceFor(false, true))
	if alone > 80*time.Second || both > 80*time.Second {
		t.Errorf("%s, and %s for two plans", alone, both)
	}
}

// A faultyProxy serves the files of a module proxy. What it does to the nth request of a file is decided by a seed.
type faultyProxy struct {
	files, seed string
	// percent of the requests meet a fault.
	percent uint32
	mu      sync.Mutex
	asked   map[string]int
	stalled int
	done    chan struct{}
}

func (f *faultyProxy) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	f.mu.Lock()
	f.asked[request.URL.Path]++
	nth := f.asked[request.URL.Path]
	f.mu.Unlock()
	data, err := os.ReadFile(filepath.Join(f.files, request.URL.Path))
	if err != nil {
		http.NotFound(response, request)
		return
	}
	hash := fnv.New32a()
	fmt.Fprintf(hash, "%s %s %d", f.seed, request.URL.Path, nth)
	drawn := hash.Sum32()
	drawn ^= drawn >> 15
	drawn *= 0x2c1b3c6d
	drawn ^= drawn >> 12
	if drawn%100 >= f.percent {
		response.Write(data)
		return
	}
	connection := func() net.Conn {
		conn, _, _ := response.(http.Hijacker).Hijack()
		return conn
	}
	switch kind := drawn / 100 % 20; {
	case kind == 0:
		// Accepts and never answers.
		conn := connection()
		<-f.done
		conn.Close()
	case kind < 5:
		conn := connection()
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	case kind < 10:
		conn := connection()
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(data), data[:len(data)/2])
		conn.Close()
	default:
		http.Error(response, "a fault", []int{429, 500, 502, 503}[kind%4])
	}
}

// thirtyModules is a proxy of files with thirty modules, and the go.mod and go.sum that require all of them.
func thirtyModules(t *testing.T) (files string, service map[string]string) {
	t.Helper()
	modules := map[string]map[string]string{}
	require := ""
	for i := 0; i < 30; i++ {
		path := fmt.Sprintf("m%02d.example/lib", i)
		modules[path+"@v1.0.0"] = map[string]string{"go.mod": "module " + path + "\n\ngo 1.21\n", "lib.go": "package lib\n"}
		require += "\t" + path + " v1.0.0\n"
	}
	url := proxy(t, modules)
	service = map[string]string{"go.mod": "module example.com/app\n\ngo 1.21\n\nrequire (\n" + require + ")\n"}
	goEnvironment(t)
	t.Setenv("GOPROXY", url)
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	enter(t, service)
	if err := runGo([]string{"go", "mod", "download"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	service["go.sum"] = string(sums)
	return strings.TrimPrefix(url, "file://"), service
}

func serve(t *testing.T, proxy *faultyProxy) *httptest.Server {
	t.Helper()
	proxy.asked, proxy.done = map[string]int{}, make(chan struct{})
	server := httptest.NewServer(proxy)
	t.Cleanup(func() { close(proxy.done); server.CloseClientConnections(); server.Close() })
	return server
}

func TestAFaultyProxyOfThirtyModules(t *testing.T) {
	files, service := thirtyModules(t)
	plain := 0
	for seed := 0; seed < 3; seed++ {
		server := serve(t, &faultyProxy{files: files, seed: fmt.Sprint(seed), percent: 20})
		cache := goEnvironment(t)
		enter(t, service)
		err := quick.attempts(cache, func(idle time.Duration) error {
			return runFetching([]string{"go", "mod", "download"}, []string{"GOPROXY=" + server.URL}, server.URL, idle)
		})
		if err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, err.(*goFailed).output)
		}
		again := serve(t, &faultyProxy{files: files, seed: fmt.Sprint(seed), percent: 20})
		goEnvironment(t)
		if err := runFetching([]string{"go", "mod", "download"}, []string{"GOPROXY=" + again.URL}, again.URL, time.Second); err == nil {
			plain++
		}
	}
	if plain > 0 {
		t.Errorf("the faults are too few to test anything: one attempt was enough %d times", plain)
	}
}

func TestAProxyThatAcceptsAndNeverAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	host := listener.Addr().String()
	cache := goEnvironment(t)
	enter(t, service)
	root, _ := os.Getwd()
	calls := 0
	err = quick.attempts(cache, func(idle time.Duration) error {
		calls++
		return runFetching([]string{"go", "mod", "download"}, []string{"GOPROXY=http://" + host}, "http://"+host, idle/2)
	})
	failed, ok := err.(*goFailed)
	if !ok || calls != 5 {
		t.Fatalf("%d calls, %#v", calls, err)
	}
	explain(failed, nobody, root)
	want := "go.mod:6:2: GF091 private.example/embeds v1.0.0 cannot be downloaded: " + host + ": nothing came for 1s (5 attempts within "
	if !strings.HasPrefix(failed.note, want) || !strings.Contains(failed.note, "\nhelp: see that the builder reaches "+host) {
		t.Errorf("%s\n%s", failed.note, failed.output)
	}
}

func TestAClockInThePastIsTold(t *testing.T) {
	// The same as a clock of last year: a certificate of next year.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(1, 0, 0), NotAfter: time.Now().AddDate(2, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	goEnvironment(t)
	enter(t, service)
	root, _ := os.Getwd()
	err = runFetching([]string{"go", "mod", "download"}, []string{"GOPROXY=" + server.URL, "SSL_CERT_FILE=" + ca}, server.URL, time.Minute)
	failed, ok := explain(err, nobody, root).(*goFailed)
	if !ok || mayPass(failed.output) || !strings.Contains(failed.note, "GF091 private.example/embeds v1.0.0 cannot be downloaded: for the clock of this builder (") || !strings.Contains(failed.note, "\nhelp: set the builder's clock") {
		t.Errorf("%s\n%s", failed.note, failed.output)
	}
}

func TestARefusalNamesHostModuleAndSecret(t *testing.T) {
	code := 401
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	netrc := filepath.Join(t.TempDir(), "netrc")
	write(t, netrc, "machine 127.0.0.1 login ci password x\n")
	for _, test := range []struct {
		code int
		args []string
		want string
	}{
		{401, nil, "go.mod:6:2: GF052 " + host + " wants a login for private.example/embeds v1.0.0: 401 Unauthorized\nhelp: say how to log in under modules.auth, as in { 127.0.0.1: { token: ID } }"},
		{403, nil, "go.mod:6:2: GF091 the module proxy " + host + " does not give private.example/embeds v1.0.0: 403 Forbidden\nhelp: ask whoever runs the proxy"},
		{401, []string{"-token=127.0.0.1 ci " + netrc + " corp"}, "go.mod:6:2: GF052 " + host + " does not give private.example/embeds v1.0.0 to the secret corp: 401 Unauthorized\nhelp: the secret may be expired"},
		{403, []string{"-netrc=" + netrc + " acme-netrc"}, "go.mod:6:2: GF052 " + host + " does not give private.example/embeds v1.0.0 to the secret acme-netrc: 403 Forbidden\nhelp: the secret may be expired"},
	} {
		code = test.code
		cache := goEnvironment(t)
		enter(t, service)
		root, _ := os.Getwd()
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		auth := authFlags(flags)
		if err := flags.Parse(test.args); err != nil {
			t.Fatal(err)
		}
		calls := 0
		err := quick.attempts(cache, func(idle time.Duration) error {
			calls++
			return runFetching([]string{"go", "mod", "download"}, []string{"GOPROXY=" + server.URL}, server.URL, idle)
		})
		explain(err, auth, root)
		if failed, ok := err.(*goFailed); !ok || calls != 1 || !strings.HasPrefix(failed.note, test.want) {
			t.Errorf("%d calls, %s\n%s", calls, failed.note, failed.output)
		}
	}
}
