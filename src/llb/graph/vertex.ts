// The graph before it is marshalled: plain immutable nodes that refer to each other. A state
// points at an output of a node; nothing is encoded before marshal.
import type { pb } from "../../proto/index.ts";
import type { Platform } from "../../oci/index.ts";
import type { Constraints, OpMetadata, SourceLocation } from "./constraints.ts";
import type {
  CacheMountSharingMode,
  CDIDeviceInfo,
  MountContentCache,
  ProxyEnv,
  SecretInfo,
  SSHInfo,
} from "./exec.ts";
import type { CopyInfo, MkdirInfo, MkfileInfo, RmInfo, SymlinkInfo } from "./file.ts";
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
  /** Which option is wrong and why: found while the state is built, thrown by marshal. */
  readonly fault?: { readonly option: string; readonly message: string } | undefined;
}

export interface ExecVertex {
  readonly kind: "exec";
  readonly meta: StateMeta;
  readonly proxyEnv: ProxyEnv | undefined;
  /** The root first, the others as they were given. */
  readonly mounts: readonly Mount[];
  /** The same, as they are encoded: by target, bytewise. Asked for by every walk over inputs and every user of an output. */
  readonly encodedMounts: readonly Mount[];
  readonly secrets: readonly SecretInfo[];
  readonly ssh: readonly SSHInfo[];
  readonly cdiDevices: readonly CDIDeviceInfo[];
  readonly constraints: Constraints;
}

export interface FileVertex {
  readonly kind: "file";
  readonly action: FileNode;
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

// ------------------------------------------------------------------ exec

/** A mount; identity matters, since outputs refer to it. */
export interface Mount {
  readonly target: string;
  readonly source: Output | undefined;
  readonly readonly: boolean;
  readonly selector: string;
  readonly noOutput: boolean;
  readonly cache: { readonly id: string; readonly sharing: CacheMountSharingMode } | undefined;
  readonly tmpfs: { readonly size: number | bigint } | undefined;
  readonly contentCache: MountContentCache;
}

/** Whether the op yields what is in the mount afterwards. */
export const hasOutput = (mount: Mount): boolean =>
  !mount.noOutput && !mount.readonly && mount.cache === undefined && mount.tmpfs === undefined;

// ------------------------------------------------------------------ file

/** A file tree, and the directory that relative paths in it start from. */
export interface Tree {
  readonly output: Output | undefined;
  readonly dir: string;
}

/** An action of a file op; the op runs it after those before it. */
export interface FileNode {
  readonly action: SubAction;
  readonly previous: FileNode | undefined;
  /** The tree the action works on, known once it is bound. */
  readonly base: Tree | undefined;
}

/** Where copy takes files from: a tree, or what an action of the same op leaves. */
export type CopySource =
  | { readonly kind: "tree"; readonly tree: Tree }
  | { readonly kind: "action"; readonly action: FileNode };

/** What an action does, without the state it works on. */
export type SubAction =
  | { readonly kind: "mkdir"; readonly path: string; readonly mode: number; readonly info: MkdirInfo }
  | {
      readonly kind: "mkfile";
      readonly path: string;
      readonly mode: number;
      readonly data: Uint8Array;
      readonly info: MkfileInfo;
    }
  | {
      readonly kind: "symlink";
      readonly oldpath: string;
      readonly newpath: string;
      readonly info: SymlinkInfo;
    }
  | { readonly kind: "rm"; readonly path: string; readonly info: RmInfo }
  | {
      readonly kind: "copy";
      readonly from: CopySource;
      readonly src: string;
      readonly dest: string;
      readonly info: CopyInfo;
    };

// ------------------------------------------------------------------ imported definitions

/** One op of an imported definition. */
export interface ImportedOp {
  readonly bytes: Uint8Array;
  readonly op: pb.Op.$Shape;
}

export interface ImportedGraph {
  readonly ops: ReadonlyMap<string, ImportedOp>;
  readonly metadata: ReadonlyMap<string, OpMetadata>;
  readonly locations: ReadonlyMap<string, readonly SourceLocation[]>;
  /** One vertex for each output that is used, so that shared parts are visited once. */
  readonly vertices: Map<string, DefinitionVertex>;
}
