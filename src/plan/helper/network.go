package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// noAnswer is how the end of a try in which nothing moved is told.
const noAnswer = "nothing came for"

// runFetching runs a go command that fetches, and ends it where it waits for a server which sends nothing: the go
// command itself has no limit. Whether anything moves is told by the kernel's count of what go, git and ssh read and
// write (proc_pid_io(5)), so it holds for proxies, checksum databases and version control alike, and no traffic passes
// through a program of ours.
//
// What go says of a failure is in the error's output, and is not printed: another try may follow.
func runFetching(argv, env []string, proxy string, idle time.Duration) error {
	if len(argv) == 0 {
		return errors.New("no command given after --")
	}
	requests := &requests{asked: map[string]bool{}, folders: map[string]string{}}
	cmd := exec.Command(argv[0], argv[1:]...)
	// With -x go says what it asks for, which is how a user learns for whom a build waits.
	cmd.Env = append(append(os.Environ(), env...), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -x"))
	// A group of its own, so that git and what it starts end with go.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	done, ended := make(chan struct{}), make(chan bool, 1)
	see := func(line string) {
		switch {
		case requests.see(line):
		case strings.HasPrefix(line, "go: downloading "):
			fmt.Fprintln(os.Stderr, line)
		default:
			requests.keep(line)
		}
	}
	err := follow(cmd, io.Discard, see, func(pid int) {
		go func() { ended <- watch(pid, idle, requests, done) }()
	})
	close(done)
	failed, ok := err.(*goFailed)
	if !ok {
		return err
	}
	failed.output = requests.said.String()
	if <-ended {
		lines := ""
		for _, asked := range requests.waiting() {
			lines += fmt.Sprintf("%s%s %s\n", messageOf(asked, proxy), noAnswer, idle)
		}
		return &goFailed{code: 1, output: lines + failed.output}
	}
	return failed
}

// messageOf begins a message as go would about what it asked for. A URL below one of GOPROXY's tells its module.
func messageOf(asked, proxies string) string {
	for _, proxy := range strings.FieldsFunc(proxies, func(r rune) bool { return r == ',' || r == '|' }) {
		rest, ok := strings.CutPrefix(asked, strings.TrimSuffix(proxy, "/")+"/")
		module, file, isVersion := strings.Cut(rest, "/@v/")
		if ok && isVersion {
			version := strings.TrimSuffix(file, filepath.Ext(file))
			return fmt.Sprintf("go: %s@%s: reading %s: ", unescape(module), unescape(version), asked)
		}
	}
	return fmt.Sprintf("go: reading %s: ", asked)
}

// watch ends a process group in which nothing moves for the given time, and reports whether it did.
func watch(pid int, idle time.Duration, requests *requests, done <-chan struct{}) bool {
	step := idle / 16
	moved, before, told := time.Now(), activity(pid), false
	for {
		select {
		case <-done:
			return false
		case <-time.After(step):
		}
		if now := activity(pid); now != before {
			moved, before, told = time.Now(), now, false
			continue
		}
		still := time.Since(moved)
		if still >= idle/2 && !told {
			told = true
			fmt.Fprintf(os.Stderr, "go-frontend: waiting for %s, which has sent nothing for %s (the limit is %s)\n", hosts(requests.waiting()), still.Round(time.Second), idle)
		}
		if still < idle {
			continue
		}
		// git removes its lock files when it is asked to end, and does not when it is killed.
		_ = syscall.Kill(-pid, syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(time.Second):
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
		return true
	}
}

// activity changes whenever a process of the group reads, writes or computes for a while. Where the kernel does not
// count, it is the time: nothing is ended then.
func activity(group int) string {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	counted, ticks := "", 0
	for _, name := range stats {
		text, err := os.ReadFile(name)
		// The name of a program stands in brackets and may hold anything (proc_pid_stat(5)).
		end := bytes.LastIndexByte(text, ')')
		if err != nil || end < 0 {
			continue
		}
		fields := strings.Fields(string(text[end+1:]))
		if len(fields) < 13 || fields[2] != strconv.Itoa(group) {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		ticks += user + system
		io, err := os.ReadFile(filepath.Join(filepath.Dir(name), "io"))
		if err != nil {
			continue
		}
		counted += string(io)
	}
	if counted == "" {
		return time.Now().String()
	}
	// A tick is 10 ms; one or two of them are timers of a runtime that waits.
	return fmt.Sprint(counted, ticks/20)
}

// requests are what a go command asks servers for, read from what it prints with -x, and what else it says.
type requests struct {
	mu      sync.Mutex
	asked   map[string]bool
	folders map[string]string
	last    string
	said    bytes.Buffer
}

// What go prints with -x (golang/go:src/cmd/go/internal/web/http.go, get;
// golang/go:src/cmd/go/internal/modfetch/codehost/codehost.go, WorkDir and run; golang/go:src/cmd/go/internal/vcs/vcs.go, run1).
var (
	xGet     = regexp.MustCompile(`^# get (\S+?)(: .*)?$`)
	xFolder  = regexp.MustCompile(`^(?:mkdir -p (\S+) # |# (\S+) for )\S+ (\S+)$`)
	xEnd     = regexp.MustCompile(`^\d+\.\d{3}s # (.*)$`)
	xCommand = regexp.MustCompile(`^(?:cd (\S+); |cd \S+$|(?:git|hg|svn|bzr|fossil) )`)
	xOther   = regexp.MustCompile(`^# (?:lock|ignoring directory) `)
)

// see reports whether a line is one of those that -x adds.
func (r *requests) see(line string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := xGet.FindStringSubmatch(line); found != nil {
		if found[2] == "" {
			r.asked[found[1]] = true
		} else {
			delete(r.asked, found[1])
		}
		r.last = found[1]
		return true
	}
	if found := xFolder.FindStringSubmatch(line); found != nil {
		r.folders[found[1]+found[2]] = found[3]
		return true
	}
	if found := xEnd.FindStringSubmatch(line); found != nil {
		delete(r.asked, r.server(found[1]))
		return true
	}
	if xCommand.MatchString(line) {
		if server := r.server(line); server != "" {
			r.asked[server] = true
			r.last = server
		}
		return true
	}
	return xOther.MatchString(line)
}

// server is whom a command of version control asks: an address it names, or that of the clone it runs in.
func (r *requests) server(command string) string {
	if found := address.FindString(command); found != "" {
		return found
	}
	if found := xCommand.FindStringSubmatch(command); found != nil {
		return r.folders[found[1]]
	}
	return ""
}

func (r *requests) keep(line string) {
	if r.said.Len() < 64<<10 {
		r.said.WriteString(line + "\n")
	}
}

// waiting lists what was asked for and not answered; when all was, the last of it, whose answer is not whole.
func (r *requests) waiting() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for url := range r.asked {
		all = append(all, url)
	}
	if len(all) == 0 && r.last != "" {
		all = append(all, r.last)
	}
	sort.Strings(all)
	return all
}

func hosts(urls []string) string {
	var all []string
	for _, url := range urls {
		if host := hostOf(url); host != "" && !hasWord(all, func(other string) bool { return other == host }) {
			all = append(all, host)
		}
	}
	if len(all) == 0 {
		return "a server"
	}
	return strings.Join(all, ", ")
}
