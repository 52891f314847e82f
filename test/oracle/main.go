// The oracle: Go's own client/llb building graphs from neutral JSON, for comparison with the
// TypeScript library. Commands:
//
//	oracle graphs   one JSON graph a line on stdin, one JSON answer a line on stdout
//	oracle protos   compares our .proto files with the linked descriptors (protos.go)
//	oracle names    lists the exported names of Go packages (names.go)
//	oracle ignore   what the client sends of a folder, for texts of ignore files (ignore.go)
//	oracle bench    times marshalling (bench.go)
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: oracle graphs|protos|bench")
		os.Exit(2)
	}
	var err error
	switch os.Args[1] {
	case "graphs":
		err = serveGraphs()
	case "protos":
		err = compareProtos(os.Args[2], os.Args[3])
	case "names":
		err = listNames(os.Args[2:])
	case "ignore":
		err = listIgnored(os.Args[2])
	case "bench":
		err = bench(os.Args[2:])
	default:
		err = fmt.Errorf("no command %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type answer struct {
	Error      string `json:"error,omitempty"`
	Definition []byte `json:"definition,omitempty"`
}

func serveGraphs() error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	enc := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if err := enc.Encode(answerGraph(line)); err != nil {
			return err
		}
		// The reader waits for the answers of a batch; flush when nothing more is waiting.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

func answerGraph(line []byte) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a = answer{Error: fmt.Sprint("panic: ", r)}
		}
	}()
	dt, err := marshalGraph(line)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Definition: dt}
}
