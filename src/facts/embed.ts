import type { Budget } from "./budget.ts";
import { compileGlob, hasGlobMeta } from "./glob.ts";
import { once } from "./once.ts";
import type { Listing, OpenTree } from "./open-tree.ts";
import { baseName, childPath, parentPath, relativeTo, sorted } from "./paths.ts";
import type { Entry } from "./source-tree.ts";

/**
 * Files that the `//go:embed` patterns of one package select.
 * Rules: golang/go:src/cmd/go/internal/load/pkg.go (resolveEmbed), Go 1.26.
 */
export interface Embedded {
  /** Paths relative to the package's directory, sorted. */
  readonly files: readonly string[];
  /** What Go will refuse (another module, a symlink), as paths in the context: sent, so that the refusal is Go's own. */
  readonly refused: readonly string[];
  /** Patterns that select nothing, and of which Go refuses nothing either: it stops at them. */
  readonly empty: readonly string[];
}

/**
 * Resolves the `//go:embed` patterns of the package in `dir`. A pattern that is not valid selects nothing here: Go
 * reports it.
 */
export async function resolveEmbeds(
  tree: OpenTree,
  dir: string,
  patterns: readonly string[],
): Promise<Embedded> {
  // Many patterns may lead to one directory.
  const collected = new Map<string, Promise<Collected>>();
  const select = async (pattern: string): Promise<number> => {
    const all = pattern.startsWith("all:");
    const glob = all ? pattern.slice(4) : pattern;
    const found = (await expand(tree, dir, glob.split("/"), "sources")).map((match) =>
      once(collected, `${all ? "all:" : ""}${match.path}`, () => collect(tree, dir, match, all)),
    );
    return (await Promise.all(found)).reduce(
      (sum, { files, refused }) => sum + files.length + refused.length,
      0,
    );
  };
  const valid = patterns.filter((pattern) => isValidPattern(pattern.replace(/^all:/, "")));
  const counts = await Promise.all(valid.map(select));
  const selected = await Promise.all(collected.values());
  return {
    files: sorted(new Set(selected.flatMap(({ files }) => files.map((file) => relativeTo(file, dir))))),
    refused: sorted(new Set(selected.flatMap(({ refused }) => refused))),
    empty: valid.filter((_pattern, index) => counts[index] === 0),
  };
}

/** fs.ValidPath without the root: no empty, `.` or `..` element; each element a well-formed glob. */
function isValidPattern(glob: string): boolean {
  return glob
    .split("/")
    .every(
      (element) =>
        element !== "" && element !== "." && element !== ".." && compileGlob(element) !== undefined,
    );
}

interface Match {
  readonly path: string;
  readonly entry: Entry;
}

/** filepath.Glob below `dir`, one element a level. */
async function expand(
  tree: OpenTree,
  dir: string,
  elements: readonly string[],
  known: "sources" | "list",
): Promise<readonly Match[]> {
  const [element = "", ...rest] = elements;
  if (tree.budget.isCut) return [];
  // The package's own directory was listed without its tests, which a pattern may want.
  const entries = await tree[mayNameTest(element) ? "list" : known](dir);
  const found = matching(tree.budget, element, entries).map(async (entry): Promise<readonly Match[]> => {
    const path = childPath(dir, entry.name);
    if (rest.length === 0 || entry.kind === "symlink") return [{ path, entry }];
    return entry.kind === "dir" ? expand(tree, path, rest, "list") : [];
  });
  return (await Promise.all(found)).flat();
}

function matching(budget: Budget, element: string, entries: Listing | undefined): readonly Entry[] {
  if (entries === undefined) return [];
  if (!hasGlobMeta(element)) {
    const entry = entries.get(element);
    return entry === undefined ? [] : [entry];
  }
  const accepts = compileGlob(element);
  if (accepts === undefined || !budget.take("steps", entries.size * weightOf(element))) return [];
  return [...entries.values()].filter(({ name }) => accepts(name));
}

/** A test takes the pattern's length times the name's at worst, which a file system bounds. */
function weightOf(element: string): number {
  return 1 + Math.floor(element.length / 32);
}

/** Whether a pattern's end lets `x_test.go` through; a class at its end is taken to. */
function mayNameTest(element: string): boolean {
  const end = element.slice(element.search(/[^*?[\]\\]*$/));
  return "_test.go".endsWith(end) || end.endsWith("_test.go");
}

interface Collected {
  readonly files: readonly string[];
  readonly refused: readonly string[];
}

const none: Collected = { files: [], refused: [] };

async function collect(tree: OpenTree, packageDir: string, match: Match, all: boolean): Promise<Collected> {
  const { path, entry } = match;
  for (let dir = entry.kind === "dir" ? path : parentPath(path); dir !== packageDir; dir = parentPath(dir)) {
    // "cannot embed: in different module": Go wants to see that go.mod, and the match.
    if (await hasGoMod(tree, dir)) {
      return { files: [], refused: [childPath(dir, "go.mod"), ...(entry.kind === "file" ? [path] : [])] };
    }
    if (!isGoodName(baseName(dir))) return none;
  }
  switch (entry.kind) {
    case "file":
      return isGoodName(entry.name) ? { files: [path], refused: [] } : { files: [], refused: [path] };
    case "symlink":
      return { files: [], refused: [path] };
    case "other":
      return none;
    case "dir":
      return walk(tree, path, all);
  }
}

/** Files below a directory: no hidden ones unless `all:`, no other modules, nothing irregular. */
async function walk(tree: OpenTree, dir: string, all: boolean): Promise<Collected> {
  const entries = [...((await tree.list(dir))?.values() ?? [])];
  if (tree.budget.isCut || !tree.budget.take("steps", entries.length)) return none;
  const isHidden = ({ name }: Entry): boolean => name.startsWith(".") || name.startsWith("_");
  const shown = entries.filter((entry) => all || !isHidden(entry));
  const good = shown.filter(({ name }) => isGoodName(name));
  const dirs = good.filter(({ kind }) => kind === "dir").map(({ name }) => childPath(dir, name));
  const below = await Promise.all(
    dirs.map(async (path) => ((await hasGoMod(tree, path)) ? none : walk(tree, path, all))),
  );
  const paths = (some: readonly Entry[]): readonly string[] => some.map(({ name }) => childPath(dir, name));
  const bad = shown.filter((entry) => !isGoodName(entry.name) && entry.kind !== "dir" && !isHidden(entry));
  return {
    files: [...paths(good.filter(({ kind }) => kind === "file")), ...below.flatMap(({ files }) => files)],
    refused: [...paths(bad), ...below.flatMap(({ refused }) => refused)],
  };
}

async function hasGoMod(tree: OpenTree, dir: string): Promise<boolean> {
  return (await tree.list(dir))?.has("go.mod") ?? false;
}

const versionControl: ReadonlySet<string> = new Set([".bzr", ".hg", ".git", ".svn"]);
const windowsNames = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i;

/** module.CheckFilePath for one element: names that a module zip can hold. */
function isGoodName(name: string): boolean {
  if (versionControl.has(name) || windowsNames.test(name) || name.endsWith(".")) return false;
  return /^[-A-Za-z0-9!#$%&()+,.=@[\]^_{}~ \p{L}]+$/u.test(name);
}
