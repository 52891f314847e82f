import type { FileLists } from "./file-lists.ts";
import { quotedIncludes, systemIncludes } from "./includes.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, isWithin, joinPath, parentPath } from "./paths.ts";

/**
 * Files outside of Go's own lists that the assembler and the C compiler will open: targets of `#include "…"` and, in C, of `<…>`, and what
 * `#cgo` flags name (`-Idir`, `-Ldir`, `${SRCDIR}/lib.a`). Go itself does not know them (its cache key does not hold
 * them either); conditions are ignored, so the answer may be too large, which is only slower.
 *
 * The assembler looks from the package's folder, the C compiler first from the folder of the file that includes.
 */
export async function nativeInputs(
  tree: OpenTree,
  dir: string,
  lists: FileLists,
  cgoTexts: readonly string[],
): Promise<NativeInputs> {
  const files = new Set<string>();
  const links = new Set<string>();
  let unclear = false;

  const flags = cgoTexts.flatMap(cgoPaths).flatMap(({ path, search }) => {
    const full = joinPath(dir, path);
    return full === undefined || full === dir ? [] : [{ full, search }];
  });
  const targets = await Promise.all(flags.map(({ full }) => tree.resolve(full)));
  const searchDirs = [dir];
  const wholeDirs: string[] = [];
  targets.forEach((target, index) => {
    target.links.forEach((link) => links.add(link));
    if (target.kind === "file") files.add(target.path);
    if (target.kind !== "dir") return;
    if (flags[index]?.search === true) searchDirs.push(target.path);
    // The module's root or above as -I: only what is really included is taken from there.
    if (!isWithin(dir, target.path)) wholeDirs.push(target.path);
  });
  await Promise.all(wholeDirs.map((path) => addTree(tree, path, files)));

  const names = [
    ...lists.s,
    ...lists.preprocessed,
    ...lists.c,
    ...lists.cxx,
    ...lists.m,
    ...lists.h,
    ...lists.swig,
    ...lists.swigCxx,
  ];
  // The assembler refuses `<…>`.
  const isC = cgoTexts.length > 0;
  const seen = new Set<string>(names.map((name) => childPath(dir, name)));
  /** Files that a target may mean and that were not met before; without a folder those of `-I` alone are looked into. */
  const follow = async (from: string | undefined, target: string): Promise<readonly string[]> => {
    const bases = from === undefined ? searchDirs : [from, ...searchDirs];
    const paths = bases.map((base) => joinPath(base, target));
    const inside = paths.filter((path) => path !== undefined);
    const found = await Promise.all(inside.map((path) => tree.resolve(path)));
    unclear ||= inside.length < paths.length || found.some(({ kind }) => kind === "outside");
    // The assembler looks in the folder that go compiles in as well, beside which those of other packages stand.
    unclear ||= target.split("/").includes("..") && found.every(({ kind }) => kind !== "file");
    return found.flatMap((resolved) => {
      if (resolved.kind !== "file") return [];
      resolved.links.forEach((link) => links.add(link));
      if (seen.has(resolved.path)) return [];
      seen.add(resolved.path);
      files.add(resolved.path);
      return [resolved.path];
    });
  };
  const includedBy = async (path: string): Promise<readonly string[]> => {
    const resolved = await tree.resolve(path);
    if (resolved.kind !== "file") return [];
    const { includes } = await tree.otherFile(resolved.path, resolved.size);
    unclear ||= includes.unclear;
    const from = parentPath(resolved.path);
    const found = [
      ...includes.targets.map((target) => follow(from, target)),
      ...(isC ? includes.system.map((target) => follow(undefined, target)) : []),
    ];
    return (await Promise.all(found)).flat();
  };
  const preambles = cgoTexts.map((text) => text.replaceAll(/^[ \t]*\/\/|\/\*|\*\//gm, " "));
  const fromGo = [
    ...preambles.flatMap(quotedIncludes).map((target) => follow(dir, target)),
    ...preambles.flatMap(systemIncludes).map((target) => follow(undefined, target)),
  ];
  let level: readonly string[] = [...seen, ...(await Promise.all(fromGo)).flat()];
  while (level.length > 0 && seen.size <= MOST_FILES && !tree.budget.isCut) {
    level = (await Promise.all(level.map(includedBy))).flat();
  }
  unclear ||= seen.size > MOST_FILES;
  return { files: [...files], links: [...links], unclear };
}

export interface NativeInputs {
  readonly files: readonly string[];
  readonly links: readonly string[];
  /** Files that are not among these may be opened too. */
  readonly unclear: boolean;
}

const MOST_FILES = 20_000;

interface CgoPath {
  /** Relative to the package. */
  readonly path: string;
  /** An include directory. */
  readonly search: boolean;
}

/** Paths in `#cgo` lines, whatever their condition. */
function cgoPaths(text: string): readonly CgoPath[] {
  const out: CgoPath[] = [];
  for (const [, line = ""] of text.matchAll(/^[ \t/*]*#cgo[ \t]([^\n]*)/gm)) {
    const [, flags = ""] = /^[^:]*:(.*)$/.exec(line) ?? [];
    const words = flags.split(/\s+/).map((word) => word.replaceAll(/["']/g, ""));
    words.forEach((word, i) => {
      const attached = /^-[IL](.+)$/.exec(word)?.[1];
      const detached = /^-(I|L|isystem|iquote|include)$/.test(word) ? words[i + 1] : undefined;
      const inside =
        word.includes("${SRCDIR}") && !word.startsWith("-I") && !word.startsWith("-L")
          ? word.slice(word.indexOf("${SRCDIR}"))
          : undefined;
      const path = attached ?? detached ?? inside;
      if (path === undefined || path === "") return;
      const relative = path.startsWith("${SRCDIR}")
        ? path.slice("${SRCDIR}".length).replace(/^\/+/, "")
        : path;
      if (!relative.startsWith("/")) {
        out.push({ path: relative === "" ? "." : relative, search: /^-(I|isystem|iquote)/.test(word) });
      }
    });
  }
  return out;
}

/** All files below a directory. */
async function addTree(tree: OpenTree, dir: string, files: Set<string>): Promise<void> {
  const entries = await tree.list(dir);
  if (files.size > MOST_FILES || tree.budget.isCut) return;
  const below: string[] = [];
  for (const { name, kind } of entries?.values() ?? []) {
    const path = childPath(dir, name);
    if (kind === "dir" && name !== ".git") below.push(path);
    else if (kind !== "other") files.add(path);
  }
  await Promise.all(below.map((path) => addTree(tree, path, files)));
}
