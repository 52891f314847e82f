import { type fsTypes, type gateway, llbBridge, toBigInt, toNumber } from "../proto/index.ts";
import type { Caps } from "./caps.ts";
import type { WireDefinition } from "./definition.ts";
import { GatewayError } from "./errors.ts";
import { invoke, type RequestOptions } from "./rpc.ts";
import { Code, type Transport } from "./transport.ts";

/**
 * A solved (or still lazy) filesystem in BuildKit: Go's client.Reference. It lives as long as this
 * process. Reading from it runs what it needs first, so the error of a failing step can come from
 * any method; the error carries the places of the step's source map.
 */
export interface Reference {
  readonly id: string;
  /** The graph it was solved from, if the server sent it. */
  readonly definition: WireDefinition | undefined;
  /**
   * Reads a file, or a range of it. Symlinks are followed inside the filesystem. What is longer
   * than one message may be (16 MiB) is read in several calls. A missing file rejects with an error
   * for which `isNotExist` is true; a directory or device is an error too.
   */
  readFile(path: string, options?: ReadFileOptions): Promise<Uint8Array>;
  /** Lists a directory, not recursively; `includePattern` as Go's path.Match. */
  readDir(path: string, options?: ReadDirOptions): Promise<readonly Stat[]>;
  /** Does not follow a symlink at the end of the path. */
  statFile(path: string, options?: RequestOptions): Promise<Stat>;
  /** Runs what the reference needs. Rarely useful: returned references are evaluated by BuildKit. */
  evaluate(options?: RequestOptions): Promise<void>;
  /** The graph as a state to build on: `ref.toState(definitionToState)` with `go-frontend/llb`. */
  toState<S>(load: (definition: WireDefinition) => S): S;
}

/** Which part of a file to read, in bytes. */
export interface ReadFileOptions extends RequestOptions {
  /** Bytes; default 0. */
  readonly offset?: number | undefined;
  /** Bytes at most; default to the end. Beyond the end of the file is not an error. */
  readonly length?: number | undefined;
}

/** Which entries of a directory to list. */
export interface ReadDirOptions extends RequestOptions {
  readonly includePattern?: string | undefined;
}

/** A file's properties (tonistiigi/fsutil:types/stat.proto). */
export interface Stat {
  /** The name alone, without its directory. */
  readonly path: string;
  /** Go's os.FileMode, not POSIX st_mode: the type is in the high bits. */
  readonly mode: number;
  /** The nine permission bits. */
  readonly permissions: number;
  readonly type: "file" | "directory" | "symlink" | "other";
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly modTime: bigint;
  /** Target of a symlink; or the first name of a file with several hard links. */
  readonly linkname: string;
  readonly devmajor: number;
  readonly devminor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/**
 * A page of a file: half of what a message takes, so small files need one call and large ones few.
 */
const PAGE_SIZE = 8 << 20;

/** A result of BuildKit as an object: its files are read by calls over the transport. */
export function createReference(transport: Transport, caps: Caps, ref: gateway.Ref.$Shape): Reference {
  const id = ref.id ?? "";
  const statFile: Reference["statFile"] = async (path, options) => {
    caps.require([{ id: "statfile", feature: `looking at ${path}` }]);
    return toStat((await invoke(transport, llbBridge.StatFile, { Ref: id, Path: path }, options)).stat);
  };
  return {
    id,
    definition: ref.def ?? undefined,
    async readFile(path, options = {}) {
      caps.require([{ id: "readfile", feature: `reading ${path}` }]);
      return readPaged(options, async (range) => {
        const request = { Ref: id, FilePath: path, Range: range };
        return (await invoke(transport, llbBridge.ReadFile, request, options)).Data;
      });
    },
    async readDir(path, { includePattern = "", ...options } = {}) {
      caps.require([{ id: "readdir", feature: `listing ${path}` }]);
      const request = { Ref: id, DirPath: path, IncludePattern: includePattern };
      return (await invoke(transport, llbBridge.ReadDir, request, options)).entries.map(toStat);
    },
    statFile,
    async evaluate(options) {
      if (caps.has("gateway.evaluate")) await invoke(transport, llbBridge.Evaluate, { Ref: id }, options);
      // As Go's client does on servers without Evaluate.
      else await statFile(".", options);
    },
    toState(load) {
      caps.require([{ id: "reference.output", feature: "building on a solved reference" }]);
      if (ref.def === undefined || ref.def === null) {
        throw new GatewayError("the reference came without its definition", { code: Code.Unimplemented });
      }
      return load(ref.def);
    },
  };
}

/** Reads in pages until one is short, or the asked length is there. `Length` must always be sent. */
async function readPaged(
  { offset = 0, length = Number.POSITIVE_INFINITY }: ReadFileOptions,
  read: (range: { readonly Offset: number; readonly Length: number }) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new RangeError(`offset ${offset} is not a position in a file`);
  }
  if (!(length >= 0)) throw new RangeError(`length ${length} is not a number of bytes`);
  const pages: Uint8Array[] = [];
  let total = 0;
  while (total < length) {
    const size = Math.min(PAGE_SIZE, length - total);
    // One page after the other: each tells whether there is a next one.
    const page = await read({ Offset: offset + total, Length: size });
    pages.push(page);
    total += page.length;
    if (page.length < size) break;
  }
  const [only] = pages;
  return pages.length === 1 && only !== undefined ? only : Buffer.concat(pages, total);
}

const GO_MODE = {
  directory: 0x8000_0000,
  symlink: 0x0800_0000,
  device: 0x0400_0000,
  pipe: 0x0200_0000,
  socket: 0x0100_0000,
  irregular: 0x0008_0000,
} as const;
const NOT_A_FILE = GO_MODE.device | GO_MODE.pipe | GO_MODE.socket | GO_MODE.irregular;

/** What BuildKit tells of a file; missing fields are empty. */
export function toStat(stat: fsTypes.Stat.$Shape | null | undefined): Stat {
  const mode = stat?.mode ?? 0;
  return {
    path: stat?.path ?? "",
    mode,
    permissions: mode & 0o777,
    type: typeOf(mode),
    uid: stat?.uid ?? 0,
    gid: stat?.gid ?? 0,
    size: toNumber(stat?.size),
    modTime: toBigInt(stat?.modTime),
    linkname: stat?.linkname ?? "",
    devmajor: toNumber(stat?.devmajor),
    devminor: toNumber(stat?.devminor),
    xattrs: stat?.xattrs === undefined ? noXattrs : new Map(Object.entries(stat.xattrs)),
  };
}

const noXattrs: ReadonlyMap<string, Uint8Array> = new Map();

function typeOf(mode: number): Stat["type"] {
  if ((mode & GO_MODE.directory) !== 0) return "directory";
  if ((mode & GO_MODE.symlink) !== 0) return "symlink";
  return (mode & NOT_A_FILE) === 0 ? "file" : "other";
}
