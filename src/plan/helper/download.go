package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// download fills GOMODCACHE with what the build reads of other modules. It is the only step with a
// network and with credentials, and it sees no Go source of the service.
//
// A folder that lives on the builder (a cache mount, -store; see store.go) acts as the first module
// proxy: what an earlier build fetched is read from there, and new public modules are added to it. It
// is only a hint: when it is empty, everything comes from the network. Private modules never go
// through it, and nothing that was fetched with a login is added to it.
//
// With -stub it fetches what compiling that package needs; see imports.go. Otherwise it is
// `go mod download`, or the go command behind "--", which fetches some of the modules, or the go.mod
// files of the module graph alone; the steps of one build share the work so.
//
// What no build reads is left out of the result: zips, the clones of version control, lock files,
// and the tests of modules that embed nothing.
func download(args []string) error {
	options, command := splitArgs(args)
	if command == nil {
		command = []string{"go", "mod", "download"}
	}
	flags := flag.NewFlagSet("download", flag.ContinueOnError)
	dir := flags.String("store", "", "folder that outlives the build, for what is downloaded")
	source := flags.String("source", "", "folder of the module files, which go may not write to")
	work := flags.String("work", "", "folder of go.work below source: what go adds to go.work.sum is part of the result")
	retried := flags.Bool("retried", false, "a failure is not the last word: the frontend asks again, for less")
	again := flags.Bool("again", false, "the frontend asks again")
	// Read by nobody here: it is there to be in the key of the step, so that what one tenant has downloaded with a login
	// is no result of another's.
	flags.String("tenant", "", "whose login it is")
	wanted := importFlags(flags)
	auth := authFlags(flags)
	if err := flags.Parse(options); err != nil {
		return err
	}
	env, err := auth.environment()
	if err != nil {
		return err
	}
	proxy := os.Getenv("GOPROXY")
	if proxy == "" {
		proxy = "https://proxy.golang.org,direct"
	}
	cache := os.Getenv("GOMODCACHE")
	if *source != "" {
		root, err := writable(*source)
		if err != nil {
			return err
		}
		// What go knows of the checksum database is kept below GOPATH; loading a package takes a build cache.
		env = append(env, "GOPATH="+filepath.Join(root, "gopath"), "GOCACHE="+filepath.Join(root, "cache"))
		*source = filepath.Join(root, "src")
	}
	var modules *store
	proxies := proxy
	if *dir != "" && proxy != "off" {
		sums, err := readSums(".")
		if *source != "" {
			sums, err = readSums(*source)
		}
		if err == nil {
			modules, err = openStore(*dir, sums)
		}
		if err != nil {
			return err
		}
		// A comma means: go on when the module is not there.
		proxies = modules.url() + "," + proxy
	}
	load := func() error {
		patience := patienceFor(*retried, *again)
		run := func(command, env []string) error {
			return patience.attempts(cache, func(idle time.Duration) error {
				err := runFetching(command, env, proxies, idle)
				if modules.heal(err) {
					fmt.Fprintln(os.Stderr, "go-frontend: asking the network, since what this builder has kept is damaged")
					err = runFetching(command, env, proxies, idle)
				}
				if failed, ok := err.(*goFailed); ok {
					withGit(failed, env, idle)
				}
				return err
			})
		}
		env := append(env[:len(env):len(env)], "GOPROXY="+proxies)
		if *wanted.stub != "" {
			return wanted.fetch(env, run)
		}
		err := run(command, env)
		if failed, ok := err.(*goFailed); ok {
			io.WriteString(os.Stderr, failed.output)
		}
		return err
	}
	private := strings.Split(os.Getenv("GOPRIVATE"), ",")
	login := auth.login(proxy)
	keep := func() {
		if modules == nil {
			return
		}
		err := modules.keep(filepath.Join(cache, "cache", "download"), private)
		if err == nil {
			err = modules.trim(storeLimit, time.Now())
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "go-frontend: what was downloaded is not kept for other builds: %v\n", err)
		}
	}
	if login && modules != nil {
		if err := auth.fetchPublic(modules, proxy, private, env, patienceFor(*retried, *again).idle); err != nil {
			return err
		}
		keep()
	}
	err = load()
	if err != nil {
		if !login {
			// What is whole is of use to the next attempt: of the frontend for fewer modules, or of the user.
			keep()
		}
		err = explain(err, auth, *source)
		if failed, ok := err.(*goFailed); ok && failed.code == 1 {
			failed.code = unfetched
			if *retried {
				failed.note += "\ngo-frontend: not every module that go.mod names can be had; this service may need fewer"
			}
		}
		return err
	}
	if *work != "" {
		if err := keepWorkSum(filepath.Join(*source, *work), cache); err != nil {
			return err
		}
	}
	if !login {
		keep()
	}
	if err := prune(cache); err != nil {
		return err
	}
	return fixTimes(cache, time.Unix(0, 0))
}

