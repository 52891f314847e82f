import { parseGoMod } from "../modfile/go-mod.ts";
import type { OpenTree } from "../open-tree.ts";
import { joinPath } from "../paths.ts";
import { differs } from "./changes.ts";
import { sourceOf } from "./config.ts";
import { describeCommit, type Described, highestBefore } from "./describe.ts";
import type { GitFiles } from "./files.ts";
import { openHistory, type Tag } from "./history.ts";
import { highest, type VersionedModule, versioningOf } from "./main-version.ts";
import { headOf, tagsOf } from "./refs.ts";

/** Where git keeps a repository, and where the build context is in it. */
export interface GitPlace {
  /** The folder of the worktree: HEAD. */
  readonly worktree: GitFiles;
  /** The folder that all worktrees share: references and objects. */
  readonly common: GitFiles;
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
}

export function openRepository({ worktree, common, context, goMod }: GitPlace): Repository {
  const history = openHistory(common);
  let found: Promise<readonly Tag[] | undefined> | undefined;
  const allTags = (): Promise<readonly Tag[] | undefined> =>
    (found ??= tagsOf(common).then((refs) => (refs === undefined ? undefined : history.commitsOf(refs))));
  const tagsAt = async (commit: string): Promise<readonly string[] | undefined> =>
    (await allTags())?.filter((tag) => tag.commit === commit).map(({ name }) => name);

  const version: Repository["version"] = async (commit, { path, dir }) => {
    const rootMod = parseGoMod("go.mod", (await goMod()) ?? "");
    const root = rootMod.module?.value;
    const place = joinPath(context, dir);
    const versioning =
      root === undefined || place === undefined ? undefined : versioningOf({ path, dir: place, root });
    // Which versions were retracted stands in the newest one, which a proxy knows.
    if (versioning === undefined || rootMod.retract.length > 0) return undefined;
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
    head: () => headOf(worktree, common),
    time: async (commit) => (await history.commit(commit))?.time,
    tags: tagsAt,
    describe: async (commit) => {
      const tags = await allTags();
      return tags === undefined ? undefined : describeCommit(history, commit, tags);
    },
    source: () => sourceOf(common),
    version,
    differs: (commit, tree, paths) => differs(history, commit, tree, context, paths),
    unreadPacks: () => history.objects.unreadPacks(),
  };
}

/** The `gitdir:` that a `.git` file names, as it is written (git's gitrepository-layout(5)). */
export function gitDirIn(text: string): string | undefined {
  return /^gitdir: ([^\0\n]+)\n?$/.exec(text)?.[1];
}
