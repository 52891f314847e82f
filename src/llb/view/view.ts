// A definition of any origin for people: ops with names, kinds and edges. What dump
// and toDot share.
import { type pb, toBigInt } from "../../proto/index.ts";
import type { OpMetadata } from "../graph/constraints.ts";
import { decodeOp, type OpMessage } from "../marshal/decode-op.ts";
import type { Definition } from "../marshal/definition.ts";
import { shorten } from "../graph/describe.ts";
import { sha256 } from "../marshal/digest.ts";
import { LlbError } from "../names/errors.ts";

export type OpKind = "exec" | "source" | "file" | "build" | "merge" | "diff" | "passthrough" | "unknown";

/** An edge into an op. */
export interface InputView {
  readonly digest: string;
  readonly index: number;
  /** What the op uses it for: the places of mounts, `copy`, `lower`, … */
  readonly uses: readonly string[];
}

/** One op of a definition. */
export interface OpNode {
  readonly digest: string;
  readonly kind: OpKind;
  /** The custom name, else what BuildKit would show; one line. */
  readonly name: string;
  readonly platform: string;
  readonly inputs: readonly InputView[];
  readonly op: OpMessage;
  readonly metadata: OpMetadata | undefined;
}

/** The ops without the terminal one, inputs before users, and the output that is the result. */
export interface GraphView {
  readonly ops: readonly OpNode[];
  readonly head: { readonly digest: string; readonly index: number } | undefined;
}

/**
 * Reads every op of a definition.
 *
 * @throws LlbError when an entry is no op or the ops are in a circle.
 */
export function viewDefinition(definition: Definition): GraphView {
  const decoded = definition.def.map((bytes, i) => ({ digest: sha256(bytes), op: decodeOp(bytes, i) }));
  const last = decoded.pop();
  const head = last?.op.inputs?.[0];
  return {
    ops: inputsFirst(decoded.map(({ digest, op }) => viewOp(digest, op, definition.metadata.get(digest)))),
    head: head === undefined ? undefined : { digest: head.digest ?? "", index: Number(toBigInt(head.index)) },
  };
}

/** The daemon takes ops in any order; pictures need users after their inputs. */
function inputsFirst(ops: readonly OpNode[]): readonly OpNode[] {
  const byDigest = new Map(ops.map((node) => [node.digest, node]));
  const users = new Map<string, OpNode[]>();
  const waiting = new Map<OpNode, number>();
  for (const node of byDigest.values()) {
    const needed = new Set(node.inputs.map(({ digest }) => digest).filter((digest) => byDigest.has(digest)));
    waiting.set(node, needed.size);
    for (const digest of needed) users.set(digest, [...(users.get(digest) ?? []), node]);
  }
  const order = [...byDigest.values()].filter((node) => waiting.get(node) === 0);
  for (const node of order) {
    for (const user of users.get(node.digest) ?? []) {
      const left = (waiting.get(user) ?? 0) - 1;
      waiting.set(user, left);
      if (left === 0) order.push(user);
    }
  }
  if (order.length < byDigest.size) throw new LlbError("definition", "", "ops are among their own inputs");
  return order;
}

function viewOp(digest: string, op: OpMessage, metadata: OpMetadata | undefined): OpNode {
  const inputs = (op.inputs ?? []).map((input, i) => ({
    digest: input.digest ?? "",
    index: Number(toBigInt(input.index)),
    uses: inputUses(op, i),
  }));
  return {
    digest,
    kind: op.op ?? "unknown",
    name: shorten(metadata?.description.get("llb.customname") ?? nameOp(op)),
    platform: formatOpPlatform(op.platform),
    inputs,
    op,
    metadata,
  };
}

function formatOpPlatform(platform: pb.Platform.$Properties | null | undefined): string {
  if (platform === null || platform === undefined) return "";
  return [platform.OS, platform.Architecture, platform.Variant]
    .filter((part) => part !== undefined && part !== "")
    .join("/");
}

/** What BuildKit shows for an op without a name (moby/buildkit:solver/llbsolver/vertex.go, llbOpName). */
function nameOp(op: OpMessage): string {
  switch (op.op) {
    case "source":
      return op.source.identifier ?? "";
    case "exec":
      return (op.exec.meta?.args ?? []).join(" ");
    case "file":
      return (op.file.actions ?? []).map(nameAction).join(", ");
    case "merge":
      return `merge of ${op.merge.inputs?.length ?? 0}`;
    case "diff":
      return "diff";
    case "passthrough":
      return op.passthrough.id ?? "";
    case "build":
      return op.build.attrs?.["llbbuild.filename"] ?? "build";
    case undefined:
      return "";
  }
}

function nameAction(action: pb.FileAction.$Shape): string {
  switch (action.action) {
    case "copy":
      return `copy ${action.copy.src ?? ""} ${action.copy.dest ?? ""}`;
    case "mkdir":
      return `mkdir ${action.mkdir.path ?? ""}`;
    case "mkfile":
      return `mkfile ${action.mkfile.path ?? ""}`;
    case "rm":
      return `rm ${action.rm.path ?? ""}`;
    case "symlink":
      return `symlink ${action.symlink.newpath ?? ""}`;
    case undefined:
      return "";
  }
}

function inputUses(op: OpMessage, input: number): readonly string[] {
  const isInput = (value: Parameters<typeof toBigInt>[0]): boolean => toBigInt(value) === BigInt(input);
  switch (op.op) {
    case "exec":
      return (op.exec.mounts ?? []).filter((mount) => isInput(mount.input)).map((mount) => mount.dest ?? "");
    case "file":
      return (op.file.actions ?? []).filter((action) => isInput(action.secondaryInput)).map(() => "copy");
    case "diff":
      return [
        ...(isInput(op.diff.lower?.input) ? ["lower"] : []),
        ...(isInput(op.diff.upper?.input) ? ["upper"] : []),
      ];
    default:
      return [];
  }
}
