import type { GatewayClient } from "../../gateway/index.ts";
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
import { withoutCredentials } from "../without-credentials.ts";
import { GIT_QUERY_KEYS, type GitContext, parseBool, parseGitContext } from "./git-url.ts";

/** The commit of a repository. */
export interface GitCommit {
  readonly revision: string;
  /** URL of the repository. */
  readonly origin: string;
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
  source: State,
  origin: string,
): Promise<GitCommit | undefined> {
  const vertex = source.output?.vertex;
  if (vertex?.kind !== "source" || !client.caps.has("source.metaresolver")) return undefined;
  try {
    const { git: meta } = await client.resolveSourceMeta(
      { identifier: vertex.identifier, attrs: Object.fromEntries(vertex.attrs) },
      { logName: `[internal] find the commit of ${withoutCredentials(origin)}` },
    );
    // Of an annotated tag the checksum is the tag's own.
    const revision = meta?.commitChecksum || meta?.checksum;
    return revision ? { revision, origin } : undefined;
  } catch {
    return undefined; // what is wrong with the repository is said when it is loaded
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
