// A build context that the builder has or fetches itself.
import type { GatewayClient } from "../../gateway/index.ts";
import { includedPaths, type Inputs, named } from "../../graph/index.ts";
import { copy, scratch, type State, withCreatedTime } from "../../llb/index.ts";
import { archiveContext } from "./archive.ts";
import { commitOf, type FetchedCommit, gitState } from "./git-source.ts";
import { importState } from "./import-state.ts";
import type { SolveState } from "./solve-state.ts";

/** A context that the builder has or fetches. */
export interface RemoteContext {
  readonly state: State;
  /** Where the description is, when not in the context itself. */
  readonly entry?: State | undefined;
  readonly entryName?: string | undefined;
  readonly commit?: Promise<FetchedCommit | undefined> | undefined;
}

/**
 * The context that the client names: a git repository, an archive or a description at a URL, or another build's result.
 *
 * @returns undefined where it is a folder of the client
 * @throws GF081 for a git URL whose query makes no sense
 */
export async function remoteContext(
  client: GatewayClient,
  solve: SolveState,
): Promise<RemoteContext | undefined> {
  const { opts } = client.buildOpts;
  const url = opts.get(opts.get("contextkey") ?? "context");
  const subdir = opts.get("contextsubdir") ?? "";
  if (url !== undefined) {
    const repository = gitState(url, opts);
    if (repository !== undefined) {
      const { state, origin } = repository;
      return { state: below(subdir, state), commit: commitOf(client, state, origin) };
    }
    if (/^https?:\/\//.test(url)) {
      const archive = await archiveContext(solve, url);
      return archive.entry === undefined ? { state: below(subdir, archive.state) } : archive;
    }
  }
  if (!client.caps.has("frontend.inputs")) return undefined;
  const inputs = await client.inputs();
  const context = inputs.get("context");
  const entry = inputs.get("dockerfile");
  if (context === undefined) return undefined;
  return {
    state: below(subdir, importState(context)),
    entry: entry === undefined ? undefined : importState(entry),
  };
}

/** The folder `subdir` of a state; empty: the state itself. */
function below(subdir: string, state: State): State {
  return subdir === ""
    ? state
    : scratch().file(copy(state, `/${subdir}`, "/", { copyDirContentsOnly: true, createDestPath: true }));
}

/** Of a context that is on the builder, exactly the needed files are copied, so that others are in no key. */
export function copiedFiles(state: State): Inputs["context"] {
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
