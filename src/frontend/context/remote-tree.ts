import type { Entry, SourceTree } from "../../facts/index.ts";
import { isNotExist, type Reference } from "../../gateway/index.ts";
import { toEntry } from "./transfer.ts";

/** A tree that is on the builder already, such as a git context: no transfer to save. */
export function remoteTree(reference: Reference): SourceTree {
  return {
    list: (dirs) => Promise.all(dirs.map((dir) => readDir(reference, dir))),
    read: (ranges) => ranges.map(({ path, offset, length }) => reference.readFile(path, { offset, length })),
  };
}

/** What is in a directory; undefined where there is none. */
export async function readDir(reference: Reference, dir: string): Promise<readonly Entry[] | undefined> {
  try {
    return (await reference.readDir(dir === "." ? "/" : dir)).map(toEntry);
  } catch (error) {
    if (isNotExist(error) || /not a directory/.test(String((error as Error).message))) return undefined;
    throw error;
  }
}
