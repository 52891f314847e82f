import { extension, joinPath, prefixes } from "./paths.ts";
import { pending, type Known, type Knowledge, type Listing } from "./knowledge.ts";
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
    }
  | { readonly kind: "outside" }
  | { readonly kind: "std" }
  /** Nothing provides it as far as go.mod says: Go will report it. */
  | { readonly kind: "missing" };

export function resolveImport(knowledge: Knowledge, module: GoModule, path: string): Known<Import> {
  const local = candidates(module, path);
  for (const candidate of local) {
    const found = dirInModule(knowledge, candidate, path);
    if (found === pending) return pending;
    if (found !== undefined) return { kind: "local", module: candidate, ...found };
  }
  if (isRequired(module, path)) return { kind: isVendored(module, path) ? "outside" : "missing" };
  return isStandard(path) && local.length === 0 ? { kind: "std" } : { kind: "missing" };
}

/** No dot in the first element: Go keeps such paths for the standard library. */
function isStandard(path: string): boolean {
  const [first = ""] = path.split("/", 1);
  return !first.includes(".");
}

/** Local modules whose path is a prefix, the longest first. */
export function candidates(module: GoModule, path: string): readonly LocalModule[] {
  return module.local
    .filter((each) => module.vendor === undefined || each.kind !== "replaced")
    .filter((each) => path === each.path || path.startsWith(`${each.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length);
}

function isRequired(module: GoModule, path: string): boolean {
  return prefixes(path).some((prefix) => requiredPaths(module).has(prefix));
}

/** With a vendor folder only what its modules.txt lists is there (golang/go:src/cmd/go/internal/modload/import.go). */
function isVendored(module: GoModule, path: string): boolean {
  if (module.vendor === undefined) return true;
  const known = vendored.get(module) ?? new Set(module.vendor.list.modules.flatMap((each) => each.packages));
  vendored.set(module, known);
  return known.has(path);
}

const vendored = new WeakMap<GoModule, ReadonlySet<string>>();

const required = new WeakMap<GoModule, ReadonlySet<string>>();

function requiredPaths(module: GoModule): ReadonlySet<string> {
  const known = required.get(module);
  if (known !== undefined) return known;
  const own = module.local.filter((each) => each.kind !== "replaced");
  const paths = own.flatMap((each) => each.goMod?.require.map((require) => require.path) ?? []);
  const made = new Set([...paths, ...(module.vendor?.list.modules.map((each) => each.path) ?? [])]);
  // A replaced module's sources are local: what is not there is nowhere.
  for (const each of module.local) made.delete(each.path);
  required.set(module, made);
  return made;
}

interface Found {
  readonly dir: string;
  readonly links: readonly string[];
}

function dirInModule(knowledge: Knowledge, module: LocalModule, path: string): Known<Found | undefined> {
  const rest = path === module.path ? "." : path.slice(module.path.length + 1);
  const dir = joinPath(module.dir, rest);
  if (dir === undefined) return undefined;
  // Each directory on the way is looked at, from the root.
  const depth = dir.split("/").length;
  if (depth > 32 && !knowledge.spend(depth * depth)) return undefined;
  knowledge.wantPackage(dir);
  // A go.mod on the way starts another module.
  for (const below of rest === "." ? [] : prefixes(rest)) {
    const goMod = knowledge.resolve(joinPath(module.dir, `${below}/go.mod`) ?? ".");
    if (goMod === pending) return pending;
    if (goMod.kind === "file") return undefined;
  }
  const resolved = knowledge.resolve(dir);
  if (resolved === pending) return pending;
  if (resolved.kind !== "dir") return undefined;
  const here = { dir: resolved.path, links: resolved.links };
  const sources = knowledge.sources(resolved.path);
  if (sources === pending) return pending;
  if (holdsGo(sources)) return here;
  // A directory with nothing but tests is a package too.
  const all = knowledge.listing(resolved.path);
  if (all === pending) return pending;
  return holdsGo(all) ? here : undefined;
}

function holdsGo(entries: Listing | undefined): boolean {
  return [...(entries?.values() ?? [])].some(
    (entry) => extension(entry.name) === ".go" && entry.kind !== "dir",
  );
}
