// The neutral description of a graph: both the TypeScript library and the Go oracle build it, one
// call for one entry. 64-bit numbers are strings, bytes are base64.

/** An option: the name of the TypeScript function, then its arguments. */
export type Option = readonly [name: string, ...args: readonly unknown[]];

/** A file action; `from` is the node a copy takes from. */
export interface Action {
  readonly do: "mkdir" | "mkfile" | "symlink" | "rm" | "copy";
  readonly args: readonly string[];
  readonly mode?: number;
  readonly data?: string;
  readonly from?: number;
  readonly options?: readonly Option[];
}

/** A step that yields a state (or, for `actions`, the input of a copy). Numbers are earlier nodes. */
export interface Node {
  readonly op:
    | "scratch"
    | "image"
    | "imageBlob"
    | "ociLayoutBlob"
    | "ociLayout"
    | "local"
    | "git"
    | "http"
    | "source"
    | "with"
    | "run"
    | "addMount"
    | "getMount"
    | "file"
    | "actions"
    | "merge"
    | "diff"
    | "requires"
    | "passthrough"
    | "build"
    | "import";
  readonly on?: number;
  readonly args?: readonly string[];
  readonly inputs?: readonly number[];
  readonly outputs?: readonly boolean[];
  readonly attrs?: Readonly<Record<string, string>>;
  readonly options?: readonly Option[];
  readonly actions?: readonly Action[];
}

export interface GraphSourceMap {
  readonly state?: number;
  readonly filename: string;
  readonly language: string;
  readonly data: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly sourceMaps?: readonly GraphSourceMap[];
  /** The node that is marshalled. */
  readonly result: number;
  /** Options of marshal. */
  readonly marshal: readonly Option[];
}
