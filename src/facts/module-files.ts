import { parseGoMod } from "./modfile/go-mod.ts";
import type { GoModFile } from "./modfile/types.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, prefixes } from "./paths.ts";

/** A file of modules as text, links followed; `undefined`: no such file. */
export async function readModuleFile(tree: OpenTree, path: string): Promise<string | undefined> {
  const found = await tree.resolve(path);
  return found.kind === "file" ? tree.moduleText(found.path, found.size) : undefined;
}

/** The go.mod in a directory. */
export async function readGoMod(tree: OpenTree, dir: string): Promise<GoModFile | undefined> {
  const file = childPath(dir, "go.mod");
  const text = await readModuleFile(tree, file);
  return text === undefined ? undefined : parseGoMod(file, text);
}

/** The nearest directory at or above `dir` that holds the file. */
export async function findUp(tree: OpenTree, dir: string, name: string): Promise<string | undefined> {
  for (const above of [...prefixes(dir).toReversed(), "."]) {
    if ((await tree.resolve(childPath(above, name))).kind === "file") return above;
  }
  return undefined;
}
