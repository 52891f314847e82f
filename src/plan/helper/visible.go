package main

import (
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"
)

// What this program and the go command print may quote any byte of a source file: a file name in a `//line` comment,
// a message of a compiler. The user's terminal obeys some of them, and could be made to show a build that did not
// happen. So nothing goes to the log but what makes them visible.

// showAll puts a pipe in the place of os.Stderr, for this program and what it starts. What comes through it is made
// visible. The result passes on what is left, and has to be called before the program ends.
func showAll() (flush func(), err error) {
	log := os.Stderr
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	os.Stderr = to
	done := make(chan struct{})
	go func() {
		defer close(done)
		shown := &visible{to: log}
		_, _ = io.Copy(shown, from)
		shown.flush()
	}()
	return func() {
		os.Stderr = log
		to.Close()
		// A process that was left behind may hold the pipe; what it says does not belong to the build any more.
		_ = from.SetReadDeadline(time.Now().Add(time.Second))
		<-done
	}, nil
}

// visible writes text with a code point, as in <U+001B>, in the place of each character that acts on a terminal or
// hides, the same as src/description/visible.ts does; <0x9B> for a byte that is not UTF-8. Tabs and line ends stay.
type visible struct {
	to io.Writer
	// rest is the start of what has not come whole.
	rest []byte
}

func (v *visible) Write(text []byte) (int, error) {
	_, err := v.to.Write(v.show(text, false))
	return len(text), err
}

func (v *visible) flush() {
	_, _ = v.to.Write(v.show(nil, true))
}

func (v *visible) show(text []byte, isEnd bool) []byte {
	text = append(v.rest, text...)
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		isOpen := text[0] == '\r' && len(text) == 1
		if !isEnd && (isOpen || !utf8.FullRune(text)) {
			break
		}
		char, size := utf8.DecodeRune(text)
		switch {
		case char == utf8.RuneError && size == 1:
			out = fmt.Appendf(out, "<0x%02X>", text[0])
		case char == '\r' && len(text) > 1 && text[1] == '\n':
			// The line feed ends the line alone.
		case isHidden(char):
			out = fmt.Appendf(out, "<U+%04X>", char)
		default:
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	v.rest = append([]byte(nil), text...)
	return out
}

// isHidden tells the characters that act on a terminal or are not shown by it: controls, those that turn the direction
// of writing, those without width, and separators of lines.
func isHidden(char rune) bool {
	switch {
	case char == '\t', char == '\n':
		return false
	case char < 0x20, char >= 0x7f && char <= 0x9f:
		return true
	case char == 0x61c, char == 0x200b, char == 0x200e, char == 0x200f, char == 0xfeff:
		return true
	}
	return char >= 0x2028 && char <= 0x202e || char >= 0x2060 && char <= 0x2069
}
