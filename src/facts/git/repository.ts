import { parseGoMod } from "../modfile/go-mod.ts";
import { once, onceMade } from "../once.ts";
import type { OpenTree } from "../open-tree.ts";
import { joinPath } from "../paths.ts";
import { ALTERNATES, alternatesIn } from "./alternates.ts";
import { differs } from "./changes.ts";
import { type CommittedTree, openCommittedTree } from "./committed-tree.ts";
import { sourceOf } from "./config.ts";
import { describeCommit, type Described } from "./describe.ts";
import { type GitFiles, readText } from "./files.ts";
import { highestBefore } from "./highest-version.ts";
import { openHistory, type Tag } from "./history.ts";
import { highest, type VersionedModule, versioningOf } from "./main-version.ts";
import { openRefs } from "./refs.ts";

/** Where git keeps a repository, and where the build context is in it. */
export interface GitPlace {
  /** The folder of the worktree: HEAD. */
  readonly worktree: GitFiles;
  /** The folder that all worktrees share: references and objects. */
  readonly common: GitFiles;
  /** Folders of repositories that it borrows objects from, as far as they can be reached; absent: none is looked for. */
  readonly alternates?: readonly GitFiles[] | undefined;
  /** `.` or `services/orders`. */
  readonly context: string;
  /** Text of the go.mod in the repository's root; undefined: there is none. */
  readonly goMod: () => Promise<string | undefined>;
}

/** What a repository tells of a commit. Undefined is: it cannot be told. */
export interface Repository {
  head(): Promise<string | undefined>;
  /** When it was committed, in seconds since 1970. */
  time(commit: string): Promise<number | undefined>;
  /** Names of its tags, sorted. */
  tags(commit: string): Promise<readonly string[] | undefined>;
  describe(commit: string): Promise<Described | "none" | undefined>;
  /** URL of the remote that clients take for the source, without a login. */
  source(): Promise<string | undefined>;
  /**
   * The version that the go command gives a module at a commit; undefined: it gives none, or only a proxy could tell.
   *
   * @param module its path, and its directory in the build context
   */
  version(commit: string, module: Omit<VersionedModule, "root">): Promise<string | undefined>;
  /** Whether files of the build context differ from it; see {@link differs}. */
  differs(commit: string, tree: OpenTree, paths: readonly string[]): Promise<boolean | undefined>;
  /** Bytes of packs, where they are more than is read for a stamp. */
  unreadPacks(): Promise<number | undefined>;
  /** Whether some of its objects may be in a repository that is not looked into. */
  borrows(): Promise<boolean>;
}

/** What services of one description ask for alike is read, and worked out, once. */
export function openRepository({ worktree, common, alternates, context, goMod }: GitPlace): Repository {
  const refs = openRefs(worktree, common);
  const history = openHistory(common, alternates);
  const allTags = onceMade(async (): Promise<readonly Tag[] | undefined> => {
    const found = await refs.tags();
    return found === undefined ? undefined : history.commitsOf(found);
  });
  const rootMod = onceMade(async () => parseGoMod("go.mod", (await goMod()) ?? ""));
  const trees = new Map<string, Promise<CommittedTree | undefined>>();
  const described = new Map<string, ReturnType<Repository["describe"]>>();
  const versions = new Map<string, Promise<string | undefined>>();

  const describe: Repository["describe"] = async (commit) => {
    const tags = await allTags();
    return tags === undefined ? undefined : describeCommit(history, commit, tags);
  };

  const version: Repository["version"] = async (commit, { path, dir }) => {
    const { module, retract } = await rootMod();
    const root = module?.value;
    const place = joinPath(context, dir);
    const versioning =
      root === undefined || place === undefined ? undefined : versioningOf({ path, dir: place, root });
    // Which versions were retracted stands in the newest one, which a proxy knows.
    if (versioning === undefined || retract.length > 0) return undefined;
    const tags = await allTags();
    const time = (await history.commit(commit))?.time;
    if (tags === undefined || time === undefined) return undefined;
    const named = tags.flatMap((tag) => {
      const read = versioning.versionOf(tag.name);
      return read === undefined ? [] : [{ ...read, commit: tag.commit }];
    });
    const exact = named.filter((tag) => tag.commit === commit && tag.isCanonical);
    if (exact.length > 0) return highest(exact.map((tag) => tag.version));
    const base = await highestBefore(history, commit, named);
    if (base === undefined) return undefined;
    return versioning.pseudo(base.version, time, commit);
  };

  return {
    head: () => refs.head(),
    time: async (commit) => (await history.commit(commit))?.time,
    tags: async (commit) => (await allTags())?.filter((tag) => tag.commit === commit).map(({ name }) => name),
    describe: (commit) => once(described, commit, () => describe(commit)),
    source: onceMade(() => sourceOf(common)),
    version: (commit, module) =>
      once(versions, JSON.stringify([commit, module.path, module.dir]), () => version(commit, module)),
    differs: async (commit, tree, paths) => {
      const committed = await once(trees, commit, () => openCommittedTree(history, commit));
      return committed && differs(committed, tree, context, paths);
    },
    unreadPacks: () => history.objects.unreadPacks(),
    borrows: async () =>
      alternates === undefined &&
      alternatesIn((await readText(common, ALTERNATES, 1 << 16)) ?? "").length > 0,
  };
}

/** The `gitdir:` that a `.git` file names, as it is written (git's gitrepository-layout(5)). */
export function gitDirIn(text: string): string | undefined {
  return /^gitdir: ([^\0\n]+)\n?$/.exec(text)?.[1];
}
