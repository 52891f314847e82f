// Encoders of the ops that need few words: source, merge, diff, passthrough, build.
import { describeVertex } from "../graph/describe.ts";
import { LlbError } from "../names/errors.ts";
import {
  marshalCommon,
  marshalPlatform,
  NONE,
  type MarshalContext,
  type MarshalledOp,
} from "./marshal-context.ts";
import type {
  BuildVertex,
  DiffVertex,
  MergeVertex,
  PassthroughVertex,
  SourceVertex,
  Vertex,
} from "../graph/vertex.ts";

/** moby/buildkit:client/llb/source.go, SourceOp.Marshal. */
export function marshalSource(vertex: SourceVertex, context: MarshalContext): MarshalledOp {
  const { identifier, fault } = vertex;
  if (fault !== undefined) throw fail(vertex, fault.option, fault.message);
  if (identifier === "") throw fail(vertex, "", "the identifier is empty");
  let attrs = vertex.attrs;
  const caps: string[] = [];
  if (identifier.startsWith("local://") && !attrs.has("local.session")) {
    const id =
      vertex.constraints.localUniqueID === "" ? context.base.localUniqueID : vertex.constraints.localUniqueID;
    if (id === "") {
      throw fail(vertex, "sessionID", "the source needs sessionID, or localUniqueID here or at marshal");
    }
    attrs = new Map([...attrs, ["local.unique", id]]);
    caps.push("source.local.unique");
  }
  const { constraints, metadata } = marshalCommon(context, vertex.constraints, caps);
  const hasPlatform = identifier.startsWith("docker-image://") || identifier.startsWith("oci-layout://");
  return {
    op: {
      platform: hasPlatform ? marshalPlatform(context, vertex, vertex.constraints.platform) : undefined,
      constraints,
      source: { identifier, attrs },
    },
    metadata,
    gates: vertex.gates,
  };
}

/** moby/buildkit:client/llb/merge.go. Equal inputs are not joined: order and number count. */
export function marshalMerge(vertex: MergeVertex, context: MarshalContext): MarshalledOp {
  const { constraints, metadata } = marshalCommon(context, vertex.constraints, ["mergeop"]);
  const inputs = vertex.inputs.map(context.input);
  return {
    op: { inputs, constraints, merge: { inputs: inputs.map((_, input) => ({ input })) } },
    metadata,
    gates: [],
  };
}

/** moby/buildkit:client/llb/diff.go. */
export function marshalDiff(vertex: DiffVertex, context: MarshalContext): MarshalledOp {
  const { constraints, metadata } = marshalCommon(context, vertex.constraints, ["diffop"]);
  const { lower, upper } = vertex;
  const inputs = [lower, upper].flatMap((output) => (output === undefined ? [] : [context.input(output)]));
  return {
    op: {
      inputs,
      constraints,
      diff: {
        lower: { input: lower === undefined ? NONE : 0 },
        upper: { input: upper === undefined ? NONE : inputs.length - 1 },
      },
    },
    metadata,
    gates: [],
  };
}

/** moby/buildkit:client/llb/passthrough.go. */
export function marshalPassthrough(vertex: PassthroughVertex, context: MarshalContext): MarshalledOp {
  if (vertex.inputs.length === 0) throw fail(vertex, "inputs", "all inputs are scratch");
  if (vertex.id === "") throw fail(vertex, "id", "the id is empty");
  if (vertex.outputs.length === 0) throw fail(vertex, "inputs", "no input is an output");
  const { constraints, metadata } = marshalCommon(context, vertex.constraints, ["passthroughop"]);
  return {
    op: {
      inputs: vertex.inputs.map(context.input),
      constraints,
      passthrough: { id: vertex.id, outputs: vertex.outputs },
    },
    metadata,
    gates: [],
  };
}

/** moby/buildkit:client/llb/llbbuild/llbbuild.go. */
export function marshalBuild(vertex: BuildVertex, context: MarshalContext): MarshalledOp {
  if (vertex.source === undefined) throw fail(vertex, "", "scratch holds no definition to build");
  const { constraints, metadata } = marshalCommon(context, vertex.constraints, [
    "source.buildop.llbfilename",
  ]);
  return {
    op: {
      inputs: [context.input(vertex.source)],
      platform: marshalPlatform(context, vertex, vertex.constraints.platform),
      constraints,
      build: {
        builder: NONE,
        inputs: new Map([["buildkit.llb.definition", { input: 0 }]]),
        attrs: new Map(vertex.filename === "" ? [] : [["llbbuild.filename", vertex.filename]]),
      },
    },
    metadata,
    gates: [],
  };
}

const fail = (vertex: Vertex, option: string, message: string): LlbError =>
  new LlbError(describeVertex(vertex), option, message);
