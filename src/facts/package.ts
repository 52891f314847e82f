import { fileNameMatches, isOpen, matches, needsCgo, type BuildContext } from "./build-context.ts";
import { nativeInputs } from "./cgo.ts";
import { resolveEmbeds } from "./embed.ts";
import type { GoFile } from "./go-file.ts";
import { pending, type Known, type Knowledge } from "./knowledge.ts";
import { baseName, childPath, extension, isLossy, isTest, joinPath, sorted } from "./paths.ts";
import type { Entry } from "./tree.ts";
import type { PackageFacts, Position } from "./types.ts";

/** One directory as Go sees it in one build context, before its imports are told apart. */
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

/**
 * Rules: golang/go:src/go/build/build.go (Context.Import, matchFile) and src/cmd/go/internal/load/pkg.go (what is dropped
 * with cgo off), Go 1.26. `dir` is free of symlinks.
 */
export function readPackage(knowledge: Knowledge, context: BuildContext, dir: string): Known<PackageFiles> {
  const candidates = listCandidates(knowledge, context, dir);
  if (candidates === pending) return pending;

  const lists = emptyLists();
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
  const cgoTexts: string[] = [];
  let name = "";
  let complete = true;
  for (const candidate of candidates) {
    if (candidate.path === undefined) {
      // Go refuses a package with such a file by its name alone; of other kinds of files it takes no notice.
      dangling.push(childPath(dir, candidate.name));
      if (candidate.list === "go") invalid.push(candidate.name);
      continue;
    }
    if (candidate.list === "syso") {
      lists.syso.push(candidate.name);
      continue;
    }
    if (candidate.list !== "go") {
      const other = knowledge.otherFile(candidate.path, candidate.size);
      if (other === pending) complete = false;
      else if (matches(context, other.constraint)) lists[candidate.list].push(candidate.name);
      continue;
    }
    const file = knowledge.goFile(candidate.path, candidate.size);
    if (file === pending) {
      complete = false;
      continue;
    }
    const use = useOf(context, file);
    if (use === "invalid") invalid.push(candidate.name);
    if (needsCgo(context, file)) needCgo.push(whyCgo(childPath(dir, candidate.name), file));
    if (use !== "go" && use !== "cgo") continue;
    lists[use].push(candidate.name);
    if (name === "") name = file.packageName;
    const path = childPath(dir, candidate.name);
    const open = isOpen(context, file.constraint);
    file.imports.forEach((each) => imports.add(each));
    if (open) file.embeds.forEach((each) => openEmbeds.add(each));
    else file.imports.forEach((each) => certain.add(each));
    file.importedAt.forEach((position, each) => addFirst(importedAt, each, { file: path, position }));
    file.embeddedAt.forEach((position, each) => addFirst(embeds, each, { file: path, position }));
    for (const { command, files: named, at } of file.generates) {
      generates.push({ text: command, file: path, position: at });
      for (const each of named) {
        const target = fileNameMatches(context, baseName(each)) ? joinPath(dir, each) : undefined;
        if (target !== undefined) generated.push({ text: target, file: path, position: at });
      }
    }
    if (use === "cgo") cgoTexts.push(file.cgoText);
  }
  if (!complete) return pending;

  // `.S` is preprocessed by a C compiler, so it takes part only with cgo; the other C-family lists need cgo to be on.
  if (lists.cgo.length > 0) lists.s.push(...lists.preprocessed);
  const embedded = resolveEmbeds(knowledge, dir, [...embeds.keys()]);
  const native =
    lists.cgo.length > 0 || lists.s.length > 0
      ? nativeInputs(knowledge, dir, lists, cgoTexts)
      : { files: [], links: [], unclear: false };
  if (embedded === pending || native === pending) return pending;

  const chosen = new Set<string>([
    ...invalid,
    ...Object.entries(lists).flatMap(([list, names]) => (list === "preprocessed" ? [] : names)),
  ]);
  if (lists.cgo.length > 0) lists.preprocessed.forEach((each) => chosen.add(each));
  // Nothing matches: Go's error names what it excluded, so it has to see it.
  const nothing = lists.go.length + lists.cgo.length + invalid.length === 0;
  const entries = nothing ? knowledge.listing(dir) : knowledge.sources(dir);
  if (entries === pending) return pending;
  if (nothing) for (const each of entries?.keys() ?? []) if (extension(each) === ".go") chosen.add(each);

  const links = new Set<string>(native.links);
  const files = new Set<string>([
    ...native.files,
    ...embedded.refused,
    ...embedded.files.map((file) => childPath(dir, file)),
  ]);
  for (const each of chosen) {
    const path = childPath(dir, each);
    files.add(path);
    if (entries?.get(each)?.kind !== "symlink") continue;
    const target = knowledge.resolve(path);
    if (target === pending) return pending;
    target.links.forEach((link) => links.add(link));
    if (target.kind === "file") files.add(target.path);
  }
  imports.delete("C");
  return {
    dir,
    name,
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
    opensUnlisted: native.files.length > 0 || native.unclear,
    files: sorted(files),
    importPaths: sorted(imports),
    openImports: imports.difference(certain),
    importedAt,
    emptyEmbeds: embedded.empty.flatMap((pattern) => {
      const place = embeds.get(pattern);
      return place === undefined || openEmbeds.has(pattern) ? [] : [{ text: pattern, ...place }];
    }),
    generates,
    generated,
    needCgo,
    dangling,
    links: sorted(links),
  };
}

