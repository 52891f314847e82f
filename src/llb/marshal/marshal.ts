// From the graph of vertices to a Definition: inputs before users, every op encoded once
// (moby/buildkit:client/llb/state.go, Marshal). No step recurses, so depth costs no stack.
import { encodeCanonical, type CanonicalMessages, type Encodable } from "../../proto/index.ts";
import { capSet, missingCaps, type CapEntry } from "../graph/caps.ts";
import { emptyConstraints, emptyMetadata, mergeMetadata } from "../graph/constraints.ts";
import type { HasConstraints, OpMetadata, SourceLocation } from "../graph/constraints.ts";
import { Definition } from "./definition.ts";
import { describeVertex } from "../graph/describe.ts";
import { sha256 } from "./digest.ts";
import { LlbError, OpNotAllowedError } from "../names/errors.ts";
import { execOutputIndex, marshalExec } from "./marshal-exec.ts";
import { marshalFile } from "./marshal-file.ts";
import { marshalBuild, marshalDiff, marshalMerge, marshalPassthrough, marshalSource } from "./marshal-ops.ts";
import type { EncodableOp, MarshalContext, MarshalledOp, OpInput } from "./marshal-context.ts";
import { importedOutput } from "../graph/imported.ts";
import { SourceMapCollector } from "./source-map-collector.ts";
import type { Output, Vertex } from "../graph/vertex.ts";
import { vertexInputs } from "./vertex-inputs.ts";

/** An op as an allow-list sees it. */
export interface OpView {
  readonly kind: Exclude<Vertex["kind"], "definition"> | "unknown";
  /** The op as a person would name it. */
  readonly name: string;
  readonly digest: string;
  /** The message that was encoded, or decoded when the op was imported. */
  readonly op: EncodableOp;
  readonly metadata: OpMetadata;
  /** It came with an imported definition: somebody else made it. */
  readonly imported: boolean;
}

/** The message of a process in an op, with BuildKit's names for its fields (moby/buildkit:solver/pb/ops.proto, ExecOp). */
export type ExecMessage = NonNullable<EncodableOp["exec"]>;

/** Undefined to let an op pass, else why not. */
export type AllowOp = (op: OpView) => string | undefined;

/** What marshal options fill in. */
export interface MarshalInfo extends HasConstraints {
  caps: ReadonlySet<string> | undefined;
  allow: AllowOp | undefined;
}

/** An option of State.marshal; constraint options apply to every op of the graph. */
export type MarshalOption = (info: MarshalInfo) => void;

/** What the daemon can: the LLBCaps of Ping, or ids. Marshal then fails when the graph needs more. */
export const withCaps =
  (caps: Iterable<CapEntry>): MarshalOption =>
  (info) => {
    info.caps = capSet(caps);
  };

/** Asks for every op whether it may be in the graph; several are asked in order. */
export const allowOps =
  (allow: AllowOp): MarshalOption =>
  (info) => {
    const before = info.allow;
    info.allow = before === undefined ? allow : (op) => before(op) ?? allow(op);
  };

/** Marshals the graph that ends in `output`; scratch gives a definition without ops. */
export function marshalOutput(output: Output | undefined, options: readonly MarshalOption[]): Definition {
  if (output === undefined) return new Definition([], new Map(), undefined);
  const info: MarshalInfo = { constraints: emptyConstraints, caps: undefined, allow: undefined };
  for (const option of options) option(info);

  const results = new Map<Vertex, Result>();
  const context: MarshalContext = {
    base: info.constraints,
    caps: info.caps,
    input: (from) => outputInput(results, from),
  };
  const def: Uint8Array[] = [];
  const metadata = new Map<string, OpMetadata>();
  const sources = new SourceMapCollector();
  const missing = new Map<string, string[]>();

  for (const vertex of inputsFirst(output.vertex)) {
    const marshalled = marshalVertex(vertex, context);
    const { digest } = marshalled;
    results.set(vertex, { digest });
    const known = metadata.get(digest);
    if (known === undefined) def.push(marshalled.bytes);
    metadata.set(digest, mergeMetadata(known ?? emptyMetadata, marshalled.metadata));
    sources.add(digest, marshalled.locations);
    if (info.caps !== undefined) noteMissing(missing, info.caps, vertex, marshalled);
    if (info.allow !== undefined) checkAllowed(info.allow, vertex, marshalled);
  }

  const terminal = encodeCanonical("pb.Op", { inputs: [outputInput(results, output)] });
  const terminalCaps = new Set(["constraints", "platform"]);
  for (const entry of metadata.values()) {
    if (entry.ignoreCache) terminalCaps.add("meta.ignorecache");
    if (entry.description.size > 0) terminalCaps.add("meta.description");
    if (entry.exportCache !== undefined) terminalCaps.add("meta.exportcache");
  }
  if (info.caps !== undefined) {
    for (const cap of terminalCaps) if (!info.caps.has(cap)) missing.set(cap, ["the graph"]);
  }
  if (missing.size > 0) throw missingCaps(missing);
  def.push(terminal);
  metadata.set(sha256(terminal), { ...emptyMetadata, caps: terminalCaps });
  // Files of a source map are described by graphs of their own, marshalled with the same options.
  return new Definition(def, metadata, sources.finish(options));
}

interface Result {
  readonly digest: string;
}

