import { parseCommit } from "../../facts/index.ts";
import type { GatewayClient, GitMeta } from "../../gateway/index.ts";
import { named } from "../../graph/index.ts";
import {
  git,
  gitChecksum,
  gitFetchByCommit,
  gitMTime,
  gitRef,
  gitSkipSubmodules,
  gitSubDir,
  keepGitDir,
  type State,
} from "../../llb/index.ts";
import { diagnosticError, errorAt } from "../../description/index.ts";
import { type FindCommit, onceAsked, type Revision } from "../../plan/index.ts";
import { withoutCredentials } from "../without-credentials.ts";
import { GIT_QUERY_KEYS, type GitContext, parseBool, parseGitContext } from "./git-url.ts";

/** The commit of a context that the builder fetched from a repository. */
export interface FetchedCommit {
  readonly revision: Revision;
  readonly find: FindCommit;
}

/**
 * A git repository as build context; undefined where the context is something else.
 *
 * @throws GF081 for a URL whose query makes no sense
 */
export function gitState(
  context: string,
  opts: ReadonlyMap<string, string>,
): { readonly state: State; readonly origin: string } | undefined {
  const parsed = parseGitContext(context);
  if (parsed === undefined) return undefined;
  if (parsed.kind === "bad") throw badQuery(context, parsed.problem);
  const keep = parseBool(opts.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR") ?? "0") === true;
  return { state: gitSource(parsed, keep), origin: parsed.url };
}

/** Clients know the commit of their own checkout and of no other repository: the builder is asked, which fetches it. */
export async function commitOf(
  client: GatewayClient,
  state: State,
  origin: string,
): Promise<FetchedCommit | undefined> {
  const vertex = state.output?.vertex;
  if (vertex?.kind !== "source" || !client.caps.has("source.metaresolver")) return undefined;
  const ask = async (returnObject: boolean): Promise<GitMeta | undefined> => {
    const { git: meta } = await client.resolveSourceMeta(
      { identifier: vertex.identifier, attrs: Object.fromEntries(vertex.attrs) },
      {
        logName: `[internal] find the commit of ${withoutCredentials(origin)}`,
        ...(returnObject ? { git: { returnObject } } : {}),
      },
    );
    return meta;
  };
  try {
    const meta = await ask(false);
    // Of an annotated tag the checksum is the tag's own.
    const commit = meta?.commitChecksum || meta?.checksum;
    if (!commit) return undefined;
    const tag = /^refs\/tags\/(.+)$/.exec(meta?.ref ?? "")?.[1];
    return {
      // What was fetched is what was committed.
      revision: { commit, source: origin, dirty: false, ...(tag === undefined ? {} : { tag }) },
      find: onceAsked(async () => ({ time: await timeOf(ask) })),
    };
  } catch {
    return undefined; // what is wrong with the repository is said when it is loaded
  }
}

/** When the commit was made. A builder that is older than this question gives no object. */
async function timeOf(
  ask: (returnObject: boolean) => Promise<GitMeta | undefined>,
): Promise<number | undefined> {
  try {
    const object = (await ask(true))?.commitObject;
    return object === undefined ? undefined : parseCommit(object)?.time;
  } catch {
    return undefined;
  }
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
    named(`[internal] load git source ${withoutCredentials(url)}`),
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
