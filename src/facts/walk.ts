import { pending, type Known, type Knowledge } from "./knowledge.ts";
import { childPath } from "./paths.ts";

/** Bounds of every search that is not led by imports: it must stay cheap in a tree of any size. */
const walkDepth = 4;
const walkDirs = 1_500;

export interface Walk {
  /** Directories in breadth-first order, the start first. */
  readonly dirs: readonly string[];
  readonly truncated: boolean;
}

/**
 * Directories below `start` that Go's `./...` would look at: no `_x`, `.x`, `testdata`, `vendor`, `node_modules`, no
 * symlinks; `enter` decides about nested modules. Breadth first, so that a bound cuts what is deepest.
 */
export function walkDirectories(
  knowledge: Knowledge,
  start: string,
  enter: (dir: string) => Known<boolean>,
): Known<Walk> {
  const dirs: string[] = [];
  let truncated = false;
  let level = [start];
  for (let depth = 0; level.length > 0; depth++) {
    const next: string[] = [];
    let complete = true;
    for (const dir of level) {
      const entries = knowledge.listing(dir);
      if (entries === pending) {
        complete = false;
        continue;
      }
      const inside = depth === 0 || enter(dir);
      if (inside !== true) continue;
      dirs.push(dir);
      for (const entry of entries?.values() ?? []) {
        if (entry.kind !== "dir" || isIgnoredDir(entry.name)) continue;
        if (depth >= walkDepth || dirs.length + next.length >= walkDirs) truncated = true;
        else next.push(childPath(dir, entry.name));
      }
    }
    if (!complete) return pending;
    level = next;
  }
  return { dirs, truncated };
}

/** Directories below `dir` that hold a go.mod: for help texts. */
export function findModules(knowledge: Knowledge, dir: string): Known<readonly string[]> {
  const walk = walkDirectories(knowledge, dir, () => true);
  if (walk === pending) return pending;
  const starts = walk.dirs.map((each) => startsModule(knowledge, each));
  return starts.includes(pending) ? pending : walk.dirs.filter((_dir, index) => starts[index] === true);
}

/**
 * Whether a module begins in a directory: it has a go.mod that is a file, or a link to one
 * (golang/go:src/cmd/go/internal/modload/search.go and import.go, dirInModule).
 */
export function startsModule(knowledge: Knowledge, dir: string): Known<boolean> {
  const found = knowledge.resolve(childPath(dir, "go.mod"));
  return found === pending ? pending : found.kind === "file";
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
