package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	apitypes "github.com/moby/buildkit/api/types"
	pb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	apicaps "github.com/moby/buildkit/util/apicaps/pb"
	fstypes "github.com/tonistiigi/fsutil/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// faultPrefix marks file names that are orders to the harness, not files.
const faultPrefix = "/.harness/"

// requests larger than this are reported by their size only
const maxReported = 1 << 20

type bridge struct {
	pb.UnimplementedLLBBridgeServer
	cfg  config
	log  *eventLog
	cut  func() error
	kill func()

	mu         sync.Mutex
	first      float64
	refs       map[string]*solved
	containers map[string]*pb.NewContainerRequest
	returned   bool
}

type solved struct {
	def *opspb.Definition
	err error
}

func newBridge(cfg config, log *eventLog) *bridge {
	return &bridge{cfg: cfg, log: log, refs: map[string]*solved{}, containers: map[string]*pb.NewContainerRequest{}, cut: func() error { return nil }}
}

func (b *bridge) firstRPC() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.first
}

func (b *bridge) sawRPC() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.first == 0 {
		b.first = b.log.since()
	}
}

// recordUnary prints every call with its request, so that a test can look at what really arrived.
func (b *bridge) recordUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	b.sawRPC()
	begin := time.Now()
	resp, err := handler(ctx, req)
	e := event{Event: "call", Method: shortMethod(info.FullMethod), Took: float64(time.Since(begin).Microseconds()) / 1000}
	if m, ok := req.(proto.Message); ok {
		if e.Size = proto.Size(m); e.Size < maxReported {
			e.Request = requestJSON(m)
		}
	}
	if err != nil {
		st, _ := status.FromError(err)
		e.Code, e.Message = st.Code().String(), st.Message()
	}
	b.log.emit(e)
	return resp, err
}

// requestJSON is protojson, except for errors: their details are Any of types that protojson cannot know.
func requestJSON(m proto.Message) json.RawMessage {
	ret, ok := m.(*pb.ReturnRequest)
	if !ok || ret.Error == nil {
		out, _ := protojson.Marshal(m)
		return out
	}
	type detail struct {
		TypeURL string `json:"typeUrl"`
		Value   []byte `json:"value"`
	}
	details := []detail{}
	for _, d := range ret.Error.Details {
		details = append(details, detail{d.TypeUrl, d.Value})
	}
	out, _ := json.Marshal(map[string]any{"error": map[string]any{"code": ret.Error.Code, "message": ret.Error.Message, "details": details}})
	return out
}

func (b *bridge) Ping(context.Context, *pb.PingRequest) (*pb.PongResponse, error) {
	pong := &pb.PongResponse{Workers: []*apitypes.WorkerRecord{{
		ID:        "worker-1",
		Labels:    map[string]string{"org.mobyproject.buildkit.worker.executor": "oci"},
		Platforms: []*opspb.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm", Variant: "v7"}},
	}}}
	switch b.cfg.caps {
	case "none":
		return pong, nil
	case "minimal":
		pong.FrontendAPICaps = []*apicaps.APICap{{ID: "solve.base", Enabled: true}, {ID: "readfile", Enabled: true}}
		pong.LLBCaps = []*apicaps.APICap{{ID: "source.image", Enabled: true}, {ID: "exec.meta.base", DisabledReason: "disabled", DisabledReasonMsg: "by the harness", DisabledAlternative: "something else"}}
		return pong, nil
	}
	without := strings.Split(b.cfg.without, ",")
	keep := func(all []*apicaps.APICap) []*apicaps.APICap {
		return slices.DeleteFunc(all, func(c *apicaps.APICap) bool { return slices.Contains(without, c.ID) })
	}
	pong.FrontendAPICaps, pong.LLBCaps = keep(pb.Caps.All()), keep(opspb.Caps.All())
	return pong, nil
}

