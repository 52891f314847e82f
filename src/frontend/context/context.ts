// Where the source comes from: a folder of the client, a git repository, an archive, another build's
// result (moby/buildkit:frontend/dockerui/context.go has the rules).
import {
  BOUNDS,
  HEADER_BYTES,
  headerBytes,
  ignoredBy,
  ignoreFileProblem,
  ignoreProblems,
  ignoreRules,
  openTree,
  type OpenTree,
} from "../facts/index.ts";
import {
  type GatewayClient,
  isCanceled,
  isConnectionLost,
  isNotExist,
  type Reference,
  type WireDefinition,
} from "../gateway/index.ts";
import { includedPaths, type Inputs, named } from "../graph/index.ts";
import type { ContextRules } from "../plan/index.ts";
import {
  copy,
  definitionFromPB,
  newDefinitionOp,
  excludePatterns,
  filename,
  followPaths,
  git,
  gitChecksum,
  gitFetchByCommit,
  gitMTime,
  gitRef,
  gitSkipSubmodules,
  gitSubDir,
  http,
  includePatterns,
  keepGitDir,
  local,
  type LocalOption,
  metadataOnlyTransfer,
  scratch,
  sessionID,
  sharedKeyHint,
  type State,
  withCreatedTime,
} from "../llb/index.ts";
import { type Diagnostic, diagnosticError, errorAt, isDiagnosticError } from "../description/index.ts";
import { type FileTimes, fileTimes } from "./file-times.ts";
import { GIT_QUERY_KEYS, type GitContext, parseBool, parseGitContext } from "./git-context.ts";
import { sentAnew } from "./sent-anew.ts";
import { type ContextRoot, type FetchLocal, fetchRoot, localTree, remoteTree } from "./local-tree.ts";

/** The description's bytes and how the source tree is reached. */
export interface BuildContext {
  /** At most one byte more than a description may have. */
  readonly description: Uint8Array;
  /** Digest of the vertex that loaded it, for warnings; undefined when it is not known. */
  readonly vertex: string | undefined;
  readonly tree: OpenTree;
  /** How its files reach the builder, and the states of those that steps ask for. */
  readonly rules: ContextRules;
  readonly files: Inputs["context"];
  /** What is wrong with the ignore file: nothing of the tree can be read then. */
  readonly problems: readonly Diagnostic[];
  /** The commit, where the context is a git repository and the builder can tell. */
  readonly commit?: GitCommit | undefined;
}

export interface GitCommit {
  readonly revision: string;
  readonly origin: string;
}

export type Solve = (state: State) => Promise<Reference>;

/**
 * Opens the build context and reads the description.
 *
 * @param limit how many bytes of the description to read at most
 */
export async function openContext(
  client: GatewayClient,
  solve: Solve,
  filenameOption: string,
  limit: number,
): Promise<BuildContext> {
  const remote = await remoteContext(client, solve);
  const opts = client.buildOpts.opts;
  const entryLocal = opts.get("dockerfilekey") ?? "dockerfile";
  const fromLocal = remote === undefined || opts.has("dockerfilekey");
  const entry = fromLocal
    ? entrySource(client, entryLocal, filenameOption)
    : (remote?.entry ?? remote?.state ?? scratch());
  const canListOnly = client.llbCaps.has("source.local.metadatatransfer");
  const fetchWithout =
    (ignore: readonly string[]): FetchLocal =>
    ({ include, exclude, content, role, anew }) =>
      solve(
        contextSource(client, role, anew, [
          includePatterns(include),
          excludePatterns([...exclude, ...ignore]),
          ...(content === undefined ? [] : [metadataOnlyTransfer(content)]),
        ]),
      );
  const [[description, own], [root, contextIgnore]] = await Promise.all([
    readEntry(solve, entry, remote?.entryName ?? filenameOption, limit),
    remote === undefined ? readRoot(client, solve, canListOnly ? fetchWithout([]) : undefined) : [],
  ]);
  const vertex = entry.marshal().head;
  if (remote !== undefined) {
    const [reference, commit] = await Promise.all([solve(remote.state), remote.commit]);
    const rules = { kind: "fetched" } as const;
    const files = fetchedFiles(remote.state);
    return { description, vertex, tree: openTree(remoteTree(reference)), rules, files, problems: [], commit };
  }
  const ignored = ignoreRules(filenameOption, own, contextIgnore);
  const ignore = ignored.map(({ pattern }) => pattern);
  const room = HEADER_BYTES - headerBytes(ignore);
  const times = root?.times ?? fileTimes();
  const known = ignore.length === 0 ? root : undefined;
  const tree = localTree(fetchWithout(ignore), canListOnly, known, room, times);
  return {
    description,
    vertex,
    tree: openTree({ ...tree, ignoredBy: ignoredBy(ignored) }),
    rules: { kind: "sent", ignore },
    files: sentFiles(client, times),
    problems: ignoreProblems(ignored),
  };
}

