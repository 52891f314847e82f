import { once, onceMade } from "../once.ts";
import { type Commit, parseCommit, parseTag } from "./commit.ts";
import { type GitFiles, readText } from "./files.ts";
import { openObjects, type Objects } from "./objects.ts";
import { isObjectName, type TagRef } from "./refs.ts";

/** Commits that are walked through for one stamp: a second, and 30 MB of the little that a frontend may take. */
export const MOST_COMMITS = 5_000;
const MOST_SHALLOW = 4 << 20;

/** A tag of a commit. */
export interface Tag {
  readonly name: string;
  readonly commit: string;
  readonly annotated: boolean;
  /** The object that it names: the commit, or what annotates it. */
  readonly object: string;
}

export interface History {
  readonly objects: Objects;
  /** Undefined: it cannot be read. In a shallow clone the last commits have no parents. */
  commit(name: string): Promise<Commit | undefined>;
  /** The tags as what they name; undefined: some cannot be read. */
  commitsOf(refs: readonly TagRef[]): Promise<readonly Tag[] | undefined>;
  /** When an annotated tag was made. */
  tagTime(tag: Tag): Promise<number>;
}

export function openHistory(common: GitFiles, alternates: readonly GitFiles[] = []): History {
  const objects = openObjects(common, alternates);
  const commits = new Map<string, Promise<Commit | undefined>>();
  const cut = onceMade(() => shallow(common));
  const load = async (name: string): Promise<Commit | undefined> => {
    const [object, last] = await Promise.all([objects.read(name), cut()]);
    const commit = object?.type === "commit" ? parseCommit(object.bytes) : undefined;
    return commit !== undefined && last.has(name) ? { ...commit, parents: [] } : commit;
  };
  const readTag = async (object: string) => {
    const found = await objects.read(object);
    return found?.type === "tag" ? parseTag(found.bytes) : undefined;
  };
  const commitOf = async (ref: TagRef): Promise<Tag | "none" | undefined> => {
    const { name, object, peeled } = ref;
    if (peeled !== undefined) return { name, object, commit: peeled, annotated: true };
    const found = await objects.read(object);
    if (found === undefined) return undefined;
    if (found.type === "commit") return { name, object, commit: object, annotated: false };
    let tag = found.type === "tag" ? parseTag(found.bytes) : undefined;
    for (let depth = 0; tag?.type === "tag" && depth < 5; depth++) tag = await readTag(tag.object);
    return tag?.type === "commit" ? { name, object, commit: tag.object, annotated: true } : "none";
  };
  return {
    objects,
    commit: (name) => once(commits, name, () => load(name)),
    commitsOf: async (refs) => {
      const tags = await Promise.all(refs.map(commitOf));
      if (tags.includes(undefined)) return undefined;
      return tags.filter((tag) => tag !== undefined && tag !== "none");
    },
    tagTime: async ({ object }) => (await readTag(object))?.time ?? 0,
  };
}

/** Commits of a shallow clone whose parents were not fetched (git's gitrepository-layout(5), `shallow`). */
async function shallow(common: GitFiles): Promise<ReadonlySet<string>> {
  return new Set(((await readText(common, "shallow", MOST_SHALLOW)) ?? "").split("\n").filter(isObjectName));
}
