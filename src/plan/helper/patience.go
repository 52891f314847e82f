package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// patience says how often a download is tried that does not get on, and for how long a try may wait for a byte. Five
// tries with growing pauses see a server through a restart; a whole file between two of them begins the count anew, as
// the others are asked for again then. The last try waits longest, for a proxy that fetches a module itself before it
// answers. All waiting together stays below 90 seconds, with what is asked for without a login first (public.go).
type patience struct {
	// pauses come before the second try, the third and so on.
	pauses []time.Duration
	// idle and last are the limits of a try, and of the last try, in which nothing moves.
	idle, last time.Duration
}

// patienceFor splits the waiting between two plans of the frontend, where another one follows for fewer modules
// (src/plan/retry.ts): retried is the first, again the second.
func patienceFor(retried, again bool) patience {
	second := time.Second
	switch {
	case again:
		return patience{pauses: []time.Duration{second, 2 * second}, idle: 4 * second, last: 8 * second}
	case retried:
		return patience{pauses: growing, idle: 5 * second, last: 10 * second}
	}
	return patience{pauses: growing, idle: 8 * second, last: 24 * second}
}

var growing = []time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// attempts runs a download until it succeeds, or says what another try does not change, or has been tried as often as
// patience allows. What is whole in cache stays there, so each try asks for the rest.
func (p patience) attempts(cache string, once func(idle time.Duration) error) error {
	begin, have, tried := time.Now(), wholeFiles(cache), 0
	for {
		limit := p.idle
		if tried == len(p.pauses) {
			limit = p.last
		}
		err := once(limit)
		failed, ok := err.(*goFailed)
		if !ok {
			return err
		}
		if now := wholeFiles(cache); now > have {
			have, tried, begin = now, 0, time.Now()
		}
		tried++
		if !mayPass(failed.output) {
			return failed
		}
		if tried > len(p.pauses) {
			failed.tried = fmt.Sprintf("%d attempts within %s", tried, time.Since(begin).Round(time.Second))
			return failed
		}
		pause := p.pauses[tried-1]
		fmt.Fprintf(os.Stderr, "go-frontend: %s; attempt %d of %d follows in %s\n", summary(failed.output), tried+1, len(p.pauses)+1, pause)
		time.Sleep(pause)
		if err := removeLocks(cache); err != nil {
			return err
		}
	}
}

// wholeFiles counts the files of a module cache that go takes for complete: it renames them into place.
func wholeFiles(cache string) int {
	count := 0
	_ = filepath.WalkDir(filepath.Join(cache, "cache", "download"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		switch filepath.Ext(name) {
		case ".info", ".mod", ".zip":
			count++
		}
		return nil
	})
	return count
}

// removeLocks removes what a git that was killed may leave in a clone, where it would keep the next one out.
func removeLocks(cache string) error {
	locks, err := filepath.Glob(filepath.Join(cache, "cache", "vcs", "*", "*.lock"))
	for _, name := range locks {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return err
}

// answered is go's message about a server's answer (golang/go:src/cmd/go/internal/web/api.go, HTTPError).
var answered = regexp.MustCompile(`reading (\S+?): (\d{3}) ?([A-Za-z -]*)`)

// response is what go quotes of a server's words, which may hold anything: another server's answer, say.
var response = regexp.MustCompile(`(?m)\n\tserver response:.*(?:\n\t.*)*`)

// names are addresses and modules, whose own words mean nothing.
var names = regexp.MustCompile(`[^\s"]*@v[^\s"]*|[a-z]+://[^\s"]+`)

// mayPass tells a bad moment of a server or a network from an answer: it needs a sign of the one and none of the other.
func mayPass(output string) bool {
	output = response.ReplaceAllString(output, "")
	words := names.ReplaceAllString(output, " ")
	passing := hasAny(words, badMoments)
	for _, found := range answered.FindAllStringSubmatch(output, -1) {
		switch code := found[2]; {
		case code == "408", code == "425", code == "429", code[0] == '5':
			passing = true
		default:
			return false
		}
	}
	return passing && !hasAny(words, answers)
}

func hasAny(text string, signs []string) bool {
	for _, sign := range signs {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// answers are signs of what stays as it is however often one asks.
var answers = []string{
	"SECURITY ERROR", "checksum mismatch", "x509: ", "certificate verif", "issuer certificate", "no space left on device",
	"Authentication failed", "could not read Username", "terminal prompts disabled", "Permission denied (publickey", "Host key verification failed",
	"returned error: 400", "returned error: 401", "returned error: 403", "returned error: 404", "returned error: 410",
	"executable file not found", "unknown revision", "missing go.sum entry", "disabled by GOPROXY=off",
}

// answersNow ends a line about a repository that git reaches when it is asked again.
const answersNow = "is answered now"

// badMoments are signs of what may pass: words of Go's net and net/http, of archive/zip and encoding/json for what was
// cut without a length, of git, curl and ssh, and our own for a try in which nothing moved.
var badMoments = []string{
	noAnswer, answersNow,
	"EOF", "connection reset", "connection refused", "connection timed out", "broken pipe", "timeout", "Timeout", "timed out", "server closed",
	"TLS handshake", "stream error", "GOAWAY", "client connection lost", "use of closed network connection", "network is unreachable", "no route to host", "temporary failure", "Temporary failure", "server misbehaving",
	"not a valid zip file", "zip: checksum error", "unexpected end of JSON input",
	"hung up unexpectedly", "RPC failed", "returned error: 408", "returned error: 429", "returned error: 5", "Empty reply from server", "Recv failure", "Failed to connect", "Could not connect", "Connection reset", "Connection refused", "Connection closed", "Connection timed out", "transfer closed", "SSL_ERROR_SYSCALL", "gnutls_handshake", "TLS connection was non-properly terminated", "invalid index-pack output", "index-pack failed", "bad pack header", "expected flush", "expected 'packfile'", "unexpected disconnect", "unexpected eof", "kex_exchange_identification", "Operation too slow",
}
