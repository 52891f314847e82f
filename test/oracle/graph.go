package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/llbbuild"
	"github.com/moby/buildkit/solver/pb"
	"google.golang.org/protobuf/proto"
)

// graph is the neutral description; test/oracle/graph.ts has the same types with words.
type graph struct {
	Nodes      []node      `json:"nodes"`
	SourceMaps []sourceMap `json:"sourceMaps"`
	Result     int         `json:"result"`
	Marshal    []option    `json:"marshal"`
}

type node struct {
	Op      string            `json:"op"`
	On      int               `json:"on"`
	Args    []string          `json:"args"`
	Inputs  []int             `json:"inputs"`
	Outputs []bool            `json:"outputs"`
	Attrs   map[string]string `json:"attrs"`
	Options []option          `json:"options"`
	Actions []action          `json:"actions"`
}

type action struct {
	Do      string   `json:"do"`
	Args    []string `json:"args"`
	Mode    uint32   `json:"mode"`
	Data    []byte   `json:"data"`
	From    int      `json:"from"`
	Options []option `json:"options"`
}

type sourceMap struct {
	State    *int   `json:"state"`
	Filename string `json:"filename"`
	Language string `json:"language"`
	Data     []byte `json:"data"`
}

// option is a name followed by its arguments.
type option []json.RawMessage

func (o option) name() string { return arg[string](o, -1) }

// arg decodes argument i; a description that does not fit is a bug of the generator.
func arg[T any](o option, i int) T {
	var v T
	if err := json.Unmarshal(o[i+1], &v); err != nil {
		panic(fmt.Sprintf("option %s: %v", o, err))
	}
	return v
}

// value is what a node yields.
type value struct {
	state llb.State
	exec  *llb.ExecState
	input llb.CopyInput
}

type builder struct {
	ctx    context.Context
	graph  graph
	values []value
	maps   []*llb.SourceMap
}

// newBuilder reads a graph and makes the states of all its nodes.
func newBuilder(line []byte) (*builder, error) {
	b := &builder{ctx: context.Background()}
	if err := json.Unmarshal(line, &b.graph); err != nil {
		return nil, err
	}
	b.maps = make([]*llb.SourceMap, len(b.graph.SourceMaps))
	for i, n := range b.graph.Nodes {
		v, err := b.node(n)
		if err != nil {
			return nil, fmt.Errorf("node %d: %w", i, err)
		}
		b.values = append(b.values, v)
	}
	return b, nil
}

func marshalGraph(line []byte) ([]byte, error) {
	b, err := newBuilder(line)
	if err != nil {
		return nil, err
	}
	def, err := b.marshal(b.state(b.graph.Result), b.graph.Marshal)
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(def)
}

func (b *builder) marshal(st llb.State, opts []option) (*pb.Definition, error) {
	def, err := st.Marshal(b.ctx, b.constraints(opts)...)
	if err != nil {
		return nil, err
	}
	return def.ToPB(), nil
}

func (b *builder) state(i int) llb.State {
	v := b.values[i]
	if v.exec != nil {
		return v.exec.Root()
	}
	return v.state
}

// sourceMap makes a map when it is first used: its state is a node that stands before the user.
func (b *builder) sourceMap(i int) *llb.SourceMap {
	if b.maps[i] == nil {
		sm := b.graph.SourceMaps[i]
		var st *llb.State
		if sm.State != nil {
			s := b.state(*sm.State)
			st = &s
		}
		b.maps[i] = llb.NewSourceMap(st, sm.Filename, sm.Language, sm.Data)
	}
	return b.maps[i]
}

