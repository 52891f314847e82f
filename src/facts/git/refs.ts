import { onceMade } from "../once.ts";
import { type GitEntry, type GitFiles, readText } from "./files.ts";

/** A tag and the object that it names. */
export interface TagRef {
  /** Without `refs/tags/`. */
  readonly name: string;
  readonly object: string;
  /** What an annotated tag leads to, where the reference says so. */
  readonly peeled?: string | undefined;
}

/** Bytes of packed-refs: some 70 for a reference. */
const MOST_PACKED = 16 << 20;
const MOST_REF = 4096;
/** Folders of loose tags that are looked into. */
const MOST_FOLDERS = 200;

/** Names of objects: a repository has those of SHA-1, or those of SHA-256 (git's git-init(1), `--object-format`). */
export const isObjectName = (text: string): boolean => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text);

/** The references of a repository. Each file of them is read once. */
export interface Refs {
  /** The commit that HEAD stands for (git's gitrepository-layout(5)). */
  head(): Promise<string | undefined>;
  /** All tags, by name; undefined: more than are read. */
  tags(): Promise<readonly TagRef[] | undefined>;
}

/**
 * @param worktree the folder of the worktree, which has HEAD
 * @param common the repository's folder, which has the references
 */
export function openRefs(worktree: GitFiles, common: GitFiles): Refs {
  const packed = onceMade(() => packedRefs(common));
  return {
    head: onceMade(() => headOf(worktree, common, packed)),
    tags: onceMade(() => tagsOf(common, packed)),
  };
}

type Packed = () => Promise<ReadonlyMap<string, PackedRef>>;

async function headOf(worktree: GitFiles, common: GitFiles, packed: Packed): Promise<string | undefined> {
  let text = (await readText(worktree, "HEAD", MOST_REF))?.trim();
  for (let links = 0; links < 5 && text?.startsWith("ref:") === true; links++) {
    const name = text.slice("ref:".length).trim();
    if (!/^refs\/[^\0\n]+$/.test(name)) return undefined;
    text = (await readText(common, name, MOST_REF))?.trim() ?? (await packed()).get(name)?.object;
  }
  return text !== undefined && isObjectName(text) ? text : undefined;
}

interface PackedRef {
  readonly object: string;
  readonly peeled?: string | undefined;
}

async function packedRefs(common: GitFiles): Promise<ReadonlyMap<string, PackedRef>> {
  const refs = new Map<string, PackedRef>();
  let last = "";
  for (const line of ((await readText(common, "packed-refs", MOST_PACKED)) ?? "").split("\n")) {
    const peeled = line.startsWith("^") ? line.slice(1) : "";
    const before = refs.get(last);
    if (isObjectName(peeled) && before !== undefined) refs.set(last, { ...before, peeled });
    const [, object = "", name] = /^([0-9a-f]+) (\S.*)$/.exec(line) ?? [];
    if (!isObjectName(object) || name === undefined) continue;
    last = name;
    refs.set(name, { object });
  }
  return refs;
}

async function tagsOf(common: GitFiles, packed: Packed): Promise<readonly TagRef[] | undefined> {
  const prefix = "refs/tags/";
  const tags = new Map<string, TagRef>();
  for (const [ref, { object, peeled }] of await packed()) {
    const name = ref.slice(prefix.length);
    if (ref.startsWith(prefix)) tags.set(name, { name, object, peeled });
  }
  // A loose reference is newer than a packed one of its name. Those of a folder are read in one round.
  const folders = ["refs/tags"];
  for (let at = 0; at < folders.length; at++) {
    if (at > MOST_FOLDERS) return undefined;
    const folder = folders[at] ?? "";
    const entries = [...((await common.list(folder)) ?? new Map<string, GitEntry>())];
    folders.push(...entries.flatMap(([name, { kind }]) => (kind === "dir" ? [`${folder}/${name}`] : [])));
    const loose = entries.flatMap(([name, { kind }]) => (kind === "file" ? [`${folder}/${name}`] : []));
    const objects = await Promise.all(loose.map((path) => readText(common, path, MOST_REF)));
    for (const [index, path] of loose.entries()) {
      const object = objects[index]?.trim() ?? "";
      const name = path.slice(prefix.length);
      if (isObjectName(object)) tags.set(name, { name, object });
    }
  }
  return [...tags.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
