// Command gateway-harness serves BuildKit's LLBBridge service to one frontend
// process the way buildkitd does: over two pipes, with an HTTP/2 server from
// golang.org/x/net in front of grpc-go's handler transport, the same message
// limits and the same error interceptors
// (moby/buildkit:frontend/gateway/gateway.go, serve and newPipe).
//
// It answers from a directory instead of from a solver, so the client library
// can be tested in milliseconds and its faults can be provoked on purpose.
// What happened is printed as JSON lines on stdout.
//
//	gateway-harness [flags] -- node frontend.ts     start a frontend with the pipes as fd 0 and 1
//	gateway-harness [flags] -serve                  talk on fd 3 (read) and fd 4 (write)
//	gateway-harness -hpack N -seed S                print N header blocks coded by Go's HPACK encoder
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	pb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/util/grpcerrors"
	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// containerd's defaults.DefaultMaxRecvMsgSize, the limit of buildkitd both ways.
const maxMessage = 16 << 20

type config struct {
	dir     string
	caps    string
	without string
	delay   time.Duration
	cutAt   int
}

func main() {
	var cfg config
	serveOnly := flag.Bool("serve", false, "serve on fd 3 and 4 instead of starting a process")
	blocks := flag.Int("hpack", 0, "print this many HPACK header blocks and exit")
	seed := flag.Uint64("seed", 1, "seed of -hpack")
	flag.StringVar(&cfg.dir, "dir", ".", "directory that every reference shows as its root")
	flag.StringVar(&cfg.caps, "caps", "all", "capabilities of Ping: all, none (no list at all), minimal")
	flag.StringVar(&cfg.without, "without", "", "capability ids to leave out, comma separated")
	flag.DurationVar(&cfg.delay, "delay", 0, "time to wait before the HTTP/2 server starts to read")
	flag.IntVar(&cfg.cutAt, "cut-at", -1, "close both pipes after this many bytes to the frontend")
	flag.Parse()

	if *blocks > 0 {
		printHeaderBlocks(*blocks, *seed)
		return
	}
	if err := run(cfg, *serveOnly, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "gateway-harness:", err)
		os.Exit(1)
	}
}

func run(cfg config, serveOnly bool, argv []string) error {
	log := &eventLog{start: time.Now(), out: json.NewEncoder(os.Stdout)}
	bridge := newBridge(cfg, log)
	if serveOnly {
		c := &conn{Reader: os.NewFile(3, "in"), Writer: os.NewFile(4, "out")}
		bridge.cut = c.Close
		log.emit(event{Event: "ready"})
		serve(cfg, bridge, c)
		log.emit(event{Event: "closed"})
		return nil
	}
	if len(argv) == 0 {
		return errors.New("no command given")
	}
	return spawn(cfg, bridge, log, argv)
}

// spawn runs the frontend as buildkitd's executor does and reports how it ended.
func spawn(cfg config, bridge *bridge, log *eventLog, argv []string) error {
	childIn, toChild, err := os.Pipe()
	if err != nil {
		return err
	}
	fromChild, childOut, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = childIn, childOut, os.Stderr
	// A frontend must not outlive the harness, whatever ends the harness.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}

	// The daemon keeps its own copy of the child's stdout open, so the death of
	// the process is not seen as the end of the connection; childOut stays open.
	c := &conn{Reader: fromChild, Writer: toChild, also: childOut}
	started := make(chan struct{})
	if cfg.cutAt >= 0 {
		c.Writer = &cutWriter{conn: c, to: toChild, left: cfg.cutAt, log: log, started: started}
	}
	bridge.cut = c.Close
	done := make(chan struct{})
	go func() {
		serve(cfg, bridge, c)
		close(done)
	}()

	log.start = time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	close(started)
	childIn.Close()
	bridge.kill = func() { _ = cmd.Process.Kill() }
	waited := make(chan error, 1)
	go func() { waited <- cmd.Wait() }()

	closedEarly := false
	select {
	case err = <-waited:
	case <-done:
		// "frontend grpc server closed unexpectedly" in the daemon: it kills the
		// container. A grace period tells an exiting frontend from a stuck one.
		closedEarly = true
		select {
		case err = <-waited:
		case <-time.After(3 * time.Second):
			_ = cmd.Process.Kill()
			err = <-waited
		}
	}
	end := event{Event: "exit", ClosedEarly: closedEarly, FirstRPC: bridge.firstRPC(), Ms: log.since()}
	end.ExitCode = new(int)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		*end.ExitCode = exit.ExitCode()
		if exit.ExitCode() < 0 {
			end.Signal = exit.String()
		}
	case err != nil:
		return err
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		end.MaxRSS = usage.Maxrss
		end.CPU = float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
	}
	log.emit(end)
	return nil
}

