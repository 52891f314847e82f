import { extension, joinPath, prefixes } from "./paths.ts";
import { once } from "./once.ts";
import type { Listing, OpenTree } from "./open-tree.ts";
import { isStandardPath, mayBeStandard } from "./standard-library.ts";
import type { GoModule, LocalModule } from "./types.ts";

/**
 * Where an import path leads.
 * Rules: golang/go:src/cmd/go/internal/modload/import.go (importFromModules, dirInModule), Go 1.26.
 */
export type Import =
  | {
      readonly kind: "local";
      readonly module: LocalModule;
      readonly dir: string;
      readonly links: readonly string[];
      /** No go.mod requires the module, which a `replace` names. */
      readonly isUnrequired: boolean;
    }
  | { readonly kind: "outside" }
  | { readonly kind: "std" }
  /** Nothing provides it as far as go.mod says: Go will report it. */
  | { readonly kind: "missing" };

/** Resolves the imports of a module's packages; where one leads does not depend on the build context. */
export function importsOf(tree: OpenTree, module: GoModule): (path: string) => Promise<Import> {
  return tree.share(`imports\0${module.dir}`, () => {
    const declared = declaredPaths(module);
    const required = requiredPaths(module, declared);
    const vendored = module.vendor && new Set(module.vendor.list.modules.flatMap(({ packages }) => packages));
    const found = new Map<string, Promise<Import>>();

    const resolve = async (path: string): Promise<Import> => {
      const local = candidates(module, path);
      const isUnrequired = ({ kind, path: modulePath }: LocalModule): boolean =>
        kind === "replaced" && !declared.has(modulePath);
      // A `replace` adds no module to a build: one that is not required counts where no other has the package, since a
      // module that is fetched may require it.
      for (const candidate of local.toSorted((a, b) => Number(isUnrequired(a)) - Number(isUnrequired(b)))) {
        const place = await dirInModule(tree, candidate, path);
        if (place === undefined) continue;
        return { kind: "local", module: candidate, ...place, isUnrequired: isUnrequired(candidate) };
      }
      if (prefixes(path).some((prefix) => required.has(prefix))) {
        // With a vendor folder only what its modules.txt lists is there.
        return { kind: vendored === undefined || vendored.has(path) ? "outside" : "missing" };
      }
      const isNamedAlike = local.length > 0 && !mayBeStandard(path);
      return { kind: isStandardPath(path) && !isNamedAlike ? "std" : "missing" };
    };
    return (path) => once(found, path, () => resolve(path));
  });
}

/** Local modules whose path is a prefix, the longest first. */
export function candidates(module: GoModule, path: string): readonly LocalModule[] {
  return module.local
    .filter((local) => module.vendor === undefined || local.kind !== "replaced")
    .filter((local) => path === local.path || path.startsWith(`${local.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length);
}

/** What the modules that are built from their sources require. */
function declaredPaths(module: GoModule): ReadonlySet<string> {
  const built = module.local.filter((local) => local.kind !== "replaced");
  return new Set(built.flatMap((local) => local.goMod?.require.map((require) => require.path) ?? []));
}

function requiredPaths(module: GoModule, declared: ReadonlySet<string>): ReadonlySet<string> {
  const required = new Set([...declared, ...(module.vendor?.list.modules.map(({ path }) => path) ?? [])]);
  // A replaced module's sources are local: what is not there is nowhere.
  for (const local of module.local) required.delete(local.path);
  return required;
}

interface Found {
  readonly dir: string;
  readonly links: readonly string[];
}

async function dirInModule(tree: OpenTree, module: LocalModule, path: string): Promise<Found | undefined> {
  const rest = path === module.path ? "." : path.slice(module.path.length + 1);
  const dir = joinPath(module.dir, rest);
  if (dir === undefined) return undefined;
  // Each directory on the way is looked at, from the root.
  const depth = dir.split("/").length;
  if (depth > 32 && (tree.budget.isCut || !tree.budget.take("steps", depth * depth))) return undefined;
  await tree.reach(dir);
  // A go.mod on the way starts another module.
  for (const below of rest === "." ? [] : prefixes(rest)) {
    const goMod = await tree.resolve(joinPath(module.dir, `${below}/go.mod`) ?? ".");
    if (goMod.kind === "file") return undefined;
  }
  const resolved = await tree.resolve(dir);
  if (resolved.kind !== "dir") return undefined;
  // A directory with nothing but tests is a package too.
  const isPackage = holdsGo(await tree.sources(resolved.path)) || holdsGo(await tree.list(resolved.path));
  return isPackage ? { dir: resolved.path, links: resolved.links } : undefined;
}

function holdsGo(entries: Listing | undefined): boolean {
  return [...(entries?.values() ?? [])].some(
    (entry) => extension(entry.name) === ".go" && entry.kind !== "dir",
  );
}