func (b *bridge) newRef(def *opspb.Definition, err error) *pb.Ref {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := "ref-" + strconv.Itoa(len(b.refs)+1)
	b.refs[id] = &solved{def: def, err: err}
	return &pb.Ref{Id: id, Def: def}
}

// Solve is lazy like the daemon's. The frontend "harness" gives results of every shape, chosen by its options.
func (b *bridge) Solve(_ context.Context, req *pb.SolveRequest) (*pb.SolveResponse, error) {
	if req.Definition != nil && len(req.Definition.Def) > 0 && req.Frontend != "" {
		return nil, errors.New("cannot solve with both Definition and Frontend specified")
	}
	for _, meta := range req.GetDefinition().GetMetadata() {
		for id := range meta.Caps {
			if !slices.ContainsFunc(opspb.Caps.All(), func(c *apicaps.APICap) bool { return c.ID == id }) {
				return nil, fmt.Errorf("unknown API capability %s", id)
			}
		}
	}
	opt := req.FrontendOpt
	if name, ok := opt["error"]; ok {
		return nil, fault(name)
	}
	var lazy error
	if name, ok := opt["lazy-error"]; ok {
		lazy = fault(name)
	}
	if req.Evaluate && lazy != nil {
		return nil, lazy
	}
	res := &pb.Result{Metadata: map[string][]byte{}}
	for k, v := range opt {
		if name, ok := strings.CutPrefix(k, "metadata:"); ok {
			res.Metadata[name] = []byte(v)
		}
	}
	def := req.Definition
	if def == nil || len(def.Def) == 0 {
		def = sampleDefinition()
	}
	switch opt["result"] {
	case "empty":
		res.Result = &pb.Result_Ref{Ref: &pb.Ref{}}
	case "legacy":
		return &pb.SolveResponse{Ref: b.newRef(def, lazy).Id}, nil
	case "deprecated":
		res.Result = &pb.Result_RefDeprecated{RefDeprecated: b.newRef(def, lazy).Id}
	case "refs-deprecated":
		res.Result = &pb.Result_RefsDeprecated{RefsDeprecated: &pb.RefMapDeprecated{Refs: map[string]string{"linux/amd64": b.newRef(def, lazy).Id, "linux/arm64": ""}}}
	case "multi":
		res.Result = &pb.Result_Refs{Refs: &pb.RefMap{Refs: map[string]*pb.Ref{"linux/amd64": b.newRef(def, lazy), "linux/arm64": b.newRef(def, lazy), "linux/riscv64": {}}}}
	case "attestations":
		res.Result = &pb.Result_Ref{Ref: b.newRef(def, nil)}
		res.Attestations = map[string]*pb.Attestations{"linux/amd64": {Attestation: []*pb.Attestation{{
			Kind: pb.AttestationKind_Bundle, Ref: b.newRef(def, nil), Path: "/sbom", InTotoPredicateType: "https://spdx.dev/Document",
			Metadata:       map[string][]byte{"reason": []byte("sbom")},
			InTotoSubjects: []*pb.InTotoSubject{{Kind: pb.InTotoSubjectKind_Raw, Name: "a", Digest: []string{"sha256:" + strings.Repeat("0", 64)}}},
		}}}}
	default:
		if req.Frontend == "" && (req.Definition == nil || len(req.Definition.Def) == 0) {
			res.Result = &pb.Result_Ref{Ref: &pb.Ref{}}
		} else {
			res.Result = &pb.Result_Ref{Ref: b.newRef(def, lazy)}
		}
	}
	return &pb.SolveResponse{Result: res}, nil
}

func (b *bridge) lookup(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	ref, ok := b.refs[id]
	if !ok {
		return fmt.Errorf("no such ref: %s", id)
	}
	return ref.err
}

func (b *bridge) ReadFile(ctx context.Context, req *pb.ReadFileRequest) (*pb.ReadFileResponse, error) {
	if order, ok := strings.CutPrefix(req.FilePath, faultPrefix); ok {
		return b.obey(ctx, order, req)
	}
	if err := b.lookup(req.Ref); err != nil {
		return nil, err
	}
	return b.readFile(req)
}

