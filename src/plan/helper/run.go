package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
)

// goFailed says that the go command itself ended with a non-zero code, after printing why.
type goFailed struct {
	code int
	// note is one more line for the user, printed after go's own.
	note string
	// output is what go wrote to stderr.
	output string
	// tried says how often a download was tried that failed in a way that may pass.
	tried string
}

func (e *goFailed) Error() string { return "go ended with an error" }

// Exit codes by which the frontend, which sees no output of a step, knows what to do otherwise
// (src/plan/retry.ts).
const (
	// unfetched: what the step was asked to download cannot be had.
	unfetched = 81
	// imported: another module imports a package of the source tree that was not sent.
	imported = 82
)

// runGo runs argv with extra environment and passes stderr on unchanged, a line at a time;
// each line also goes to see, when given. What go prints on stdout is for programs, and goes nowhere.
func runGo(argv []string, env []string, see func(line string)) error {
	return runGoTo(os.Stderr, argv, env, see)
}

func runGoTo(stderr io.Writer, argv []string, env []string, see func(line string)) error {
	if len(argv) == 0 {
		return errors.New("no command given after --")
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	return follow(cmd, stderr, see, nil)
}

// follow runs a command; started, when given, gets its process id.
func follow(cmd *exec.Cmd, stderr io.Writer, see func(line string), started func(pid int)) error {
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if started != nil {
		started(cmd.Process.Pid)
	}
	var tail strings.Builder
	reader := bufio.NewReader(pipe)
	for {
		line, readErr := reader.ReadString('\n')
		if line != "" {
			io.WriteString(stderr, line)
			if tail.Len() < 64<<10 {
				tail.WriteString(line)
			}
			if see != nil {
				see(strings.TrimRight(line, "\n"))
			}
		}
		if readErr != nil {
			break
		}
	}
	err = cmd.Wait()
	var status *exec.ExitError
	if errors.As(err, &status) {
		code := status.ExitCode()
		if code < 0 {
			// Killed by a signal: most often the kernel, for lack of memory.
			return &goFailed{code: 137, note: stopped("go: " + status.String()), output: tail.String()}
		}
		return &goFailed{code: code, output: tail.String()}
	}
	return err
}

// splitArgs parts the helper's own flags from the command behind "--".
func splitArgs(args []string) (own, command []string) {
	for i, arg := range args {
		if arg == "--" {
			return args[:i], args[i+1:]
		}
	}
	return args, nil
}
