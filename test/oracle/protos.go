package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	typespb "github.com/moby/buildkit/api/types"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	policypb "github.com/moby/buildkit/sourcepolicy/pb"
	capspb "github.com/moby/buildkit/util/apicaps/pb"
	fstypes "github.com/tonistiigi/fsutil/types"
	"google.golang.org/genproto/googleapis/rpc/status"
)

// upstream is what the pinned release was compiled from, under the path each file has in our tree.
var upstream = map[string]protoreflect.FileDescriptor{
	"github.com/moby/buildkit/solver/pb/ops.proto":               pb.File_github_com_moby_buildkit_solver_pb_ops_proto,
	"github.com/moby/buildkit/frontend/gateway/pb/gateway.proto": gwpb.File_github_com_moby_buildkit_frontend_gateway_pb_gateway_proto,
	"github.com/moby/buildkit/api/types/worker.proto":            typespb.File_github_com_moby_buildkit_api_types_worker_proto,
	"github.com/moby/buildkit/util/apicaps/pb/caps.proto":        capspb.File_github_com_moby_buildkit_util_apicaps_pb_caps_proto,
	"github.com/moby/buildkit/sourcepolicy/pb/policy.proto":      policypb.File_github_com_moby_buildkit_sourcepolicy_pb_policy_proto,
	"github.com/tonistiigi/fsutil/types/stat.proto":              fstypes.File_github_com_tonistiigi_fsutil_types_stat_proto,
	"google/rpc/status.proto":                                    status.File_google_rpc_status_proto,
}

// compareProtos compiles our files and lists everything that differs from upstream: both are
// turned into the same sorted lines of facts. It also writes the descriptor set.
func compareProtos(root, descriptorSet string) error {
	var paths []string
	for path := range upstream {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{root}})}
	files, err := compiler.Compile(context.Background(), paths...)
	if err != nil {
		return err
	}
	facts, differences := 0, []string{}
	set := &descriptorpb.FileDescriptorSet{}
	seen := map[string]bool{}
	for _, file := range files {
		ours, theirs := fileFacts(file), fileFacts(upstream[file.Path()])
		facts += len(theirs)
		for _, fact := range ours {
			if !slices.Contains(theirs, fact) {
				differences = append(differences, fmt.Sprintf("%s: only ours: %s", file.Path(), fact))
			}
		}
		for _, fact := range theirs {
			if !slices.Contains(ours, fact) {
				differences = append(differences, fmt.Sprintf("%s: only upstream: %s", file.Path(), fact))
			}
		}
		addFile(set, file, seen)
	}
	if len(differences) > 0 {
		return fmt.Errorf("%d differences:\n%s", len(differences), strings.Join(differences, "\n"))
	}
	dt, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		return err
	}
	fmt.Printf("%d files, %d facts, no difference\n", len(files), facts)
	return os.WriteFile(descriptorSet, dt, 0o644)
}

func addFile(set *descriptorpb.FileDescriptorSet, file protoreflect.FileDescriptor, seen map[string]bool) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	imports := file.Imports()
	for i := range imports.Len() {
		addFile(set, imports.Get(i).FileDescriptor, seen)
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
}

func fileFacts(file protoreflect.FileDescriptor) []string {
	facts := []string{fmt.Sprintf("package %s %s", file.Package(), file.Syntax())}
	facts = append(facts, messageFacts(file.Messages())...)
	facts = append(facts, enumFacts(file.Enums())...)
	for i := range file.Services().Len() {
		service := file.Services().Get(i)
		for j := range service.Methods().Len() {
			m := service.Methods().Get(j)
			facts = append(facts, fmt.Sprintf("rpc %s(%s stream=%t) returns (%s stream=%t)", m.FullName(), m.Input().FullName(), m.IsStreamingClient(), m.Output().FullName(), m.IsStreamingServer()))
		}
	}
	return facts
}

func messageFacts(messages protoreflect.MessageDescriptors) []string {
	var facts []string
	for i := range messages.Len() {
		message := messages.Get(i)
		facts = append(facts, fmt.Sprintf("message %s map=%t", message.FullName(), message.IsMapEntry()))
		for j := range message.Fields().Len() {
			facts = append(facts, fieldFact(message.Fields().Get(j)))
		}
		for j := range message.Oneofs().Len() {
			facts = append(facts, fmt.Sprintf("oneof %s number %d", message.Oneofs().Get(j).FullName(), j))
		}
		facts = append(facts, messageFacts(message.Messages())...)
		facts = append(facts, enumFacts(message.Enums())...)
	}
	return facts
}

func fieldFact(f protoreflect.FieldDescriptor) string {
	typ := f.Kind().String()
	if f.Message() != nil {
		typ = string(f.Message().FullName())
	}
	if f.Enum() != nil {
		typ = string(f.Enum().FullName())
	}
	oneof := ""
	if f.ContainingOneof() != nil {
		oneof = string(f.ContainingOneof().Name())
	}
	return fmt.Sprintf("field %s = %d %s %s packed=%t presence=%t oneof=%s json=%s", f.FullName(), f.Number(), f.Cardinality(), typ, f.IsPacked(), f.HasPresence(), oneof, f.JSONName())
}

func enumFacts(enums protoreflect.EnumDescriptors) []string {
	var facts []string
	for i := range enums.Len() {
		enum := enums.Get(i)
		for j := range enum.Values().Len() {
			v := enum.Values().Get(j)
			facts = append(facts, fmt.Sprintf("value %s of %s = %d", v.Name(), enum.FullName(), v.Number()))
		}
	}
	return facts
}
