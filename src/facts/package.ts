import { fileNameMatches, isOpen, matches, needsCgo, type BuildContext } from "./build-context.ts";
import { mapInParallel } from "./bounds.ts";
import { candidatesIn, type Candidate } from "./candidates.ts";
import { nativeInputs } from "./cgo.ts";
import type { OtherFile } from "./contents.ts";
import { resolveEmbeds } from "./embed.ts";
import { emptyLists, type FileLists } from "./file-lists.ts";
import type { GoFile } from "./go-file.ts";
import type { OpenTree } from "./open-tree.ts";
import { baseName, childPath, extension, joinPath, sorted } from "./paths.ts";
import type { PackageFacts, Position } from "./types.ts";

/** One directory as Go sees it in one build context, before its imports are sorted into in-module, outside and standard ones. */
export type PackageFiles = Omit<PackageFacts, "importPath" | "imports" | "outside" | "std"> & {
  /** Import paths as written, sorted, without `C`. */
  readonly importPaths: readonly string[];
  /** Those that only files name whose place in the build the toolchain decides, which is not known. */
  readonly openImports: ReadonlySet<string>;
  /** Where each of `importPaths` stands first. */
  readonly importedAt: ReadonlyMap<string, Place>;
  /** Patterns of `//go:embed` that select nothing, and where they stand. */
  readonly emptyEmbeds: readonly Placed[];
  /** The `//go:generate` lines. */
  readonly generates: readonly Placed[];
  /** Files that those lines name, as paths in the context, as far as they would be in the build. */
  readonly generated: readonly Placed[];
  /** Go files that would be in the build with cgo; where they say so, and how. */
  readonly needCgo: readonly Placed[];
  /** Package clauses that name another package than the first file does. */
  readonly otherNames: readonly OtherName[];
  /** Files of the build that cannot be read: links that lead to nothing in the context, names that are not UTF-8. */
  readonly dangling: readonly string[];
  /** Symlinks on the way to some of `files`. */
  readonly links: readonly string[];
};

/** A place in a file of the context. */
export interface Place {
  readonly file: string;
  readonly position: Position;
}

export interface Placed extends Place {
  readonly text: string;
}

/** A package clause with another name than that of the first file. */
export interface OtherName extends Placed {
  readonly first: { readonly name: string; readonly file: string };
}

/**
 * Rules: golang/go:src/go/build/build.go (Context.Import, matchFile) and src/cmd/go/internal/load/pkg.go (what is dropped
 * with cgo off), Go 1.26. `dir` is free of symlinks.
 */
export async function readPackage(tree: OpenTree, context: BuildContext, dir: string): Promise<PackageFiles> {
  const candidates = await candidatesIn(tree, context, dir);
  const { atOnce, oneRead } = tree.budget.bounds;
  const contents = await mapInParallel(candidates, atOnce / oneRead, (found) => contentOf(tree, found));
  const read = sortOut(context, dir, candidates, contents);
  const { lists, invalid, embeds, openEmbeds, openImports, importedAt } = read;

  // `.S` is preprocessed by a C compiler, so it takes part only with cgo; the other C-family lists need cgo to be on.
  if (lists.cgo.length > 0) lists.s.push(...lists.preprocessed);
  const isNative = lists.cgo.length > 0 || lists.s.length > 0;
  const [embedded, native] = await Promise.all([
    resolveEmbeds(tree, dir, [...embeds.keys()]),
    isNative ? nativeInputs(tree, dir, lists, read.cgoTexts) : { files: [], links: [], unclear: false },
  ]);

  const chosen = new Set<string>([
    ...invalid,
    ...Object.entries(lists).flatMap(([list, names]) => (list === "preprocessed" ? [] : names)),
  ]);
  // Nothing matches: Go's error names what it excluded, so it has to see it.
  const nothing = lists.go.length + lists.cgo.length + invalid.length === 0;
  const entries = nothing ? await tree.list(dir) : await tree.sources(dir);
  if (nothing) {
    for (const name of entries?.keys() ?? []) if (extension(name) === ".go") chosen.add(name);
  }

  const links = new Set<string>(native.links);
  const files = new Set<string>([
    ...native.files,
    ...embedded.refused,
    ...embedded.files.map((file) => childPath(dir, file)),
    ...[...chosen].map((name) => childPath(dir, name)),
  ]);
  const linked = [...chosen].filter((name) => entries?.get(name)?.kind === "symlink");
  for (const target of await Promise.all(linked.map((name) => tree.resolve(childPath(dir, name))))) {
    target.links.forEach((link) => links.add(link));
    if (target.kind === "file") files.add(target.path);
  }
  return {
    dir,
    name: read.name,
    goFiles: sorted(lists.go),
    cgoFiles: sorted(lists.cgo),
    cFiles: sorted(lists.c),
    cxxFiles: sorted(lists.cxx),
    mFiles: sorted(lists.m),
    hFiles: sorted(lists.h),
    fFiles: sorted(lists.f),
    sFiles: sorted(lists.s),
    swigFiles: sorted(lists.swig),
    swigCxxFiles: sorted(lists.swigCxx),
    sysoFiles: sorted(lists.syso),
    embedFiles: embedded.files,
    invalidFiles: sorted(invalid),
    includes: sorted(native.files),
    // C may open any file that it finds, and depend on one that is not there.
    opensUnlisted: native.files.length > 0 || native.unclear || usesC(lists),
    files: sorted(files),
    importPaths: sorted(read.imports),
    openImports,
    importedAt,
    emptyEmbeds: embedded.empty.flatMap((pattern) => {
      const place = embeds.get(pattern);
      return place === undefined || openEmbeds.has(pattern) ? [] : [{ text: pattern, ...place }];
    }),
    generates: read.generates,
    generated: read.generated,
    needCgo: read.needCgo,
    otherNames: read.otherNames,
    dangling: read.dangling,
    links: sorted(links),
  };
}

