// A folder of the client as build context: its files are sent over the client's session.
import { HEADER_BYTES, headerBytes, type SourceTree } from "../../facts/index.ts";
import { type GatewayClient, isCanceled, isConnectionLost } from "../../gateway/index.ts";
import { includedPaths, type Inputs, named } from "../../graph/index.ts";
import {
  excludePatterns,
  followPaths,
  includePatterns,
  local,
  type LocalOption,
  metadataOnlyTransfer,
  sessionID,
  sharedKeyHint,
  type State,
} from "../../llb/index.ts";
import type { ContextStep } from "../../plan/index.ts";
import { isDiagnosticError } from "../../description/index.ts";
import { type ContextRoot, fetchRoot } from "./context-root.ts";
import { type FileTimes, fileTimes } from "./file-times.ts";
import { readIgnoreFile } from "./ignore-file.ts";
import { timesLearner } from "./learn-times.ts";
import type { FetchLocal } from "./local-request.ts";
import { localTree } from "./local-tree.ts";
import { sentAnew } from "./sent-anew.ts";
import type { SolveState } from "./solve-state.ts";

/** A folder of which nothing was asked yet. */
export interface ClientFolder {
  /** @throws GF084 for an ignore file that is larger than is read */
  readonly readRoot: () => Promise<FolderRoot>;
  /**
   * @param ignore patterns of what is left out
   * @param listing the root's, as `readRoot` gave it
   */
  readonly open: (ignore: readonly string[], listing: ContextRoot | undefined) => OpenFolder;
}

/** A folder that cannot be read has neither: the first use of it says why. */
export interface FolderRoot {
  /** Names in the root; absent too where the builder cannot list without contents. */
  readonly listing: ContextRoot | undefined;
  /** Text of the folder's ignore file. */
  readonly ignore: string | undefined;
}

/** A folder as planning reads it, and as steps get it. */
export interface OpenFolder {
  readonly tree: SourceTree;
  readonly files: Inputs["context"];
  /** Learns what `files` has to know of the files that steps need. */
  readonly lookAt: (steps: readonly ContextStep[]) => Promise<void>;
}

/** One of the client's folders. */
interface Folder {
  /** As the client sends it. */
  readonly name: string;
  /** Of what its transfers are called. */
  readonly title: string;
}

const CONTEXT: Folder = { name: "context", title: "build context" };

/** The folder that the client hands in as a named context, `--build-context NAME=FOLDER`. */
export function namedFolder(client: GatewayClient, solve: SolveState, name: string): ClientFolder {
  return clientFolder(client, solve, { name, title: name });
}

/** The client's folder `context`. */
export function clientFolder(client: GatewayClient, solve: SolveState, of = CONTEXT): ClientFolder {
  const canListOnly = client.llbCaps.has("source.local.metadatatransfer");
  const fetchWithout =
    (ignore: readonly string[]): FetchLocal =>
    ({ include, exclude, content, role, anew }) =>
      solve(
        contextSource(client, of, role, anew, [
          includePatterns(include),
          excludePatterns([...exclude, ...ignore]),
          ...(content === undefined ? [] : [metadataOnlyTransfer(content)]),
        ]),
      );
  return {
    readRoot: () =>
      canListOnly ? readRoot(client, solve, of, fetchWithout([])) : ignoreFileAlone(client, solve, of),
    open: (ignore, listing) => {
      const room = HEADER_BYTES - headerBytes(ignore);
      const times = listing?.times ?? fileTimes();
      const known = ignore.length === 0 ? listing : undefined;
      return {
        tree: localTree(fetchWithout(ignore), canListOnly, known, room, times),
        files: sentFiles(client, of, times),
        lookAt: canListOnly ? timesLearner(fetchWithout([]), times) : () => Promise.resolve(),
      };
    },
  };
}

async function readRoot(
  client: GatewayClient,
  solve: SolveState,
  of: Folder,
  fetch: FetchLocal,
): Promise<FolderRoot> {
  try {
    const listing = await fetchRoot(fetch);
    const ignore = listing.entries.find(({ name }) => name === ".dockerignore");
    if (ignore === undefined) return { listing, ignore };
    // What a link leads to did not come with the root's names.
    if (ignore.kind === "symlink") return { ...(await ignoreFileAlone(client, solve, of)), listing };
    return { listing, ignore: await readIgnoreFile(listing.reference, ".dockerignore") };
  } catch (error) {
    if (isCanceled(error) || isConnectionLost(error) || isDiagnosticError(error)) throw error;
    return { listing: undefined, ignore: undefined };
  }
}

async function ignoreFileAlone(
  client: GatewayClient,
  solve: SolveState,
  { name }: Folder,
): Promise<FolderRoot> {
  const source = local(
    name,
    sessionID(sessionOf(client, name)),
    followPaths([".dockerignore"]),
    ...sentAnew(client, `${name}-.dockerignore`),
    named(`[internal] load .dockerignore${name === CONTEXT.name ? "" : ` of ${name}`}`),
  );
  return { listing: undefined, ignore: await readIgnoreFile(await solve(source), ".dockerignore") };
}

/** The session that sends a folder: bake opens one more for a folder that several targets share. */
export function sessionOf(client: GatewayClient, name: string): string {
  return client.buildOpts.opts.get(`local-sessionid:${name}`) ?? client.buildOpts.sessionID;
}

/** The description and its ignore file, from the client's folder `name`. */
export function entrySource(client: GatewayClient, name: string, file: string): State {
  return local(
    name,
    sessionID(sessionOf(client, name)),
    followPaths([file, `${file}.dockerignore`]),
    ...sentAnew(client, name),
    named(`[internal] load build definition from ${file}`),
  );
}

/** @param times what the times of the listed files tell, when the graph is made */
function sentFiles(client: GatewayClient, of: Folder, times: FileTimes): Inputs["context"] {
  return ({ paths, exclude, role }) =>
    contextSource(client, of, role, !times.tell(paths), [
      includePatterns(includedPaths(paths)),
      excludePatterns(exclude),
    ]);
}

function contextSource(
  client: GatewayClient,
  { name, title }: Folder,
  role: string,
  anew: boolean,
  options: readonly LocalOption[],
): State {
  // Transfers are compared with the last one of the same hint, so each use has a hint of its own.
  const hint = `go-frontend-${role}`;
  return local(
    name,
    sessionID(sessionOf(client, name)),
    ...(anew ? sentAnew(client, hint) : [sharedKeyHint(hint)]),
    named(`[internal] load ${title}: ${role}`),
    ...options,
  );
}
