import { TooManyDirectories } from "./directories.ts";
import { compileGlob, hasGlobMeta } from "./glob.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, sorted } from "./paths.ts";

/**
 * Files that a pattern stands for: `*` and `?` within a name, `**` for any number of directories. Links count as what
 * they are; they are not followed.
 *
 * @returns paths in the context, sorted; undefined where the tree is too large to be looked through
 */
export async function matchFiles(tree: OpenTree, pattern: string): Promise<readonly string[] | undefined> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const walk = async (dir: string, elements: readonly string[]): Promise<void> => {
    const [element = "", ...rest] = elements;
    const key = `${elements.length} ${dir}`;
    if (seen.has(key) || tree.budget.isCut) return;
    seen.add(key);
    if (element === "**" && rest.length > 0) await walk(dir, rest);
    const entries = [...((await tree.list(dir))?.values() ?? [])];
    if (!tree.budget.take("steps", entries.length)) return;
    const accepts = hasGlobMeta(element) ? compileGlob(element) : undefined;
    const isIn = (name: string): boolean =>
      element === "**" || (accepts === undefined ? name === element : accepts(name));
    const chosen = entries.filter(({ name }) => isIn(name));
    if (rest.length === 0) {
      for (const { name, kind } of chosen) if (kind !== "dir") found.add(childPath(dir, name));
    }
    const below = element === "**" ? elements : rest;
    const dirs = chosen.filter(({ kind }) => kind === "dir" && below.length > 0);
    await Promise.all(dirs.map(({ name }) => walk(childPath(dir, name), below)));
  };
  try {
    await walk(".", pattern.split("/"));
  } catch (error) {
    if (!(error instanceof TooManyDirectories)) throw error;
    return undefined;
  }
  return tree.budget.isCut ? undefined : sorted(found);
}