// writable copies the module files to where go may change them, goes to the same place there, and
// gives the folder that holds the copy as src. In a workspace go completes go.work.sum.
func writable(source string) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	below, err := filepath.Rel(source, here)
	if err != nil {
		return "", err
	}
	root, err := os.MkdirTemp("", "modules")
	if err != nil {
		return "", err
	}
	to := filepath.Join(root, "src")
	if err := os.MkdirAll(filepath.Join(to, below), 0o755); err != nil {
		return "", err
	}
	if err := copyTree(source, source, to, true); err != nil {
		return "", err
	}
	return root, os.Chdir(filepath.Join(to, below))
}

// keepWorkSum puts the workspace's go.work.sum into the result, for steps that may not write one: an
// empty one where go needs none.
func keepWorkSum(dir, cache string) error {
	text, err := os.ReadFile(filepath.Join(dir, "go.work.sum"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(cache, "go.work.sum"), text, 0o644)
}

// prune removes from a module cache what `go build` never opens.
func prune(cache string) error {
	for _, name := range []string{"cache/vcs", "cache/download/sumdb", "cache/lock"} {
		if err := os.RemoveAll(filepath.Join(cache, name)); err != nil {
			return err
		}
	}
	err := filepath.WalkDir(filepath.Join(cache, "cache", "download"), func(name string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		switch filepath.Ext(name) {
		case ".mod", ".ziphash":
			return nil
		case ".info":
			return writeInfo(name, unescape(strings.TrimSuffix(entry.Name(), ".info")))
		}
		return os.Remove(name)
	})
	if err != nil {
		return err
	}
	modules, err := extracted(cache)
	if err != nil {
		return err
	}
	for _, dir := range modules {
		if err := pruneTests(dir); err != nil {
			return err
		}
	}
	return nil
}

// extracted lists the folders of a module cache that hold one module each: path@version.
func extracted(cache string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(cache, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name == filepath.Join(cache, "cache") {
			return fs.SkipDir
		}
		if strings.Contains(entry.Name(), "@") {
			found = append(found, name)
			return fs.SkipDir
		}
		return nil
	})
	return found, err
}

// pruneTests removes _test.go files of a module in which nothing could notice: a //go:embed
// pattern may match any file, so a module that has one is left as it is.
func pruneTests(module string) error {
	var tests []string
	embeds := false
	err := filepath.WalkDir(module, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || embeds || !entry.Type().IsRegular() || filepath.Ext(name) != ".go" {
			return err
		}
		if strings.HasSuffix(name, "_test.go") {
			tests = append(tests, name)
			return nil
		}
		data, err := os.ReadFile(name)
		embeds = embeds || strings.Contains(string(data), "//go:embed")
		return err
	})
	if err != nil || embeds {
		return err
	}
	for _, name := range tests {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// unescape undoes the module cache's spelling of capital letters: !a for A
// (golang/mod:module/module.go, EscapePath).
func unescape(escaped string) string {
	var out strings.Builder
	upper := false
	for _, r := range escaped {
		switch {
		case r == '!':
			upper = true
		case upper:
			out.WriteString(strings.ToUpper(string(r)))
			upper = false
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// matchesAny reports whether one of the glob patterns matches a prefix of path made of as many
// elements as the pattern has, as GOPRIVATE is matched.
func matchesAny(module string, patterns []string) bool {
	for _, pattern := range patterns {
		if pattern == "" {
			continue
		}
		elements := strings.Split(module, "/")
		count := strings.Count(pattern, "/") + 1
		if count > len(elements) {
			continue
		}
		if ok, _ := path.Match(pattern, strings.Join(elements[:count], "/")); ok {
			return true
		}
	}
	return false
}