/** The description, and the ignore file that stands beside it for it alone. */
async function readEntry(
  solve: Solve,
  entry: State,
  path: string,
  limit: number,
): Promise<readonly [description: Uint8Array, ignore: string | undefined]> {
  const reference = await solve(entry);
  return Promise.all([
    readDescription(reference, path, limit),
    readIgnoreFile(reference, `${path}.dockerignore`),
  ]);
}

/**
 * The context's ignore file, and where the builder can list only, the names in the root that came with
 * it. A context that cannot be read has neither: the first use of it says why.
 */
async function readRoot(
  client: GatewayClient,
  solve: Solve,
  fetch: FetchLocal | undefined,
): Promise<readonly [root: ContextRoot | undefined, ignore: string | undefined]> {
  if (fetch === undefined) return [undefined, await readContextIgnore(client, solve)];
  try {
    const root = await fetchRoot(fetch);
    const ignore = root.entries.find(({ name }) => name === ".dockerignore");
    if (ignore === undefined) return [root, undefined];
    // What a link leads to did not come with the root's names.
    const isLink = ignore.kind === "symlink";
    return [
      root,
      await (isLink ? readContextIgnore(client, solve) : readIgnoreFile(root.reference, ".dockerignore")),
    ];
  } catch (error) {
    if (isCanceled(error) || isConnectionLost(error) || isDiagnosticError(error)) throw error;
    return [undefined, undefined];
  }
}

async function readDescription(reference: Reference, path: string, limit: number): Promise<Uint8Array> {
  try {
    return await reference.readFile(path, { offset: 0, length: limit });
  } catch (error) {
    const missing = isNotExist(error);
    if (!missing && !/is a directory|not a regular file/.test(String((error as Error).message))) throw error;
    const what = missing ? "is not there" : "is not a file";
    throw diagnosticError([
      errorAt("GF082", `the description ${path} ${what}`, {
        file: path,
        option: "--file",
        help: "name the description with -f FILE (buildctl: --opt filename=FILE)",
      }),
    ]);
  }
}

/** The session that sends a folder: bake opens one more for a folder that several targets share. */
export function sessionOf(client: GatewayClient, name: string): string {
  return client.buildOpts.opts.get(`local-sessionid:${name}`) ?? client.buildOpts.sessionID;
}

function entrySource(client: GatewayClient, name: string, file: string): State {
  return local(
    name,
    sessionID(sessionOf(client, name)),
    followPaths([file, `${file}.dockerignore`]),
    ...sentAnew(client, name),
    named(`[internal] load build definition from ${file}`),
  );
}

async function readContextIgnore(client: GatewayClient, solve: Solve): Promise<string | undefined> {
  const source = local(
    "context",
    sessionID(sessionOf(client, "context")),
    followPaths([".dockerignore"]),
    ...sentAnew(client, "context-.dockerignore"),
    named("[internal] load .dockerignore"),
  );
  return readIgnoreFile(await solve(source), ".dockerignore");
}

/**
 * An ignore file that need not be there.
 *
 * @throws GF084 for one that is larger than is read
 */
async function readIgnoreFile(reference: Reference, path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await reference.readFile(path, { offset: 0, length: BOUNDS.ignoreFile + 1 });
  } catch {
    // There is no typed "not found": a file that cannot be read is one that is not there.
    return undefined;
  }
  const problem = ignoreFileProblem(path, bytes.length);
  if (problem !== undefined) throw diagnosticError([problem]);
  return new TextDecoder().decode(bytes);
}

function contextSource(
  client: GatewayClient,
  role: string,
  anew: boolean,
  options: readonly LocalOption[],
): State {
  // Transfers are compared with the last one of the same hint, so each use has a hint of its own.
  const hint = `go-frontend-${role}`;
  return local(
    "context",
    sessionID(sessionOf(client, "context")),
    ...(anew ? sentAnew(client, hint) : [sharedKeyHint(hint)]),
    named(`[internal] load build context: ${role}`),
    ...options,
  );
}

/** @param times what the times of the listed files tell, when the graph is made */
function sentFiles(client: GatewayClient, times: FileTimes): Inputs["context"] {
  return ({ paths, exclude, role }) =>
    contextSource(client, role, !times.tell(paths), [
      includePatterns(includedPaths(paths)),
      excludePatterns(exclude),
    ]);
}

/** Of a context that is on the builder, exactly the needed files are copied, so that others are in no key. */
function fetchedFiles(state: State): Inputs["context"] {
  return ({ paths, title }) =>
    scratch().file(
      copy(
        state,
        "/",
        "/",
        { copyDirContentsOnly: true, includePatterns: includedPaths(paths), createDestPath: true },
        withCreatedTime(new Date(0)),
      ),
      named(title),
    );
}

