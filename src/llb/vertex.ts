// The graph before it is marshalled: plain immutable nodes that refer to each other. A state
// points at an output of a node; nothing is encoded before marshal.
import type { FileAction } from "./file.ts";
import type { ImportedGraph } from "./imported.ts";
import type { Constraints } from "./constraints.ts";
import type { ProxyEnv } from "./exec.ts";
import type { Mount } from "./mount.ts";
import type { CDIDeviceInfo, SecretInfo, SSHInfo } from "./secret.ts";
import type { Platform } from "./platform.ts";
import type { StateMeta } from "./meta.ts";

/** One op of the graph. */
export type Vertex =
  | SourceVertex
  | ExecVertex
  | FileVertex
  | MergeVertex
  | DiffVertex
  | PassthroughVertex
  | BuildVertex
  | DefinitionVertex;

/** A file tree that an op yields; undefined stands for scratch everywhere. */
export interface Output {
  readonly vertex: Vertex;
  /** The platform that a state built on this output learns. */
  readonly platform: Platform | undefined;
  /** The number of the output, the exec mount it belongs to, or why there is none. */
  readonly index: number | { readonly mount: Mount } | { readonly error: string };
}

export interface SourceVertex {
  readonly kind: "source";
  readonly identifier: string;
  readonly attrs: ReadonlyMap<string, string>;
  readonly constraints: Constraints;
  /** Capabilities the daemon must have that are not in the metadata. */
  readonly gates: readonly string[];
  /** Found while building, told at marshal: which option and what is wrong. */
  readonly fault?: { readonly option: string; readonly message: string } | undefined;
}

export interface ExecVertex {
  readonly kind: "exec";
  readonly meta: StateMeta;
  readonly proxyEnv: ProxyEnv | undefined;
  /** The root first; ExecState.addMount appends, as in Go. Never reordered. */
  readonly mounts: Mount[];
  readonly secrets: readonly SecretInfo[];
  readonly ssh: readonly SSHInfo[];
  readonly cdiDevices: readonly CDIDeviceInfo[];
  readonly constraints: Constraints;
}

export interface FileVertex {
  readonly kind: "file";
  readonly action: FileAction;
  readonly constraints: Constraints;
}

export interface MergeVertex {
  readonly kind: "merge";
  readonly inputs: readonly Output[];
  readonly constraints: Constraints;
}

export interface DiffVertex {
  readonly kind: "diff";
  readonly lower: Output | undefined;
  readonly upper: Output | undefined;
  readonly constraints: Constraints;
}

export interface PassthroughVertex {
  readonly kind: "passthrough";
  readonly id: string;
  readonly inputs: readonly Output[];
  /** For each output the input it forwards. */
  readonly outputs: readonly number[];
  readonly constraints: Constraints;
}

export interface BuildVertex {
  readonly kind: "build";
  readonly source: Output | undefined;
  readonly filename: string;
  readonly constraints: Constraints;
}

/** An op of an imported definition; its bytes are kept as they came. */
export interface DefinitionVertex {
  readonly kind: "definition";
  readonly graph: ImportedGraph;
  readonly digest: string;
}
