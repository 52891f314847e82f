// What is known of the commit that is built, and from whom.
import type { Described, OpenTree, Repository } from "../facts/index.ts";
import type { ScannedProgram } from "./inspected.ts";
import type { Revision } from "./types.ts";

/** Where more of the commit can be learned than the client tells. */
export interface CommitSource {
  /** The repository that the build context has with it. */
  readonly repository?: Repository | undefined;
  /** Why there is none, to end a sentence with. */
  readonly absent?: { readonly why: string; readonly help: string } | undefined;
  /** Of a context that the builder fetched from a repository: when its commit was made. */
  readonly time?: number | undefined;
}

/** Asked only where a stamp is in use: the answer may be a round trip. */
export type FindCommit = () => Promise<CommitSource>;

/** What the stamps of a build need to know. */
export interface Wanted {
  readonly names: ReadonlySet<string>;
  /** Programs that tell their commit in the build information. */
  readonly stamped: readonly ScannedProgram[];
  readonly mustBeClean: boolean;
  /** The files that decide whether the tree differs; undefined where not all of them are known. */
  readonly committed: () => Promise<readonly string[] | undefined>;
}

/** What is known of a commit. */
export interface KnownCommit extends Revision {
  readonly tags?: readonly string[] | undefined;
  readonly described?: Described | "none" | undefined;
  /** The main modules' versions as the go command names them. */
  readonly versions?: ReadonlyMap<ScannedProgram, string | undefined> | undefined;
  readonly unreadPacks?: number | undefined;
  /** Whether the repository borrows objects from one that is not looked into. */
  readonly borrows?: boolean | undefined;
}

/** Asks for what is wanted, and for nothing else. */
export async function learnCommit(
  { names, stamped, mustBeClean, committed }: Wanted,
  tree: OpenTree,
  told: Revision,
  { repository, time }: CommitSource,
): Promise<KnownCommit> {
  if (repository === undefined) return { ...told, time: told.time ?? time };
  const commit = told.commit ?? (await repository.head());
  if (commit === undefined) return told;
  const isStamped = stamped.length > 0;
  const needsDirty = isStamped || mustBeClean || names.has("git.dirty") || names.has("git.describe");
  const differs = async (): Promise<boolean | undefined> => {
    const files = await committed();
    return files === undefined ? undefined : repository.differs(commit, tree, files);
  };
  const [committedAt, tags, described, dirty, source, versions] = await Promise.all([
    isStamped || names.has("git.time") ? repository.time(commit) : undefined,
    names.has("git.tag") ? repository.tags(commit) : undefined,
    names.has("git.describe") ? repository.describe(commit) : undefined,
    needsDirty ? differs() : undefined,
    told.source ?? repository.source(),
    Promise.all(
      stamped.map(async (program) => [program, await repository.version(commit, program.module)] as const),
    ),
  ]);
  const isMissing =
    (names.has("git.time") && committedAt === undefined) ||
    (names.has("git.tag") && tags === undefined) ||
    (names.has("git.describe") && described === undefined) ||
    (names.has("git.dirty") && dirty === undefined);
  return {
    ...told,
    commit,
    source,
    time: told.time ?? committedAt,
    tags,
    described,
    dirty: dirty ?? told.dirty,
    versions: new Map(versions),
    unreadPacks: await repository.unreadPacks(),
    borrows: isMissing ? await repository.borrows() : undefined,
  };
}