/** All vertices that `last` needs, each after its inputs, as a depth-first walk meets them. */
function inputsFirst(last: Vertex): readonly Vertex[] {
  const order: Vertex[] = [];
  const state = new Map<Vertex, "open" | "done">([[last, "open"]]);
  const stack: { vertex: Vertex; inputs: readonly Output[]; next: number }[] = [
    { vertex: last, inputs: vertexInputs(last), next: 0 },
  ];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const input = frame.inputs[frame.next++];
    if (input === undefined) {
      state.set(frame.vertex, "done");
      order.push(frame.vertex);
      stack.pop();
      continue;
    }
    const seen = state.get(input.vertex);
    if (seen === "open") {
      throw new LlbError(describeVertex(input.vertex), "", "the op is among its own inputs");
    }
    if (seen === "done") continue;
    state.set(input.vertex, "open");
    stack.push({ vertex: input.vertex, inputs: vertexInputs(input.vertex), next: 0 });
  }
  return order;
}

function outputInput(results: ReadonlyMap<Vertex, Result>, { vertex, index }: Output): OpInput {
  const result = results.get(vertex);
  if (result === undefined) throw new Error("an input is marshalled after its user");
  if (typeof index === "number") return { digest: result.digest, index };
  if ("error" in index) throw new LlbError(describeVertex(vertex), "", index.error);
  if (vertex.kind !== "exec") throw new Error("only an exec has mounts");
  return { digest: result.digest, index: execOutputIndex(vertex, index.mount) };
}

interface Marshalled extends MarshalledOp {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly locations: readonly SourceLocation[];
}

function marshalVertex(vertex: Vertex, context: MarshalContext): Marshalled {
  if (vertex.kind === "definition") {
    const { graph, digest } = vertex;
    const imported = graph.ops.get(digest);
    if (imported === undefined) throw new LlbError("definition", "", `no op has the digest ${digest}`);
    for (const input of imported.op.inputs ?? []) importedOutput(graph, input);
    return {
      digest,
      bytes: imported.bytes,
      op: imported.op,
      metadata: graph.metadata.get(digest) ?? emptyMetadata,
      gates: [],
      locations: graph.locations.get(digest) ?? [],
    };
  }
  const marshalled = marshalOp(vertex, context);
  for (const { ranges } of vertex.constraints.locations) checkRanges(vertex, ranges);
  const bytes = encode(vertex, "pb.Op", marshalled.op);
  checkMetadata(vertex, marshalled.metadata);
  return { ...marshalled, digest: sha256(bytes), bytes, locations: vertex.constraints.locations };
}

function marshalOp(vertex: Exclude<Vertex, { kind: "definition" }>, context: MarshalContext): MarshalledOp {
  switch (vertex.kind) {
    case "source":
      return marshalSource(vertex, context);
    case "exec":
      return marshalExec(vertex, context);
    case "file":
      return marshalFile(vertex, context);
    case "merge":
      return marshalMerge(vertex, context);
    case "diff":
      return marshalDiff(vertex, context);
    case "passthrough":
      return marshalPassthrough(vertex, context);
    case "build":
      return marshalBuild(vertex, context);
  }
}

/** Encodes, and turns what the encoder says of a field into an error that names the op. */
function encode<N extends keyof CanonicalMessages>(
  vertex: Vertex,
  name: N,
  message: Encodable<CanonicalMessages[N]>,
): Uint8Array {
  try {
    return encodeCanonical(name, message);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new LlbError(describeVertex(vertex), "", error.message);
    }
    throw error;
  }
}

/** The encoder's checks for what is encoded later, perhaps by an encoder without them. */
function checkMetadata(vertex: Vertex, { description, progressGroup, linuxResources }: OpMetadata): void {
  if (progressGroup === undefined && linuxResources === undefined && areWellFormed(description)) return;
  encode(vertex, "pb.OpMetadata", {
    description,
    progress_group: progressGroup,
    linux_resources: linuxResources,
  });
}

function areWellFormed(description: ReadonlyMap<string, string>): boolean {
  for (const [key, value] of description) if (!key.isWellFormed() || !value.isWellFormed()) return false;
  return true;
}

function checkRanges(vertex: Vertex, ranges: readonly unknown[]): void {
  const isPosition = (value: unknown): boolean => {
    const { line, character } = (value ?? {}) as { line?: unknown; character?: unknown };
    return [line, character].every(
      (n) => typeof n === "number" && Number.isInteger(n) && n >= 0 && n < 2 ** 31,
    );
  };
  for (const range of ranges) {
    // Types promise both ends; a range read from JSON may lie, and BuildKit's clients crash on it.
    const { start, end } = (range ?? {}) as { start?: unknown; end?: unknown };
    if (!isPosition(start) || !isPosition(end)) {
      throw new LlbError(
        describeVertex(vertex),
        "location",
        "a range needs start and end, each with line and character",
      );
    }
  }
}

function noteMissing(
  missing: Map<string, string[]>,
  caps: ReadonlySet<string>,
  vertex: Vertex,
  { metadata, gates }: MarshalledOp,
): void {
  for (const cap of [...metadata.caps, ...gates]) {
    if (caps.has(cap)) continue;
    const ops = missing.get(cap);
    if (ops === undefined) missing.set(cap, [describeVertex(vertex)]);
    else ops.push(describeVertex(vertex));
  }
}

function checkAllowed(allow: AllowOp, vertex: Vertex, { op, digest, metadata }: Marshalled): void {
  const name = describeVertex(vertex);
  const kind =
    vertex.kind === "definition" ? (vertex.graph.ops.get(vertex.digest)?.op.op ?? "unknown") : vertex.kind;
  const reason = allow({ kind, name, digest, op, metadata, imported: vertex.kind === "definition" });
  if (reason !== undefined) throw new OpNotAllowedError(name, "", reason);
}
