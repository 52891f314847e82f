package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// trouble is what stood in the way of one module: the server, and what it answered or did.
type trouble struct {
	module string
	host   string
	// what is "502 Bad Gateway", or the last words of an error of the network.
	what string
	// isAnswer: the server said it.
	isAnswer bool
}

func (t trouble) String() string {
	switch {
	case t.host == "":
		return t.what
	case t.isAnswer:
		return t.host + " answered " + t.what
	}
	return t.host + ": " + t.what
}

// address finds a server in a message of go or git.
var address = regexp.MustCompile(`(?:https?|ssh|git)://[^\s"'<>]+`)

// about begins go's message about a module; what follows says why, in this line or in indented ones.
var about = regexp.MustCompile(`^(?:go: |\S+: )*(?:verifying )?([^\s:@"]+@v[^\s:,]+?)(?:/go\.mod)?: (.*)$`)

// troubles reads what go printed about what it could not fetch.
func troubles(output string) []trouble {
	var found []trouble
	for _, line := range strings.Split(response.ReplaceAllString(output, ""), "\n") {
		if strings.HasPrefix(line, "\t") && len(found) > 0 {
			// git's own words below go's.
			last := &found[len(found)-1]
			if words := strings.TrimSpace(line); !last.isAnswer && words != "" {
				last.what = lastWords(words)
				if last.host == "" {
					last.host = hostOf(words)
				}
			}
			continue
		}
		module, reason := "", line
		if parts := about.FindStringSubmatch(line); parts != nil {
			module, reason = parts[1], parts[2]
		} else if !hasAny(line, badMoments) && !answered.MatchString(line) {
			continue
		}
		met := trouble{module: module, host: hostOf(reason), what: lastWords(reason)}
		if parts := answered.FindStringSubmatch(reason); parts != nil {
			met.host, met.what, met.isAnswer = hostOf(parts[1]), strings.TrimSpace(parts[2]+" "+parts[3]), true
		}
		found = append(found, met)
	}
	return found
}

// summary says in a few words what a failed try met.
func summary(output string) string {
	found := troubles(output)
	if len(found) == 0 {
		return "the download failed in a way that may pass"
	}
	first := found[0]
	text := first.String()
	if first.module != "" {
		text = first.module + ": " + text
	}
	if len(found) > 1 {
		text += fmt.Sprintf(", and %d more", len(found)-1)
	}
	return text
}

func hostOf(text string) string {
	parsed, err := url.Parse(address.FindString(text))
	if err != nil {
		return ""
	}
	return parsed.Host
}

// lastWords is the part of an error that says what happened: `Get "https://…": read tcp …: connection reset by peer`.
func lastWords(text string) string {
	if at := strings.LastIndex(text, ": "); at >= 0 {
		return text[at+2:]
	}
	return text
}
