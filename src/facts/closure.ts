import type { BuildContext } from "./build-context.ts";
import { resolveImport, type Import } from "./import-path.ts";
import { pending, type Known, type Knowledge } from "./knowledge.ts";
import { readPackage, type Placed, type PackageFiles, type Place } from "./package.ts";
import type { GoModule, PackageFacts } from "./types.ts";

/** A package with its imports told apart, and where its in-module imports stand. */
export interface ScannedPackage {
  readonly facts: PackageFacts;
  readonly next: readonly PackageRef[];
  readonly links: readonly string[];
  /** Imports that nothing provides. */
  readonly missing: readonly MissingImport[];
  /** Go files that would be in the build with cgo. */
  readonly needCgo: readonly Placed[];
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

/** The import closure of some packages in one build context, as far as it is known. */
export interface Closure {
  readonly packages: ReadonlyMap<string, ScannedPackage>;
  /** False while something is still to be fetched. */
  readonly complete: boolean;
}

/**
 * Walks a closure. Keeps what it found, so that calling it again after a fetch goes on where it stopped: the work is
 * linear in packages, and packages shared by several services are scanned once per context.
 */
export function makeClosure(
  knowledge: Knowledge,
  module: GoModule,
  context: BuildContext,
  roots: readonly PackageRef[],
  mostPackages: number,
) {
  const cache = packageCache(module, context);
  const packages = new Map<string, ScannedPackage>();
  let open: PackageRef[] = [...roots];
  const asked = new Set<string>(roots.map((root) => root.importPath));

  return (): Closure => {
    let waiting: PackageRef[] = [];
    while (open.length > 0) {
      const batch = open;
      open = [];
      for (const ref of batch) {
        const found = scanPackage(knowledge, module, context, cache, ref);
        if (found === pending) {
          waiting.push(ref);
          continue;
        }
        packages.set(ref.importPath, found);
        for (const each of found.next) {
          if (asked.has(each.importPath) || asked.size >= mostPackages) continue;
          asked.add(each.importPath);
          open.push(each);
        }
      }
    }
    open = waiting;
    waiting = [];
    return { packages, complete: open.length === 0 };
  };
}

interface Cache {
  readonly packages: Map<string, ScannedPackage>;
  readonly imports: Map<string, Import>;
}

const caches = new WeakMap<GoModule, Map<string, Cache>>();

function packageCache(module: GoModule, context: BuildContext): Cache {
  let byContext = caches.get(module);
  if (byContext === undefined) caches.set(module, (byContext = new Map<string, Cache>()));
  // Where an import leads does not depend on the context, so all contexts of a module share that half.
  const imports = byContext.values().next().value?.imports ?? new Map<string, Import>();
  let cache = byContext.get(context.key);
  if (cache === undefined) byContext.set(context.key, (cache = { packages: new Map(), imports }));
  return cache;
}

function scanPackage(
  knowledge: Knowledge,
  module: GoModule,
  context: BuildContext,
  cache: Cache,
  ref: PackageRef,
): Known<ScannedPackage> {
  const key = `${ref.importPath}\0${ref.dir}`;
  const known = cache.packages.get(key);
  if (known !== undefined) return known;
  const read = readPackage(knowledge, context, ref.dir);
  if (read === pending) return pending;

  const next: PackageRef[] = [];
  const outside: string[] = [];
  const std: string[] = [];
  const missing: MissingImport[] = [];
  let complete = true;
  for (const path of read.importPaths) {
    const found = cache.imports.get(path) ?? resolveImport(knowledge, module, path);
    if (found === pending) {
      complete = false;
      continue;
    }
    cache.imports.set(path, found);
    switch (found.kind) {
      case "local":
        next.push({ importPath: path, dir: found.dir, links: found.links });
        break;
      case "outside":
        outside.push(path);
        break;
      case "std":
        // One that an open file alone imports may be of another release, and is not compiled ahead.
        if (!read.openImports.has(path)) std.push(path);
        break;
      case "missing": {
        if (read.openImports.has(path)) break;
        const place = read.importedAt.get(path) ?? { file: read.dir, position: { line: 1, column: 1 } };
        missing.push({ path, importer: ref.importPath, ...place });
        break;
      }
    }
  }
  if (!complete) return pending;
  const { importPaths: _, importedAt: _places, openImports: _open, links, ...more } = read;
  const { dangling, emptyEmbeds, generates, generated, needCgo, ...facts } = more;
  const scanned: ScannedPackage = {
    facts: {
      ...facts,
      importPath: ref.importPath,
      imports: next.map((each) => each.importPath),
      outside,
      std,
    },
    next,
    links: [...links, ...ref.links],
    missing,
    needCgo,
    imported: [...outside, ...std].flatMap((path) => {
      const place = read.importedAt.get(path);
      return place === undefined ? [] : [{ text: path, ...place }];
    }),
    loose: { dangling, emptyEmbeds, generates, generated },
  };
  cache.packages.set(key, scanned);
  return scanned;
}
