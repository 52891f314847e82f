// A client and a builder's answers for tests of what the frontend asks for; what they do with it is tested end to end.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { FetchLocal, LocalRequest } from "../../src/frontend/context/local-request.ts";
import {
  createCaps,
  GatewayError,
  type GatewayClient,
  type Reference,
  type Stat,
} from "../../src/gateway/index.ts";
import { TRANSFER_LISTING } from "../../src/gateway/transfer-listing.ts";
import { knownCaps } from "../../src/llb/index.ts";
import { fsTypes } from "../../src/proto/index.ts";

/** Path → content; undefined is a directory. */
export type Table = ReadonlyMap<string, Uint8Array | undefined>;

const text = new TextEncoder();

/** A table of files with the directories they are in. */
export function tableOf(files: Readonly<Record<string, string>>): Table {
  const table = new Map<string, Uint8Array | undefined>();
  for (const [path, content] of Object.entries(files)) {
    for (const parent of parentsOf(path)) table.set(parent, undefined);
    table.set(path, text.encode(content));
  }
  return table;
}

/** A folder on disk, without links. */
export function tableOfFolder(folder: string): Table {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return new Map(
    paths.map((path) => {
      const full = join(folder, path);
      return [
        relative(folder, full).replaceAll("\\", "/"),
        lstatSync(full).isDirectory() ? undefined : readFileSync(full),
      ];
    }),
  );
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** One pattern of moby/patternmatcher: `*` stays in its directory, `**` does not, a backslash takes what follows as it is. */
function matcher(pattern: string): RegExp {
  const body = pattern.replace(/\\(.)|\*\*\/|\*\*|\*|\?|[.+^${}()|[\]]/g, (found, escaped?: string) => {
    if (escaped !== undefined) return escaped.replace(/[^\w]/g, "\\$&");
    if (found === "**/") return "(?:.*/)?";
    if (found === "**") return ".*";
    if (found === "*") return "[^/]*";
    return found === "?" ? "[^/]" : `\\${found}`;
  });
  return new RegExp(`^${body}$`);
}

/** Whether a path or a directory above it matches; the last pattern that does decides. */
function matches(patterns: readonly string[], path: string): boolean {
  const tried = [...parentsOf(path), path];
  return patterns.reduce((found, pattern) => {
    const negated = pattern.startsWith("!");
    const expression = matcher(negated ? pattern.slice(1) : pattern);
    return tried.some((each) => expression.test(each)) ? !negated : found;
  }, false);
}

export interface Transfer extends LocalRequest {
  /** Files whose content was sent. */
  readonly sent: readonly string[];
  /** Everything that was named. */
  readonly named: readonly string[];
}

/**
 * A client that holds the table; it keeps a record of what it was asked for and what it sent.
 *
 * @param modTime the time of all files, or what tells it from a path; in nanoseconds
 */
export function recordingClient(
  table: Table,
  modTime: number | ((path: string) => number) = 1_700_000_000_000_000_256,
): {
  readonly fetch: FetchLocal;
  readonly transfers: readonly Transfer[];
} {
  const transfers: Transfer[] = [];
  const fetch: FetchLocal = (request) => {
    const { include, exclude, content } = request;
    const chosen = [...table.keys()].filter(
      (path) => (include.length === 0 || matches(include, path)) && !matches(exclude, path),
    );
    const named = [...new Set(chosen.flatMap((path) => [...parentsOf(path), path]))].toSorted();
    const isSent = (path: string): boolean =>
      table.get(path) !== undefined && (content === undefined || matches(content, path));
    const sent = named.filter(isSent);
    transfers.push({ ...request, named, sent });
    const files = new Map(named.map((path) => [path, isSent(path) ? table.get(path) : undefined]));
    const kept = new Map(
      [...files].filter(([path, bytes]) => bytes !== undefined || table.get(path) === undefined),
    );
    const timeOf = typeof modTime === "number" ? (): number => modTime : modTime;
    if (content !== undefined) kept.set(TRANSFER_LISTING, listingOf(named, table, timeOf));
    return Promise.resolve(reference(kept));
  };
  return { fetch, transfers };
}

const DIRECTORY = 2 ** 31;

function listingOf(paths: readonly string[], table: Table, timeOf: (path: string) => number): Uint8Array {
  return Buffer.concat(
    paths.map((path) => {
      const bytes = table.get(path);
      const mode = bytes === undefined ? DIRECTORY + 0o755 : permissionsOf(bytes);
      const size = bytes?.length ?? 0;
      const stat = fsTypes.Stat.encode({ path, mode, size, modTime: timeOf(path) }).finish();
      const head = Buffer.alloc(4);
      head.writeUInt32LE(stat.length);
      return Buffer.concat([head, stat]);
    }),
  );
}

/** A solved filesystem. */
export function reference(table: Table, id = "ref"): Reference {
  const missing = (path: string): GatewayError => new GatewayError(`open ${path}: no such file or directory`);
  const clean = (path: string): string => path.replace(/^\/+|\/+$/g, "");
  return {
    id,
    definition: undefined,
    readFile: (path, { offset = 0, length = Infinity } = {}) => {
      const bytes = table.get(clean(path));
      if (!table.has(clean(path))) return Promise.reject(missing(path));
      if (bytes === undefined) return Promise.reject(new GatewayError(`read ${path}: is a directory`));
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
    readDir: (path) => {
      const dir = clean(path);
      if (dir !== "" && !table.has(dir)) return Promise.reject(missing(path));
      if (table.get(dir) !== undefined) return Promise.reject(new GatewayError(`${path}: not a directory`));
      const prefix = dir === "" ? "" : `${dir}/`;
      const names = [...table.keys()].filter(
        (each) => each.startsWith(prefix) && !each.slice(prefix.length).includes("/"),
      );
      return Promise.resolve(names.map((each) => stat(each.slice(prefix.length), table.get(each))));
    },
    statFile: (path) => Promise.resolve(stat(path, table.get(clean(path)))),
    evaluate: () => Promise.resolve(),
    toState: () => {
      throw new Error("not asked for here");
    },
  };
}

/** Tables hold no permissions: what names its interpreter may be run. */
const permissionsOf = (bytes: Uint8Array = new Uint8Array()): number =>
  bytes[0] === 0x23 && bytes[1] === 0x21 ? 0o755 : 0o644;

function stat(path: string, bytes: Uint8Array | undefined): Stat {
  return {
    path,
    mode: 0,
    permissions: permissionsOf(bytes),
    type: bytes === undefined ? "directory" : "file",
    uid: 0,
    gid: 0,
    size: bytes?.length ?? 0,
    modTime: 0n,
    linkname: "",
    devmajor: 0,
    devminor: 0,
    xattrs: new Map(),
  };
}

/** A builder that answers nothing but what a test gives it; every other question is an error. */
export function fakeClient(
  opts: Readonly<Record<string, string>>,
  answers: Partial<GatewayClient> = {},
): GatewayClient {
  const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not to be called`));
  const caps = createCaps([], ["frontend.inputs", "source.metaresolver", "gateway.warnings"]);
  return {
    caps,
    llbCaps: createCaps([], [...knownCaps.keys()]),
    workers: [],
    buildOpts: { opts: new Map(Object.entries(opts)), sessionID: "session-1", workers: [], product: "" },
    ping: unexpected("ping"),
    solve: unexpected("solve"),
    resolveSourceMeta: unexpected("resolveSourceMeta"),
    resolveImageConfig: unexpected("resolveImageConfig"),
    inputs: () => Promise.resolve(new Map()),
    warn: unexpected("warn"),
    currentFrontend: unexpected("currentFrontend"),
    newContainer: unexpected("newContainer"),
    return: unexpected("return"),
    ...answers,
  };
}