function usesC({ cgo, swig, swigCxx }: FileLists): boolean {
  return cgo.length + swig.length + swigCxx.length > 0;
}

/** What a candidate's file says; nothing of one that is not read. */
type Content = GoFile | OtherFile | undefined;

function contentOf(tree: OpenTree, { file, list }: Candidate): Promise<Content> {
  if (file === undefined || list === "syso") return Promise.resolve(undefined);
  return list === "go" ? tree.goFile(file.path, file.size) : tree.otherFile(file.path, file.size);
}

/** What the files of a package say, taken together. */
function sortOut(
  context: BuildContext,
  dir: string,
  candidates: readonly Candidate[],
  contents: readonly Content[],
) {
  const lists: FileLists = emptyLists();
  const invalid: string[] = [];
  const imports = new Set<string>();
  const certain = new Set<string>();
  const openEmbeds = new Set<string>();
  const importedAt = new Map<string, Place>();
  const embeds = new Map<string, Place>();
  const generates: Placed[] = [];
  const generated: Placed[] = [];
  const dangling: string[] = [];
  const needCgo: Placed[] = [];
  const otherNames: OtherName[] = [];
  let first: OtherName["first"] | undefined;
  const cgoTexts: string[] = [];
  let packageName = "";
  for (const [index, { name, list, file: found }] of candidates.entries()) {
    const path = childPath(dir, name);
    const file = contents[index];
    if (found === undefined) {
      // Go refuses a package with such a file by its name alone; of other kinds of files it takes no notice.
      dangling.push(path);
      if (list === "go") invalid.push(name);
      continue;
    }
    if (file === undefined || !("packageName" in file)) {
      if (file === undefined || matches(context, file.constraint)) lists[list].push(name);
      continue;
    }
    const use = useOf(context, file);
    if (use === "invalid") invalid.push(name);
    if (needsCgo(context, file)) needCgo.push(whyCgo(path, file));
    if (isNamed(context, file)) {
      first ??= { name: file.packageName, file: path };
      if (file.packageName !== first.name) {
        otherNames.push({ text: file.packageName, file: path, position: file.packageAt, first });
      }
    }
    if (use !== "go" && use !== "cgo") continue;
    lists[use].push(name);
    if (packageName === "") packageName = file.packageName;
    file.imports.forEach((imported) => imports.add(imported));
    if (isOpen(context, file.constraint)) file.embeds.forEach((pattern) => openEmbeds.add(pattern));
    else file.imports.forEach((imported) => certain.add(imported));
    file.importedAt.forEach((position, imported) => addFirst(importedAt, imported, { file: path, position }));
    file.embeddedAt.forEach((position, pattern) => addFirst(embeds, pattern, { file: path, position }));
    for (const { command, files: named, at } of file.generates) {
      generates.push({ text: command, file: path, position: at });
      for (const written of named) {
        const target = fileNameMatches(context, baseName(written)) ? joinPath(dir, written) : undefined;
        if (target !== undefined) generated.push({ text: target, file: path, position: at });
      }
    }
    if (use === "cgo") cgoTexts.push(file.cgoText);
  }
  imports.delete("C");
  return {
    name: packageName,
    lists,
    invalid,
    imports,
    openImports: imports.difference(certain),
    importedAt,
    embeds,
    openEmbeds,
    generates,
    generated,
    needCgo,
    otherNames,
    dangling,
    cgoTexts,
  };
}

/** Whether Go compares the name of the file's package with those of the others, with cgo or without. */
function isNamed(context: BuildContext, file: GoFile): boolean {
  const { constraint, packageName, malformed } = file;
  if (malformed || packageName === "" || packageName === "documentation") return false;
  return constraint.kind !== "invalid" && matches(context, constraint) && !isOpen(context, constraint);
}

/** How a file that needs cgo says so. */
export function whyCgo(path: string, file: GoFile): Placed {
  const at = file.importedAt.get("C");
  return at === undefined
    ? { text: "is for builds with cgo", file: path, position: file.constraintAt }
    : { text: 'imports "C"', file: path, position: at };
}

function addFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

function useOf(context: BuildContext, file: GoFile): "go" | "cgo" | "ignored" | "invalid" {
  if (file.constraint.kind === "invalid") return "invalid";
  if (!matches(context, file.constraint) || file.packageName === "documentation") return "ignored";
  if (!file.imports.includes("C")) return "go";
  return context.cgo ? "cgo" : "ignored";
}