func (b *bridge) readFile(req *pb.ReadFileRequest) (*pb.ReadFileResponse, error) {
	f, err := b.open(req.FilePath)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ranged(f, req.Range)
}

func ranged(f io.ReadSeeker, r *pb.FileRange) (*pb.ReadFileResponse, error) {
	var rd io.Reader = f
	if r != nil {
		if _, err := f.Seek(r.Offset, io.SeekStart); err != nil {
			return nil, err
		}
		rd = io.LimitReader(f, r.Length)
	}
	data, err := io.ReadAll(rd)
	return &pb.ReadFileResponse{Data: data}, err
}

// open follows the daemon's message for a missing file: open <path>: no such file or directory.
func (b *bridge) open(name string) (*os.File, error) {
	f, err := os.Open(filepath.Join(b.cfg.dir, path.Clean("/"+name)))
	var pe *fs.PathError
	if errors.As(err, &pe) {
		pe.Path = path.Clean("/" + name)
	}
	return f, err
}

func (b *bridge) ReadDir(_ context.Context, req *pb.ReadDirRequest) (*pb.ReadDirResponse, error) {
	if err := b.lookup(req.Ref); err != nil {
		return nil, err
	}
	return b.readDir(req)
}

func (b *bridge) readDir(req *pb.ReadDirRequest) (*pb.ReadDirResponse, error) {
	f, err := b.open(req.DirPath)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	out := &pb.ReadDirResponse{}
	for _, e := range entries {
		if req.IncludePattern != "" {
			if ok, err := path.Match(req.IncludePattern, e.Name()); err != nil || !ok {
				continue
			}
		}
		st, err := toStat(filepath.Join(f.Name(), e.Name()))
		if err != nil {
			return nil, err
		}
		out.Entries = append(out.Entries, st)
	}
	return out, nil
}

func (b *bridge) StatFile(_ context.Context, req *pb.StatFileRequest) (*pb.StatFileResponse, error) {
	if err := b.lookup(req.Ref); err != nil {
		return nil, err
	}
	return b.statFile(req)
}

func (b *bridge) statFile(req *pb.StatFileRequest) (*pb.StatFileResponse, error) {
	st, err := toStat(filepath.Join(b.cfg.dir, path.Clean("/"+req.Path)))
	var pe *fs.PathError
	if errors.As(err, &pe) {
		pe.Path = path.Clean("/" + req.Path)
	}
	return &pb.StatFileResponse{Stat: st}, err
}

func toStat(name string) (*fstypes.Stat, error) {
	fi, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	st := &fstypes.Stat{Path: fi.Name(), Mode: uint32(fi.Mode()), ModTime: fi.ModTime().UnixNano()}
	if fi.Mode().IsRegular() {
		st.Size = fi.Size()
	}
	if fi.Mode()&fs.ModeSymlink != 0 {
		st.Linkname, err = os.Readlink(name)
	}
	return st, err
}

func (b *bridge) Evaluate(_ context.Context, req *pb.EvaluateRequest) (*pb.EvaluateResponse, error) {
	return &pb.EvaluateResponse{}, b.lookup(req.Ref)
}

