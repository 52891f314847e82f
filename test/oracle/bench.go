package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"google.golang.org/protobuf/proto"
)

// bench marshals one graph, read from stdin, several times. Building the states is not counted;
// encoding the definition is counted apart. It prints nanoseconds, allocated bytes and peak memory.
func bench(args []string) error {
	rounds, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	line, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	type round struct {
		Marshal   int64  `json:"marshal"`
		Encode    int64  `json:"encode"`
		Allocated uint64 `json:"allocated"`
	}
	var out struct {
		Rounds []round `json:"rounds"`
		Ops    int     `json:"ops"`
		MaxRSS int64   `json:"maxRSS"`
	}
	for range rounds {
		b, err := newBuilder(line)
		if err != nil {
			return err
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := cpu()
		def, err := b.marshal(b.state(b.graph.Result), b.graph.Marshal)
		if err != nil {
			return err
		}
		marshalled := cpu()
		runtime.ReadMemStats(&after)
		encode := cpu()
		if _, err := (proto.MarshalOptions{Deterministic: true}).Marshal(def); err != nil {
			return err
		}
		out.Rounds = append(out.Rounds, round{marshalled - start, cpu() - encode, after.TotalAlloc - before.TotalAlloc})
		out.Ops = len(def.Def)
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	out.MaxRSS = usage.Maxrss * 1024
	dt, err := json.Marshal(out)
	if err != nil {
		return err
	}
	fmt.Println(string(dt))
	return nil
}

// cpu is the processor time of all threads in nanoseconds: on a shared machine the clock on the
// wall says little.
func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
