import type { OpenTree } from "../open-tree.ts";
import { childPath, joinPath, parentPath } from "../paths.ts";

/** The folder that git keeps a repository in, as far as it can be reached: `.git`, or what the `.git` of a worktree names. */
export interface GitFiles {
  /** Names in a folder with the sizes of files; undefined: there is no such folder. */
  list(dir: string): Promise<ReadonlyMap<string, GitEntry> | undefined>;
  /** Bytes of a file that was listed; fewer at its end. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
}

export interface GitEntry {
  readonly kind: "file" | "dir" | "symlink" | "other";
  readonly size: number;
}

/**
 * The folder of a tree as one of git's. What cannot be listed or read of it, for whatever reason, counts as not there: a
 * stamp is then not known, and the build goes on.
 */
export function gitFiles(tree: Pick<OpenTree, "list" | "read">, root: string): GitFiles {
  const at = (path: string): string => (path === "." ? root : childPath(root, path));
  return {
    list: (dir) => tree.list(at(dir)).catch(() => undefined),
    read: (path, offset, length) =>
      tree.read({ path: at(path), offset, length }).catch(() => new Uint8Array()),
  };
}

/** A small file as text; undefined: not there, or larger than `most` bytes. */
export async function readText(files: GitFiles, path: string, most: number): Promise<string | undefined> {
  const clean = joinPath(".", path);
  if (clean === undefined || clean === ".") return undefined;
  const parent = parentPath(clean);
  const entry = (await files.list(parent))?.get(clean.slice(clean.lastIndexOf("/") + 1));
  if (entry?.kind !== "file" || entry.size > most) return undefined;
  return new TextDecoder().decode(await files.read(clean, 0, entry.size));
}
