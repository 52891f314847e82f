import { fileNameMatches, type BuildContext } from "./build-context.ts";
import { listOf, needCgo, type FileList } from "./file-lists.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, extension, isLossy, isTest, joinPath } from "./paths.ts";
import type { Entry } from "./source-tree.ts";

/** A file that is in a package by its name; what it says itself may leave it out. */
export interface Candidate {
  readonly name: string;
  readonly list: FileList;
  /** Where it really is; `undefined`: it cannot be read. */
  readonly file: { readonly path: string; readonly size: number } | undefined;
}

/** Sorted by name. Rules: golang/go:src/go/build/build.go (matchFile), Go 1.26. */
export async function candidatesIn(
  tree: OpenTree,
  context: BuildContext,
  dir: string,
): Promise<readonly Candidate[]> {
  const entries = [...((await tree.sources(dir))?.values() ?? [])].filter(({ name }) => isIn(context, name));
  const links = entries.filter(({ kind, name }) => kind === "symlink" && !isLossy(name));
  const resolved = await Promise.all(links.map(({ name }) => tree.resolve(childPath(dir, name))));
  const targets = new Map(links.map((link, index) => [link, resolved[index]]));
  const found = entries.flatMap((entry): readonly Candidate[] => {
    const { name, kind, size } = entry;
    const list = listOf(extension(name));
    if (list === undefined) return [];
    const unread = { name, list, file: undefined };
    if (isLossy(name)) return kind !== "dir" && mayMatter.has(list) ? [unread] : [];
    if (kind === "file") return [{ name, list, file: { path: childPath(dir, name), size } }];
    const target = targets.get(entry);
    if (target?.kind === "file") return [{ name, list, file: target }];
    return target !== undefined && target.kind !== "dir" && mayBeSource(tree, dir, entry, list)
      ? [unread]
      : [];
  });
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isIn(context: BuildContext, name: string): boolean {
  const list = listOf(extension(name));
  if (list === undefined || name.startsWith("_") || name.startsWith(".") || isTest(name)) return false;
  if (needCgo.has(list) && !context.cgo) return false;
  return fileNameMatches(context, name);
}

/** Without cgo, Go reads nothing else. */
const mayMatter: ReadonlySet<FileList> = new Set<FileList>(["go", "s", "syso"]);

/**
 * Whether a link without a target counts: a Go file always does. Go takes no notice of assembly and objects that are
 * not there, so those count only where the target is left out of the context, and may well be there.
 */
function mayBeSource(tree: OpenTree, dir: string, entry: Entry, list: FileList): boolean {
  if (list === "go") return true;
  if (!mayMatter.has(list)) return false;
  const target = joinPath(dir, entry.linkTarget ?? "");
  return target === undefined || tree.ignoredBy(target) !== undefined;
}
