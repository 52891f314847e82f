import type { BuildContext } from "./build-context.ts";
import { TooManyDirectories } from "./directories.ts";
import { importsOf, type Import } from "./import-path.ts";
import { once } from "./once.ts";
import type { OpenTree } from "./open-tree.ts";
import { readPackage, type OtherName, type Placed, type PackageFiles, type Place } from "./package.ts";
import type { GoModule, PackageFacts } from "./types.ts";

/** A package with its imports by where they lead, and the places of its in-module imports. */
export interface ScannedPackage {
  readonly facts: PackageFacts;
  readonly next: readonly PackageRef[];
  readonly links: readonly string[];
  /** Imports that nothing provides. */
  readonly missing: readonly MissingImport[];
  /** Imports of modules that a `replace` names and no go.mod requires. */
  readonly unrequired: readonly MissingImport[];
  /** Go files that would be in the build with cgo. */
  readonly needCgo: readonly Placed[];
  /** Package clauses that name another package than the first file does. */
  readonly otherNames: readonly OtherName[];
  /** Where packages of the context are imported, but for files whose place in the build nobody knows. */
  readonly localImports: readonly Placed[];
  /** Where the packages of other modules and of the standard library are imported. */
  readonly imported: readonly Placed[];
  /** What stands in the package and leads nowhere, for error texts. */
  readonly loose: Pick<PackageFiles, "dangling" | "emptyEmbeds" | "generates" | "generated">;
}

export interface MissingImport extends Place {
  readonly path: string;
  /** The package that imports it. */
  readonly importer: string;
}

export interface PackageRef {
  readonly importPath: string;
  readonly dir: string;
  readonly links: readonly string[];
}

/** The import closure of some packages in one build context. */
export interface Closure {
  /** By import path: the roots first, then what is imported, by its distance from them. */
  readonly packages: ReadonlyMap<string, ScannedPackage>;
  /** There are more packages than are followed. */
  readonly isCut: boolean;
}

/** Follows the imports of the roots. It ends early where the tree is cut; what it has then is not to be trusted. */
export async function closureOf(
  tree: OpenTree,
  module: GoModule,
  context: BuildContext,
  roots: readonly PackageRef[],
): Promise<Closure> {
  const scan = scannerOf(tree, module, context);
  const scanned = new Map<string, ScannedPackage>();
  const met = new Set<string>();
  const most = tree.budget.bounds.packages;
  const visit = async (refs: readonly PackageRef[]): Promise<void> => {
    const fresh = refs.filter(({ importPath }) => {
      if (met.has(importPath) || met.size >= most || tree.budget.isCut) return false;
      met.add(importPath);
      return true;
    });
    await Promise.all(fresh.map(follow));
  };
  // Each package at its own pace: one that is slow to read holds up none but those that it alone imports.
  const follow = async (ref: PackageRef): Promise<void> => {
    const found = await scan(ref);
    if (found === undefined) return;
    scanned.set(ref.importPath, found);
    await visit(found.next);
  };
  await visit(roots);
  return { packages: breadthFirst(roots, scanned), isCut: met.size >= most };
}

/** The same whichever package was read first. */
function breadthFirst(
  roots: readonly PackageRef[],
  scanned: ReadonlyMap<string, ScannedPackage>,
): ReadonlyMap<string, ScannedPackage> {
  const ordered = new Map<string, ScannedPackage>();
  const queue = [...roots];
  for (const { importPath } of queue) {
    const found = scanned.get(importPath);
    if (found === undefined || ordered.has(importPath)) continue;
    ordered.set(importPath, found);
    queue.push(...found.next);
  }
  return ordered;
}

/** Scans packages, each once: all services of a module share what a build context makes of one. */
function scannerOf(
  tree: OpenTree,
  module: GoModule,
  context: BuildContext,
): (ref: PackageRef) => Promise<ScannedPackage | undefined> {
  return tree.share(`packages\0${module.dir}\0${context.key}`, () => {
    const resolve = importsOf(tree, module);
    const found = new Map<string, Promise<ScannedPackage | undefined>>();
    const scan = async (ref: PackageRef): Promise<ScannedPackage | undefined> => {
      try {
        return await scanPackage(tree, context, ref, resolve);
      } catch (error) {
        // The tree is cut then.
        if (error instanceof TooManyDirectories) return undefined;
        throw error;
      }
    };
    return (ref) => once(found, `${ref.importPath}\0${ref.dir}`, () => scan(ref));
  });
}

async function scanPackage(
  tree: OpenTree,
  context: BuildContext,
  ref: PackageRef,
  resolve: (path: string) => Promise<Import>,
): Promise<ScannedPackage> {
  const read = await readPackage(tree, context, ref.dir);
  const imports = await Promise.all(read.importPaths.map(resolve));
  const next: PackageRef[] = [];
  const outside: string[] = [];
  const std: string[] = [];
  const missing: MissingImport[] = [];
  const unrequired: MissingImport[] = [];
  const placed = (path: string): MissingImport => {
    const place = read.importedAt.get(path) ?? { file: read.dir, position: { line: 1, column: 1 } };
    return { path, importer: ref.importPath, ...place };
  };
  for (const [index, found] of imports.entries()) {
    const path = read.importPaths[index] ?? "";
    switch (found.kind) {
      case "local":
        if (found.isUnrequired && !read.openImports.has(path)) unrequired.push(placed(path));
        next.push({ importPath: path, dir: found.dir, links: found.links });
        break;
      case "outside":
        outside.push(path);
        break;
      case "std":
        // One that an open file alone imports may be of another release, and is not compiled ahead.
        if (!read.openImports.has(path)) std.push(path);
        break;
      case "missing":
        if (!read.openImports.has(path)) missing.push(placed(path));
        break;
    }
  }
  const { importPaths: _, importedAt, openImports, links, ...more } = read;
  const { dangling, emptyEmbeds, generates, generated, needCgo, otherNames, ...facts } = more;
  const placesOf = (paths: readonly string[]): readonly Placed[] =>
    paths.flatMap((path) => {
      const place = importedAt.get(path);
      return place === undefined ? [] : [{ text: path, ...place }];
    });
  return {
    facts: {
      ...facts,
      importPath: ref.importPath,
      imports: next.map(({ importPath }) => importPath),
      outside,
      std,
    },
    next,
    links: [...links, ...ref.links],
    missing,
    unrequired,
    needCgo,
    otherNames,
    localImports: placesOf(next.map(({ importPath }) => importPath).filter((path) => !openImports.has(path))),
    imported: placesOf([...outside, ...std]),
    loose: { dangling, emptyEmbeds, generates, generated },
  };
}
