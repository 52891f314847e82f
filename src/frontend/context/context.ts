// Where the source comes from: a folder of the client, a git repository, an archive, another build's result.
import { ignoredBy, ignoreProblems, ignoreRules, type OpenTree, openTree } from "../../facts/index.ts";
import type { GatewayClient } from "../../gateway/index.ts";
import type { Inputs } from "../../graph/index.ts";
import {
  type ContextRules,
  type ContextStep,
  type FindCommit,
  onceAsked,
  type Revision,
} from "../../plan/index.ts";
import type { Diagnostic } from "../../description/index.ts";
import { clientFolder, entrySource } from "./client-folder.ts";
import { type Entry, type EntryFiles, readEntry } from "./entry-files.ts";
import { copiedFiles, remoteContext, type RemoteContext } from "./remote-context.ts";
import { remoteTree } from "./remote-tree.ts";
import { CANNOT_LIST, repositoryIn } from "./repository-in.ts";
import type { SolveState } from "./solve-state.ts";

/** The description's bytes and how the source tree is reached. */
export interface BuildContext extends SourceFiles {
  /** At most one byte more than a description may have. */
  readonly description: Uint8Array;
  /** Digest of the vertex that loaded it, for warnings; undefined when it is not known. */
  readonly vertex: string | undefined;
}

/** The source tree, as planning reads it and as steps get it. */
interface SourceFiles {
  readonly tree: OpenTree;
  /** How its files reach the builder, and the states of those that steps ask for. */
  readonly rules: ContextRules;
  readonly files: Inputs["context"];
  /** To be awaited before `files` is asked for what these steps need: what may be left unsent depends on it. */
  readonly lookAt: (steps: readonly ContextStep[]) => Promise<void>;
  /** What is wrong with the ignore file: nothing of the tree can be read then. */
  readonly problems: readonly Diagnostic[];
  /** The commit, where the context is a git repository and the builder can tell. */
  readonly commit?: Revision | undefined;
  /** Finds what more can be told of the commit. */
  readonly findCommit: FindCommit;
}

/**
 * Opens the build context and reads the description. moby/buildkit:frontend/dockerui/context.go has the rules.
 *
 * @param filename where the description is, as the client says
 * @param limit bytes of the description to read at most
 * @throws GF081 and GF082 for a context or a description that cannot be read, GF084 for too large an ignore file
 */
export async function openContext(
  client: GatewayClient,
  solve: SolveState,
  filename: string,
  limit: number,
): Promise<BuildContext> {
  const remote = await remoteContext(client, solve);
  const entry = entryOf(client, remote, filename);
  const opened = await (remote === undefined
    ? openSent(client, solve, filename, readEntry(solve, entry, limit))
    : openFetched(solve, remote, readEntry(solve, entry, limit)));
  return { ...opened, vertex: entry.state.marshal().head };
}

/** The description comes with a remote context, unless the client names the folder that it is in. */
function entryOf(client: GatewayClient, remote: RemoteContext | undefined, filename: string): Entry {
  const folder = client.buildOpts.opts.get("dockerfilekey");
  const path = remote?.entryName ?? filename;
  if (remote === undefined || folder !== undefined) {
    return { state: entrySource(client, folder ?? "dockerfile", filename), path };
  }
  return { state: remote.entry ?? remote.state, path };
}

type Opened = Omit<BuildContext, "vertex">;

async function openFetched(
  solve: SolveState,
  remote: RemoteContext,
  entry: Promise<EntryFiles>,
): Promise<Opened> {
  const { description } = await entry;
  const [reference, commit] = await Promise.all([solve(remote.state), remote.commit]);
  const tree = remoteTree(reference);
  return {
    description,
    tree: openTree(tree),
    rules: { kind: "fetched" },
    files: copiedFiles(remote.state),
    lookAt: () => Promise.resolve(),
    problems: [],
    commit: commit?.revision,
    findCommit: commit?.find ?? onceAsked(() => repositoryIn(tree)),
  };
}

async function openSent(
  client: GatewayClient,
  solve: SolveState,
  filename: string,
  entry: Promise<EntryFiles>,
): Promise<Opened> {
  const folder = clientFolder(client, solve);
  const [{ description, ignore: ofDescription }, root] = await Promise.all([entry, folder.readRoot()]);
  const rules = ignoreRules(filename, ofDescription, root.ignore);
  const ignore = rules.map(({ pattern }) => pattern);
  const { tree: sent, files, lookAt } = folder.open(ignore, root.listing);
  const tree = { ...sent, ignoredBy: ignoredBy(rules) };
  const canList = sent.listPackages !== undefined;
  return {
    description,
    tree: openTree(tree),
    findCommit: onceAsked(() => (canList ? repositoryIn(tree) : Promise.resolve(CANNOT_LIST))),
    rules: { kind: "sent", ignore },
    files,
    lookAt,
    problems: ignoreProblems(rules),
  };
}