/** A graph that BuildKit or another build handed to us, as a state to build on. */
export function importState(definition: WireDefinition): State {
  return newDefinitionOp(definitionFromPB(definition));
}

interface RemoteContext {
  readonly state: State;
  /** Where the description is, when not in the context itself. */
  readonly entry?: State | undefined;
  readonly entryName?: string | undefined;
  readonly commit?: Promise<GitCommit | undefined> | undefined;
}

/** Clients know the commit of their own checkout and of no other repository: the builder is asked, which fetches it. */
async function commitOf(
  client: GatewayClient,
  source: State,
  origin: string,
): Promise<GitCommit | undefined> {
  const vertex = source.output?.vertex;
  if (vertex?.kind !== "source" || !client.caps.has("source.metaresolver")) return undefined;
  try {
    const { git: meta } = await client.resolveSourceMeta(
      { identifier: vertex.identifier, attrs: Object.fromEntries(vertex.attrs) },
      { logName: `[internal] find the commit of ${origin}` },
    );
    // Of an annotated tag the checksum is the tag's own.
    const revision = meta?.commitChecksum || meta?.checksum;
    return revision ? { revision, origin } : undefined;
  } catch {
    return undefined; // what is wrong with the repository is said when it is loaded
  }
}

async function remoteContext(client: GatewayClient, solve: Solve): Promise<RemoteContext | undefined> {
  const { opts } = client.buildOpts;
  const url = opts.get(opts.get("contextkey") ?? "context");
  const subdir = opts.get("contextsubdir");
  const narrow = (state: State): State =>
    subdir === undefined || subdir === ""
      ? state
      : scratch().file(copy(state, `/${subdir}`, "/", { copyDirContentsOnly: true, createDestPath: true }));
  if (url !== undefined) {
    const parsed = parseGitContext(url);
    if (parsed?.kind === "bad") throw badQuery(url, parsed.problem);
    if (parsed !== undefined) {
      const keep = parseBool(opts.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR") ?? "0") === true;
      const source = gitSource(parsed, keep);
      return { state: narrow(source), commit: commitOf(client, source, parsed.url) };
    }
    if (/^https?:\/\//.test(url)) return archiveContext(solve, url, narrow);
  }
  if (!client.caps.has("frontend.inputs")) return undefined;
  const inputs = await client.inputs();
  const context = inputs.get("context");
  const entry = inputs.get("dockerfile");
  if (context === undefined) return undefined;
  return {
    state: narrow(importState(context)),
    ...(entry === undefined ? {} : { entry: importState(entry) }),
  };
}

function gitSource(context: GitContext, keep: boolean): State {
  const { url, ref, subdir, checksum, mtime } = context;
  return git(
    url,
    "",
    gitRef(ref),
    gitSubDir(subdir),
    ...(context.keepGitDir === true || keep ? [keepGitDir] : []),
    ...(checksum === "" ? [] : [gitChecksum(checksum)]),
    ...(context.submodules ? [] : [gitSkipSubmodules]),
    ...(mtime === undefined ? [] : [gitMTime(mtime)]),
    ...(context.fetchByCommit ? [gitFetchByCommit] : []),
    named(`[internal] load git source ${url}`),
  );
}

function badQuery(url: string, problem: string): Error {
  return diagnosticError([
    errorAt("GF081", `the build context ${withoutCredentials(url)}: ${problem}`, {
      option: "CONTEXT",
      help: `the query of a git URL takes ${GIT_QUERY_KEYS.join(", ")}, each once`,
    }),
  ]);
}

/** A token in a URL is not to be printed. */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
}

/** A URL is an archive of the source, or the description alone (then the source tree is empty). */
async function archiveContext(
  solve: Solve,
  url: string,
  narrow: (state: State) => State,
): Promise<RemoteContext> {
  const download = http(url, filename("context"), named(`[internal] load remote build context`));
  const reference = await solve(download);
  const head = await reference.readFile("context", { offset: 0, length: 1024 });
  if (!isArchive(head)) {
    return {
      state: scratch().file(copy(download, "/context", "/context")),
      entry: download,
      entryName: "context",
    };
  }
  return {
    state: narrow(
      scratch().file(copy(download, "/context", "/", { attemptUnpack: true, createDestPath: true })),
    ),
  };
}

/** bzip2, gzip, xz, or a tar header. */
function isArchive(head: Uint8Array): boolean {
  const magic = [
    [0x42, 0x5a, 0x68],
    [0x1f, 0x8b, 0x08],
    [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  ];
  const starts = magic.some((bytes) => bytes.every((byte, index) => head[index] === byte));
  return starts || new TextDecoder("latin1").decode(head.subarray(257, 262)) === "ustar";
}
