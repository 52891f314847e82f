// What the encoders of single ops share.
import type { Encodable, pb } from "../../proto/index.ts";
import { mergeMetadata, type Constraints, type OpMetadata } from "../graph/constraints.ts";
import { describeVertex } from "../graph/describe.ts";
import { LlbError } from "../names/errors.ts";
import type { Platform } from "../../oci/index.ts";
import type { Output, Vertex } from "../graph/vertex.ts";

/** An op before it is encoded. */
export type EncodableOp = Encodable<pb.Op.$Properties>;

/** An edge to an op that is already encoded. */
export interface OpInput {
  readonly digest: string;
  readonly index: number;
}

export interface MarshalContext {
  /** What applies to every op of the graph. */
  readonly base: Constraints;
  /** What the daemon can; undefined when nobody asked it. */
  readonly caps: ReadonlySet<string> | undefined;
  readonly input: (output: Output) => OpInput;
}

export interface MarshalledOp {
  readonly op: EncodableOp;
  readonly metadata: OpMetadata;
  /** Capabilities the op needs that Go does not write into its metadata. */
  readonly gates: readonly string[];
}

/** The number that stands for scratch among inputs and for "none" among outputs. */
export const NONE = -1;

/** What every op carries besides its kind; caps are added to the op's own metadata. */
export function marshalCommon(
  { base }: MarshalContext,
  constraints: Constraints,
  caps: readonly string[],
): { readonly constraints: EncodableOp["constraints"]; readonly metadata: OpMetadata } {
  const ofVertex = constraints.metadata;
  const metadata =
    caps.length === 0
      ? ofVertex
      : {
          ...ofVertex,
          caps: ofVertex.caps.size === 0 ? new Set(caps) : new Set([...ofVertex.caps, ...caps]),
        };
  return {
    constraints: { filter: [...base.filters, ...constraints.filters] },
    metadata: mergeMetadata(base.metadata, metadata),
  };
}

/**
 * The platform of an op: its own, else the state's, else marshal's. Go ends with the machine's,
 * which for a frontend means nothing.
 */
export function marshalPlatform(
  { base }: MarshalContext,
  vertex: Vertex,
  ofOp: Platform | undefined,
): EncodableOp["platform"] {
  const platform = ofOp ?? base.platform;
  if (platform === undefined) {
    throw new LlbError(
      describeVertex(vertex),
      "platform",
      "the op has none; pass platform(…) or linuxAmd64 to marshal, or to the op",
    );
  }
  return {
    Architecture: platform.architecture,
    OS: platform.os,
    Variant: platform.variant,
    OSVersion: platform.osVersion,
    OSFeatures: platform.osFeatures,
  };
}

/** Numbers inputs in the order of their first use; equal ones share a number. */
export class InputList {
  readonly list: OpInput[] = [];
  readonly #numbers = new Map<string, number>();

  add(input: OpInput): number {
    const key = `${input.digest} ${input.index}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.list.length);
    return this.list.push(input) - 1;
  }
}
