package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"sync"
	"syscall"

	pb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/util/grpcerrors"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

func (b *bridge) NewContainer(_ context.Context, req *pb.NewContainerRequest) (*pb.NewContainerResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.containers[req.ContainerID]; ok {
		return nil, status.Errorf(codes.AlreadyExists, "Container %s already exists", req.ContainerID)
	}
	b.containers[req.ContainerID] = req
	return &pb.NewContainerResponse{}, nil
}

func (b *bridge) ReleaseContainer(_ context.Context, req *pb.ReleaseContainerRequest) (*pb.ReleaseContainerResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.containers[req.ContainerID]; !ok {
		return nil, errors.New("container details for " + req.ContainerID + " not found")
	}
	delete(b.containers, req.ContainerID)
	return &pb.ReleaseContainerResponse{}, nil
}

func (b *bridge) hasContainer(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.containers[id]; !ok {
		return status.Errorf(codes.NotFound, "container %q previously released or not created", id)
	}
	return nil
}

func (b *bridge) ReadFileContainer(_ context.Context, req *pb.ReadFileRequest) (*pb.ReadFileResponse, error) {
	if err := b.hasContainer(req.Ref); err != nil {
		return nil, err
	}
	// As in the daemon the range is ignored and the path must be absolute.
	if !path.IsAbs(req.FilePath) {
		return nil, errors.New("can't make " + req.FilePath + " relative to /")
	}
	return b.readFile(&pb.ReadFileRequest{FilePath: req.FilePath})
}

func (b *bridge) ReadDirContainer(_ context.Context, req *pb.ReadDirRequest) (*pb.ReadDirResponse, error) {
	if err := b.hasContainer(req.Ref); err != nil {
		return nil, err
	}
	return b.readDir(&pb.ReadDirRequest{DirPath: req.DirPath})
}

func (b *bridge) StatFileContainer(_ context.Context, req *pb.StatFileRequest) (*pb.StatFileResponse, error) {
	if err := b.hasContainer(req.Ref); err != nil {
		return nil, err
	}
	return b.statFile(req)
}

// ExecProcess runs the asked command on this machine and speaks the daemon's protocol about it:
// Started, then output, Exit, and Done only when every declared descriptor was closed by both sides.
func (b *bridge) ExecProcess(srv pb.LLBBridge_ExecProcessServer) error {
	b.sawRPC()
	var sendMu, mu sync.Mutex
	send := func(m *pb.ExecMessage) error {
		sendMu.Lock()
		defer sendMu.Unlock()
		return srv.Send(m)
	}
	procs := map[string]*process{}
	var running sync.WaitGroup
	defer running.Wait()
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		for _, p := range procs {
			_ = p.cmd.Process.Kill()
			p.once.Do(func() { close(p.closed) })
		}
	}()
	for {
		m, err := srv.Recv()
		if errors.Is(err, io.EOF) {
			running.Wait()
			return nil
		}
		if err != nil {
			return err
		}
		report, _ := protojson.Marshal(m)
		b.log.emit(event{Event: "exec", Method: "ExecProcess", Request: report})
		mu.Lock()
		p := procs[m.ProcessID]
		mu.Unlock()
		if init := m.GetInit(); init != nil {
			if err := b.hasContainer(init.ContainerID); err != nil {
				return err
			}
			p, err := startProcess(m.ProcessID, init, send)
			if err != nil {
				return err
			}
			mu.Lock()
			procs[m.ProcessID] = p
			mu.Unlock()
			running.Add(1)
			go func() {
				defer running.Done()
				p.finish(send)
			}()
			continue
		}
		if p == nil {
			return status.Errorf(codes.NotFound, "IO for process %q not found", m.ProcessID)
		}
		if f := m.GetFile(); f != nil {
			if err := p.write(f); err != nil {
				return err
			}
		}
		if sig := m.GetSignal(); sig != nil {
			n, ok := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "HUP": syscall.SIGHUP}[sig.Name]
			if !ok {
				return status.Errorf(codes.InvalidArgument, "Unknown signal %s", sig.Name)
			}
			_ = p.cmd.Process.Signal(n)
		}
	}
}