func (b *builder) node(n node) (value, error) {
	switch n.Op {
	case "scratch":
		return value{state: llb.Scratch()}, nil
	case "image":
		return value{state: llb.Image(n.Args[0], b.imageOptions(n.Options)...)}, nil
	case "imageBlob":
		return value{state: llb.ImageBlob(n.Args[0], b.blobOptions(n.Options)...)}, nil
	case "ociLayoutBlob":
		return value{state: llb.OCILayoutBlob(n.Args[0], b.blobOptions(n.Options)...)}, nil
	case "ociLayout":
		return value{state: llb.OCILayout(n.Args[0], b.ociOptions(n.Options)...)}, nil
	case "local":
		return value{state: llb.Local(n.Args[0], b.localOptions(n.Options)...)}, nil
	case "git":
		return value{state: llb.Git(n.Args[0], n.Args[1], b.gitOptions(n.Options)...)}, nil
	case "http":
		return value{state: llb.HTTP(n.Args[0], b.httpOptions(n.Options)...)}, nil
	case "source":
		var c llb.Constraints
		for _, o := range b.constraints(n.Options) {
			o.SetConstraintsOption(&c)
		}
		if n.Attrs == nil {
			n.Attrs = map[string]string{}
		}
		return value{state: llb.NewState(llb.NewSource(n.Args[0], n.Attrs, c).Output())}, nil
	case "with":
		return b.with(n)
	case "run":
		es := b.state(n.On).Run(b.runOptions(n.Options)...)
		return value{exec: &es}, nil
	case "addMount":
		return value{state: b.values[n.On].exec.AddMount(n.Args[0], b.state(n.Inputs[0]), mountOptions(n.Options)...)}, nil
	case "getMount":
		return value{state: b.values[n.On].exec.GetMount(n.Args[0])}, nil
	case "file":
		return value{state: b.state(n.On).File(b.chain(n.Actions), b.constraints(n.Options)...)}, nil
	case "actions":
		return value{input: b.chain(n.Actions).WithState(b.state(n.On))}, nil
	case "merge":
		return value{state: llb.Merge(b.states(n.Inputs), b.constraints(n.Options)...)}, nil
	case "diff":
		return value{state: llb.Diff(b.state(n.Inputs[0]), b.state(n.Inputs[1]), b.constraints(n.Options)...)}, nil
	case "requires":
		return value{state: b.state(n.On).Requires(n.Args[0], b.states(n.Inputs)...)}, nil
	case "passthrough":
		inputs := make([]llb.PassthroughInput, len(n.Inputs))
		for i, in := range n.Inputs {
			inputs[i] = llb.PassthroughInput{State: b.state(in), Output: n.Outputs[i]}
		}
		return value{state: llb.NewPassthrough(n.Args[0], inputs, b.constraints(n.Options)...)}, nil
	case "build":
		var opts []llbbuild.BuildOption
		for _, o := range n.Options {
			if o.name() == "withFilename" {
				opts = append(opts, llbbuild.WithFilename(arg[string](o, 0)))
			} else {
				opts = append(opts, llbbuild.WithConstraints(b.constraint(o)))
			}
		}
		return value{state: b.state(n.On).With(llbbuild.Build(opts...))}, nil
	case "import":
		def, err := b.marshal(b.state(n.On), n.Options)
		if err != nil {
			return value{}, err
		}
		// Over the wire, as a real definition comes.
		dt, err := def.Marshal()
		if err != nil {
			return value{}, err
		}
		var received pb.Definition
		if err := proto.Unmarshal(dt, &received); err != nil {
			return value{}, err
		}
		op, err := llb.NewDefinitionOp(&received)
		if err != nil {
			return value{}, err
		}
		return value{state: llb.NewState(op.Output())}, nil
	}
	return value{}, fmt.Errorf("no op %q", n.Op)
}

func (b *builder) states(refs []int) []llb.State {
	out := make([]llb.State, len(refs))
	for i, r := range refs {
		out[i] = b.state(r)
	}
	return out
}

func (b *builder) with(n node) (value, error) {
	st := b.state(n.On)
	for _, o := range n.Options {
		switch o.name() {
		case "withImageConfig":
			s, err := st.WithImageConfig([]byte(arg[string](o, 0)))
			if err != nil {
				return value{}, err
			}
			st = s
		case "platform":
			st = st.Platform(*platformArg(o))
		case "addExtraHost":
			st = st.AddExtraHost(arg[string](o, 0), ipArg(o, 1))
		case "addUlimit":
			st = st.AddUlimit(llb.UlimitName(arg[string](o, 0)), int64Arg(o, 1), int64Arg(o, 2))
		case "withCgroupParent":
			st = st.WithCgroupParent(arg[string](o, 0))
		case "reset":
			st = st.Reset(b.state(arg[int](o, 0)))
		default:
			st = st.With(stateOption(o))
		}
	}
	return value{state: st}, nil
}
