import { compileGlob, hasGlobMeta } from "./glob.ts";
import { pending, type Known, type Knowledge, type Listing } from "./knowledge.ts";
import { childPath, parentPath, relativeTo, sorted } from "./paths.ts";
import type { Entry } from "./tree.ts";

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

export function resolveEmbeds(
  knowledge: Knowledge,
  dir: string,
  patterns: readonly string[],
): Known<Embedded> {
  const files = new Set<string>();
  const refused = new Set<string>();
  const empty: string[] = [];
  // Many patterns may lead to one directory.
  const collected = new Map<string, Known<Collected>>();
  let complete = true;
  for (const pattern of patterns) {
    const all = pattern.startsWith("all:");
    const glob = all ? pattern.slice(4) : pattern;
    if (!isValidPattern(glob)) continue;
    const matches = expand(knowledge, dir, glob.split("/"), "sources");
    if (matches === pending) {
      complete = false;
      continue;
    }
    let count = 0;
    for (const match of matches) {
      const key = `${all ? "all:" : ""}${match.path}`;
      const before = collected.get(key);
      const found = before ?? collect(knowledge, dir, match, all);
      collected.set(key, found);
      if (found === pending) {
        complete = false;
        continue;
      }
      count += found.files.length + found.refused.length;
      if (before !== undefined) continue;
      found.files.forEach((file) => files.add(relativeTo(file, dir)));
      found.refused.forEach((path) => refused.add(path));
    }
    if (count === 0) empty.push(pattern);
  }
  return complete ? { files: sorted(files), refused: sorted(refused), empty } : pending;
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
function expand(
  knowledge: Knowledge,
  dir: string,
  elements: readonly string[],
  known: "sources" | "listing",
): Known<readonly Match[]> {
  const [element = "", ...rest] = elements;
  // The package's own directory was listed without its tests, which a pattern may want.
  const entries = knowledge[mayNameTest(element) ? "listing" : known](dir);
  if (entries === pending) return pending;
  const out: Match[] = [];
  let complete = true;
  for (const entry of matching(knowledge, element, entries)) {
    const path = childPath(dir, entry.name);
    if (rest.length === 0) {
      out.push({ path, entry });
    } else if (entry.kind === "dir") {
      const below = expand(knowledge, path, rest, "listing");
      if (below === pending) complete = false;
      else out.push(...below);
    } else if (entry.kind === "symlink") {
      out.push({ path, entry });
    }
  }
  return complete ? out : pending;
}

function matching(knowledge: Knowledge, element: string, entries: Listing | undefined): readonly Entry[] {
  if (entries === undefined) return [];
  if (!hasGlobMeta(element)) {
    const entry = entries.get(element);
    return entry === undefined ? [] : [entry];
  }
  const accepts = compileGlob(element);
  if (accepts === undefined || !knowledge.spend(entries.size * weightOf(element))) return [];
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

function collect(knowledge: Knowledge, packageDir: string, match: Match, all: boolean): Known<Collected> {
  for (
    let dir = match.entry.kind === "dir" ? match.path : parentPath(match.path);
    dir !== packageDir;
    dir = parentPath(dir)
  ) {
    const other = hasGoMod(knowledge, dir);
    if (other === pending) return pending;
    // "cannot embed: in different module": Go wants to see that go.mod, and the match.
    if (other) {
      return {
        files: [],
        refused: [childPath(dir, "go.mod"), ...(match.entry.kind === "file" ? [match.path] : [])],
      };
    }
    if (!isGoodName(dir.slice(dir.lastIndexOf("/") + 1))) return none;
  }
  switch (match.entry.kind) {
    case "file":
      return isGoodName(match.entry.name)
        ? { files: [match.path], refused: [] }
        : { files: [], refused: [match.path] };
    case "symlink":
      return { files: [], refused: [match.path] };
    case "other":
      return none;
    case "dir":
      return walk(knowledge, match.path, all);
  }
}

/** Files below a directory: no hidden ones unless `all:`, no other modules, nothing irregular. */
function walk(knowledge: Knowledge, dir: string, all: boolean): Known<Collected> {
  const entries = knowledge.listing(dir);
  if (entries === pending) return pending;
  const files: string[] = [];
  const refused: string[] = [];
  let complete = true;
  if (!knowledge.spend(entries?.size ?? 0)) return none;
  for (const entry of entries?.values() ?? []) {
    const hidden = entry.name.startsWith(".") || entry.name.startsWith("_");
    if (hidden && !all) continue;
    const path = childPath(dir, entry.name);
    if (!isGoodName(entry.name)) {
      if (entry.kind !== "dir" && !hidden) refused.push(path);
      continue;
    }
    if (entry.kind === "file") files.push(path);
    if (entry.kind !== "dir") continue;
    const other = hasGoMod(knowledge, path);
    const below = other === true ? none : walk(knowledge, path, all);
    if (other === pending || below === pending) {
      complete = false;
      continue;
    }
    files.push(...below.files);
    refused.push(...below.refused);
  }
  return complete ? { files, refused } : pending;
}

function hasGoMod(knowledge: Knowledge, dir: string): Known<boolean> {
  const entries = knowledge.listing(dir);
  return entries === pending ? pending : (entries?.has("go.mod") ?? false);
}

const versionControl: ReadonlySet<string> = new Set([".bzr", ".hg", ".git", ".svn"]);
const windowsNames = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i;

/** module.CheckFilePath for one element: names that a module zip can hold. */
function isGoodName(name: string): boolean {
  if (versionControl.has(name) || windowsNames.test(name) || name.endsWith(".")) return false;
  return /^[-A-Za-z0-9!#$%&()+,.=@[\]^_{}~ \p{L}]+$/u.test(name);
}