type process struct {
	id     string
	send   func(*pb.ExecMessage) error
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	closed chan struct{}
	exited chan struct{}
	once   sync.Once
	output sync.WaitGroup
}

func startProcess(id string, init *pb.InitMessage, send func(*pb.ExecMessage) error) (*process, error) {
	p := &process{id: id, send: send, closed: make(chan struct{}), exited: make(chan struct{})}
	p.cmd = exec.Command(init.Meta.Args[0], init.Meta.Args[1:]...)
	p.cmd.Env = init.Meta.Env
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	outputs := map[uint32]io.Reader{}
	for _, fd := range init.Fds {
		var err error
		switch fd {
		case 0:
			p.stdin, err = p.cmd.StdinPipe()
		case 1:
			outputs[1], err = p.cmd.StdoutPipe()
		case 2:
			outputs[2], err = p.cmd.StderrPipe()
		}
		if err != nil {
			return nil, err
		}
	}
	if p.stdin == nil {
		p.once.Do(func() { close(p.closed) })
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if err := send(&pb.ExecMessage{ProcessID: id, Input: &pb.ExecMessage_Started{Started: &pb.StartedMessage{}}}); err != nil {
		return nil, err
	}
	for fd, r := range outputs {
		p.output.Add(1)
		go func() {
			defer p.output.Done()
			buf := make([]byte, 32<<10)
			for {
				n, err := r.Read(buf)
				if n > 0 {
					_ = send(&pb.ExecMessage{ProcessID: id, Input: &pb.ExecMessage_File{File: &pb.FdMessage{Fd: fd, Data: buf[:n]}}})
				}
				if err != nil {
					_ = send(&pb.ExecMessage{ProcessID: id, Input: &pb.ExecMessage_File{File: &pb.FdMessage{Fd: fd, EOF: true}}})
					return
				}
			}
		}()
	}
	return p, nil
}

func (p *process) write(f *pb.FdMessage) error {
	select {
	case <-p.closed:
		return status.Errorf(codes.OutOfRange, "fd %d unavailable to write", f.Fd)
	default:
	}
	if len(f.Data) > 0 {
		if _, err := p.stdin.Write(f.Data); err != nil {
			// The daemon drops the process's pipes at once, sends Done, perhaps before Exit, and ends
			// the whole stream with this error when the client closed its half.
			_ = p.send(&pb.ExecMessage{ProcessID: p.id, Input: &pb.ExecMessage_Done{Done: &pb.DoneMessage{}}})
			<-p.exited
			return err
		}
	}
	if f.EOF {
		p.stdin.Close()
		p.once.Do(func() { close(p.closed) })
	}
	return nil
}

func (p *process) finish(send func(*pb.ExecMessage) error) {
	p.output.Wait()
	err := p.cmd.Wait()
	exit := &pb.ExitMessage{}
	if err != nil {
		exit.Code = pb.UnknownExitStatus
		var ee *exec.ExitError
		if errors.As(err, &ee) && ee.ExitCode() >= 0 {
			exit.Code = uint32(ee.ExitCode())
			err = &pb.ExitError{ExitCode: exit.Code, Err: errors.New(strings.Replace(err.Error(), "exit status", "exit code:", 1))}
		}
		st, _ := status.FromError(grpcerrors.ToGRPC(context.Background(), err))
		s := st.Proto()
		exit.Error = &spb.Status{Code: s.Code, Message: s.Message, Details: s.Details}
	}
	_ = send(&pb.ExecMessage{ProcessID: p.id, Input: &pb.ExecMessage_Exit{Exit: exit}})
	close(p.exited)
	<-p.closed
	_ = send(&pb.ExecMessage{ProcessID: p.id, Input: &pb.ExecMessage_Done{Done: &pb.DoneMessage{}}})
}