/** How a file that needs cgo says so. */
export function whyCgo(path: string, file: GoFile): Placed {
  const at = file.importedAt.get("C");
  return at === undefined
    ? { text: "is for builds with cgo", file: path, position: file.constraintAt }
    : { text: 'imports "C"', file: path, position: at };
}

export type FileLists = Record<FileList, string[]>;
type FileList =
  | "go"
  | "cgo"
  | "c"
  | "cxx"
  | "m"
  | "h"
  | "f"
  | "s"
  | "preprocessed"
  | "swig"
  | "swigCxx"
  | "syso";

function emptyLists(): FileLists {
  return {
    go: [],
    cgo: [],
    c: [],
    cxx: [],
    m: [],
    h: [],
    f: [],
    s: [],
    preprocessed: [],
    swig: [],
    swigCxx: [],
    syso: [],
  };
}

const listOfExtension: Readonly<Record<string, FileList>> = {
  ".go": "go",
  ".c": "c",
  ".cc": "cxx",
  ".cpp": "cxx",
  ".cxx": "cxx",
  ".m": "m",
  ".h": "h",
  ".hh": "h",
  ".hpp": "h",
  ".hxx": "h",
  ".f": "f",
  ".F": "f",
  ".for": "f",
  ".f90": "f",
  ".s": "s",
  ".S": "preprocessed",
  ".sx": "preprocessed",
  ".swig": "swig",
  ".swigcxx": "swigCxx",
  ".syso": "syso",
};

const needCgo: ReadonlySet<FileList> = new Set<FileList>([
  "c",
  "cxx",
  "m",
  "preprocessed",
  "swig",
  "swigCxx",
]);

type Candidate = {
  readonly name: string;
  readonly list: FileList;
} & (
  | {
      /** Where it really is. */
      readonly path: string;
      readonly size: number;
    }
  /** It cannot be read. */
  | { readonly path: undefined }
);

function addFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

function listCandidates(
  knowledge: Knowledge,
  context: BuildContext,
  dir: string,
): Known<readonly Candidate[]> {
  const entries = knowledge.sources(dir);
  if (entries === pending) return pending;
  const out: Candidate[] = [];
  let complete = true;
  for (const entry of [...(entries?.values() ?? [])].toSorted(byName)) {
    const list = Object.hasOwn(listOfExtension, extension(entry.name))
      ? listOfExtension[extension(entry.name)]
      : undefined;
    if (list === undefined || entry.name.startsWith("_") || entry.name.startsWith(".")) continue;
    if (isTest(entry.name) || (needCgo.has(list) && !context.cgo)) continue;
    if (!fileNameMatches(context, entry.name)) continue;
    if (isLossy(entry.name)) {
      if (entry.kind !== "dir" && mayMatter.has(list)) out.push({ name: entry.name, list, path: undefined });
    } else if (entry.kind === "file") {
      out.push({ name: entry.name, list, path: childPath(dir, entry.name), size: entry.size });
    } else if (entry.kind === "symlink") {
      const target = knowledge.resolve(childPath(dir, entry.name));
      if (target === pending) complete = false;
      else if (target.kind === "file") {
        out.push({ name: entry.name, list, path: target.path, size: target.size });
      } else if (target.kind !== "dir" && mayBeSource(knowledge, dir, entry, list)) {
        out.push({ name: entry.name, list, path: undefined });
      }
    }
  }
  return complete ? out : pending;
}

/** Without cgo, Go reads nothing else. */
const mayMatter: ReadonlySet<FileList> = new Set<FileList>(["go", "s", "syso"]);

/**
 * Whether a link without a target counts: a Go file always does. Go takes no notice of assembly and objects that are
 * not there, so those count only where the target is left out of the context, and may well be there.
 */
function mayBeSource(knowledge: Knowledge, dir: string, entry: Entry, list: FileList): boolean {
  if (list === "go") return true;
  if (!mayMatter.has(list)) return false;
  const target = joinPath(dir, entry.linkTarget ?? "");
  return target === undefined || knowledge.tree.ignoredBy?.(target) !== undefined;
}

function byName(a: Entry, b: Entry): number {
  return a.name < b.name ? -1 : 1;
}

function useOf(context: BuildContext, file: GoFile): "go" | "cgo" | "ignored" | "invalid" {
  if (file.constraint.kind === "invalid") return "invalid";
  if (!matches(context, file.constraint) || file.packageName === "documentation") return "ignored";
  if (!file.imports.includes("C")) return "go";
  return context.cgo ? "cgo" : "ignored";
}