func serve(cfg config, bridge *bridge, c net.Conn) {
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(bridge.recordUnary, grpcerrors.UnaryServerInterceptor),
		grpc.StreamInterceptor(grpcerrors.StreamServerInterceptor),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(maxMessage),
	)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	pb.RegisterLLBBridgeServer(server, bridge)
	time.Sleep(cfg.delay)
	(&http2.Server{}).ServeConn(c, &http2.ServeConnOpts{Context: context.Background(), Handler: server})
}

type conn struct {
	io.Reader
	io.Writer
	also io.Closer
	once sync.Once
}

// cutWriter breaks a connection after so many bytes, whatever they belong to.
type cutWriter struct {
	conn *conn
	to   *os.File
	left int
	log  *eventLog
	// started is closed once the frontend has its ends of the pipes.
	started <-chan struct{}
}

func (w *cutWriter) Write(p []byte) (int, error) {
	<-w.started
	n, err := w.to.Write(p[:min(len(p), w.left)])
	w.left -= n
	if err == nil && n < len(p) {
		w.log.emit(event{Event: "cut"})
		w.to.Close()
		w.conn.Close()
		err = io.ErrClosedPipe
	}
	return n, err
}

// Close ends both directions at once, as the death of buildkitd would.
func (c *conn) Close() error {
	c.once.Do(func() {
		for _, end := range []any{c.Reader, c.Writer, c.also} {
			if f, ok := end.(*os.File); ok && f != nil {
				f.Close()
			}
		}
	})
	return nil
}

func (c *conn) LocalAddr() net.Addr              { return pipeAddr{} }
func (c *conn) RemoteAddr() net.Addr             { return pipeAddr{} }
func (c *conn) SetDeadline(time.Time) error      { return nil }
func (c *conn) SetReadDeadline(time.Time) error  { return nil }
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "localhost" }

// event is one line of the report. Times are milliseconds since the frontend was started.
type event struct {
	Event       string          `json:"event"`
	Ms          float64         `json:"ms"`
	Method      string          `json:"method,omitempty"`
	Took        float64         `json:"took,omitempty"`
	Code        string          `json:"code,omitempty"`
	Message     string          `json:"message,omitempty"`
	Size        int             `json:"size,omitempty"`
	Request     json.RawMessage `json:"request,omitempty"`
	ExitCode    *int            `json:"exitCode,omitempty"`
	Signal      string          `json:"signal,omitempty"`
	ClosedEarly bool            `json:"closedEarly,omitempty"`
	FirstRPC    float64         `json:"firstRpc,omitempty"`
	MaxRSS      int64           `json:"maxRss,omitempty"`
	CPU         float64         `json:"cpu,omitempty"`
}

type eventLog struct {
	mu    sync.Mutex
	start time.Time
	out   *json.Encoder
}

func (l *eventLog) since() float64 { return float64(time.Since(l.start).Microseconds()) / 1000 }

func (l *eventLog) emit(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Ms == 0 {
		e.Ms = l.since()
	}
	_ = l.out.Encode(e)
}

func shortMethod(full string) string { return full[strings.LastIndexByte(full, '/')+1:] }
