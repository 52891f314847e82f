package main

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"

	pb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/errdefs"
	opspb "github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/grpcerrors"
	"github.com/moby/buildkit/util/stack"
	digest "github.com/opencontainers/go-digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// obey does what a file name below faultPrefix asks for.
func (b *bridge) obey(ctx context.Context, order string, req *pb.ReadFileRequest) (*pb.ReadFileResponse, error) {
	verb, arg, _ := strings.Cut(order, "/")
	switch verb {
	case "slow":
		b.log.emit(event{Event: "waiting", Method: "ReadFile"})
		<-ctx.Done()
		b.log.emit(event{Event: "cancelled", Method: "ReadFile", Message: context.Cause(ctx).Error()})
		return nil, ctx.Err()
	case "bytes":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return nil, err
		}
		return ranged(bytes.NewReader(pattern(n)), req.Range)
	case "error":
		return nil, fault(arg)
	case "cut":
		b.log.emit(event{Event: "cut"})
		return nil, b.cut()
	}
	return nil, errors.New("unknown order " + order)
}

func pattern(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i * 7 >> 3)
	}
	return out
}

// fault makes the errors a frontend can meet, with the packages buildkitd makes them with.
func fault(name string) error {
	kind, arg, _ := strings.Cut(name, "/")
	base := errors.New("process \"/bin/false\" did not complete successfully: exit code: 3")
	source := &errdefs.Source{
		Info:   &opspb.SourceInfo{Filename: "service.yaml", Data: []byte("# syntax=org/go-frontend\nname: ünï\n"), Language: "YAML"},
		Ranges: []*opspb.Range{{Start: &opspb.Position{Line: 2, Character: 6}, End: &opspb.Position{Line: 2, Character: 9}}, {Start: &opspb.Position{Line: 1}, End: &opspb.Position{}}},
	}
	switch kind {
	case "plain":
		return base
	case "code":
		n, _ := strconv.Atoi(arg)
		return status.Error(codes.Code(n), "code "+arg+": 100% é\nsecond line")
	case "source":
		return errdefs.WithSource(base, source)
	case "vertex":
		return errdefs.WrapVertex(base, digest.Digest(sampleDigest))
	case "solve":
		op := &opspb.Op{Op: &opspb.Op_Exec{Exec: &opspb.ExecOp{Meta: &opspb.Meta{Args: []string{"/bin/false"}}}}, Platform: &opspb.Platform{OS: "linux", Architecture: "amd64"}}
		err := errdefs.WithOp(base, op, map[string]string{"llb.customname": "fail"})
		return errdefs.WithSolveError(err, &errdefs.Solve_File{File: &errdefs.FileAction{Index: 2}}, []string{"in-1"}, []string{"mount-1", ""})
	case "cache":
		return errdefs.WithSolveError(base, &errdefs.Solve_Cache{Cache: &errdefs.ContentCache{Index: 1}}, nil, nil)
	case "frontend":
		return (&errdefs.Frontend{Name: "gateway.v0", Source: "org/go-frontend"}).WrapError(base)
	case "frontendcap":
		return errdefs.NewUnsupportedFrontendCapError("moby.buildkit.frontend.contexts")
	case "subrequest":
		return errdefs.NewUnsupportedSubrequestError("frontend.targets")
	case "exit":
		return &pb.ExitError{ExitCode: 3, Err: base}
	case "stack":
		return stack.Enable(base)
	case "canceled":
		return context.Canceled
	case "foreign":
		st, _ := status.New(codes.FailedPrecondition, "foreign").WithDetails(&anypb.Any{TypeUrl: "example.com/never.Heard", Value: []byte{0, 255, 1}})
		return st.Err()
	case "all":
		err := errdefs.WithSource(fault("exit"), source)
		err = errdefs.WrapVertex(err, digest.Digest(sampleDigest))
		err = errdefs.WithSolveError(errdefs.WithOp(err, &opspb.Op{}, nil), nil, []string{"in"}, []string{"m"})
		return grpcerrors.WrapCode(stack.Enable(err), codes.Aborted)
	case "big":
		// The daemon attaches the whole entry file to a failing step: this is the header that
		// Node's own HTTP/2 client cannot read once it passes 64 KiB.
		n, _ := strconv.Atoi(arg)
		source.Info.Data = bytes.Repeat([]byte("line of yaml\n"), n/13+1)[:n]
		return errdefs.WithSource(base, source)
	}
	return errors.New("unknown fault " + name)
}

func sampleDefinition() *opspb.Definition {
	op := &opspb.Op{Op: &opspb.Op_Source{Source: &opspb.SourceOp{Identifier: "local://context"}}, Constraints: &opspb.WorkerConstraints{}}
	dt, _ := op.Marshal()
	dgst := digest.FromBytes(dt)
	last := &opspb.Op{Inputs: []*opspb.Input{{Digest: string(dgst)}}}
	end, _ := last.Marshal()
	return &opspb.Definition{Def: [][]byte{dt, end}, Metadata: map[string]*opspb.OpMetadata{string(dgst): {Description: map[string]string{"llb.customname": "sample"}}, string(digest.FromBytes(end)): {}}}
}
