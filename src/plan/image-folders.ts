import { ancestors } from "../facts/index.ts";

/** `["/a", "/a/b"]` for `/a/b/c`: the directories of an image between its root and a path. */
export function foldersAbove(path: string): readonly string[] {
  return ancestors(path.slice(1)).map((folder) => `/${folder}`);
}
