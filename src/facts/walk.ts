import type { OpenTree } from "./open-tree.ts";
import { childPath } from "./paths.ts";

/** Bounds of every search that is not led by imports: it must stay cheap in a tree of any size. */
const WALK_DEPTH = 4;
const WALK_DIRS = 1_500;

export interface Walk {
  /** Directories in breadth-first order, the start first. */
  readonly dirs: readonly string[];
  readonly truncated: boolean;
}

/**
 * Directories below `start` that Go's `./...` would look at: no `_x`, `.x`, `testdata`, `vendor`, `node_modules`, no
 * symlinks; `enter` decides about nested modules. Breadth first, so that a bound cuts what is deepest.
 */
export async function walkDirectories(
  tree: OpenTree,
  start: string,
  enter: (dir: string) => Promise<boolean>,
): Promise<Walk> {
  const dirs: string[] = [];
  let truncated = false;
  let level = [start];
  for (let depth = 0; level.length > 0; depth++) {
    const next: string[] = [];
    const entered = await Promise.all(
      level.map(async (dir) => {
        const entries = await tree.list(dir);
        return depth === 0 || (await enter(dir)) ? { dir, entries } : undefined;
      }),
    );
    for (const { dir, entries } of entered.filter((found) => found !== undefined)) {
      dirs.push(dir);
      for (const entry of entries?.values() ?? []) {
        if (entry.kind !== "dir" || isIgnoredDir(entry.name)) continue;
        if (depth >= WALK_DEPTH || dirs.length + next.length >= WALK_DIRS) truncated = true;
        else next.push(childPath(dir, entry.name));
      }
    }
    level = next;
  }
  return { dirs, truncated };
}

/** Directories below `dir` that hold a go.mod: for help texts. */
export async function findModules(tree: OpenTree, dir: string): Promise<readonly string[]> {
  const { dirs } = await walkDirectories(tree, dir, () => Promise.resolve(true));
  const starts = await Promise.all(dirs.map((below) => startsModule(tree, below)));
  return dirs.filter((_dir, index) => starts[index]);
}

/**
 * Whether a module begins in a directory: it has a go.mod that is a file, or a link to one
 * (golang/go:src/cmd/go/internal/modload/search.go and import.go, dirInModule).
 */
export async function startsModule(tree: OpenTree, dir: string): Promise<boolean> {
  return (await tree.resolve(childPath(dir, "go.mod"))).kind === "file";
}

/** Names that Go's `...` patterns skip, and two that never hold a service. */
export function isIgnoredDir(name: string): boolean {
  return (
    name.startsWith(".") ||
    name.startsWith("_") ||
    name === "testdata" ||
    name === "vendor" ||
    name === "node_modules"
  );
}