const sampleDigest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// ResolveSourceMeta answers by scheme; the image name "converted" is turned into an https source as a policy may do.
func (b *bridge) ResolveSourceMeta(_ context.Context, req *pb.ResolveSourceMetaRequest) (*pb.ResolveSourceMetaResponse, error) {
	if req.Source == nil {
		return nil, status.Error(codes.InvalidArgument, "source is required")
	}
	id := req.Source.Identifier
	scheme, rest, _ := strings.Cut(id, "://")
	resp := &pb.ResolveSourceMetaResponse{Source: req.Source}
	switch {
	case strings.Contains(rest, "missing"):
		return nil, status.Errorf(codes.NotFound, "%s: not found", rest)
	case strings.Contains(rest, "converted"):
		resp.Source = &opspb.SourceOp{Identifier: "https://example.com/rootfs.tar"}
	case scheme == "docker-image" || scheme == "oci-layout":
		resp.Source = &opspb.SourceOp{Identifier: id, Attrs: req.Source.Attrs}
		resp.Image = &pb.ResolveSourceImageResponse{Digest: sampleDigest}
		if req.Image == nil || !req.Image.NoConfig {
			resp.Image.Config = imageConfig(req.Platform)
		}
		if req.Image != nil && req.Image.AttestationChain {
			resp.Image.AttestationChain = &pb.AttestationChain{Root: sampleDigest, ImageManifest: sampleDigest, AttestationManifest: sampleDigest, SignatureManifests: []string{sampleDigest}, Blobs: map[string]*pb.Blob{
				sampleDigest: {Descriptor_: &pb.Descriptor{MediaType: "application/json", Digest: sampleDigest, Size: 1 << 40, Annotations: map[string]string{"k": "v"}}, Data: []byte("{}")},
			}}
		}
	case scheme == "git":
		resp.Git = &pb.ResolveSourceGitResponse{Checksum: strings.Repeat("b", 40), Ref: "refs/heads/main"}
		if req.Git != nil && req.Git.ReturnObject {
			resp.Git.CommitObject = []byte("tree 0\n")
		}
	case scheme == "http" || scheme == "https":
		resp.HTTP = &pb.ResolveSourceHTTPResponse{Checksum: sampleDigest, Filename: path.Base(rest), LastModified: &timestamppb.Timestamp{Seconds: 1700000000}}
		if req.HTTP != nil && req.HTTP.ChecksumRequest != nil {
			resp.HTTP.ChecksumResponse = &pb.ChecksumResponse{Digest: sampleDigest, Suffix: req.HTTP.ChecksumRequest.Suffix}
		}
	}
	return resp, nil
}

func imageConfig(p *opspb.Platform) []byte {
	if p == nil {
		p = &opspb.Platform{OS: "linux", Architecture: "amd64"}
	}
	return fmt.Appendf(nil, `{"architecture":%q,"os":%q,"config":{"Env":["PATH=/bin"]}}`, p.Architecture, p.OS)
}

func (b *bridge) ResolveImageConfig(_ context.Context, req *pb.ResolveImageConfigRequest) (*pb.ResolveImageConfigResponse, error) {
	resp := &pb.ResolveImageConfigResponse{Digest: sampleDigest, Config: imageConfig(req.Platform)}
	if !strings.Contains(req.Ref, "old") {
		resp.Ref = req.Ref
	}
	return resp, nil
}

func (b *bridge) Inputs(context.Context, *pb.InputsRequest) (*pb.InputsResponse, error) {
	return &pb.InputsResponse{Definitions: map[string]*opspb.Definition{"context": sampleDefinition(), "base": sampleDefinition()}}, nil
}

func (b *bridge) Warn(_ context.Context, req *pb.WarnRequest) (*pb.WarnResponse, error) {
	return &pb.WarnResponse{}, nil
}

func (b *bridge) Return(_ context.Context, req *pb.ReturnRequest) (*pb.ReturnResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.returned {
		return nil, errors.New("gateway result is already set")
	}
	if (req.Error == nil) == (req.Result == nil) {
		return nil, errors.New("gateway return must be either result or err")
	}
	check := func(id string) error {
		if _, ok := b.refs[id]; id != "" && !ok {
			return fmt.Errorf("return reference %s not found", id)
		}
		return nil
	}
	switch res := req.GetResult().GetResult().(type) {
	case *pb.Result_Ref:
		if err := check(res.Ref.Id); err != nil {
			return nil, err
		}
	case *pb.Result_Refs:
		for _, ref := range res.Refs.Refs {
			if err := check(ref.Id); err != nil {
				return nil, err
			}
		}
	}
	b.returned = true
	return &pb.ReturnResponse{}, nil
}
