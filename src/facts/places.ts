import { baseName, canExist, childPath, isTest, joinPath, parentPath, prefixes } from "./paths.ts";
import type { Entry, PackageListing, SourceTree } from "./tree.ts";

/**
 * The directories of a tree and what is in them, as far as it is known. Questions are answered at once or with
 * `pending`, which notes what is missing; `fetch` then gets everything missing in one go.
 */
export interface Places {
  /** Entries by name; `undefined`: no such directory. `dir` must be free of symlinks. */
  listing(dir: string): Known<Listing | undefined>;
  /** As `listing`, but test files may be missing from it: cheaper to get. */
  sources(dir: string): Known<Listing | undefined>;
  /** Follows symlinks inside the tree. */
  resolve(path: string): Known<Resolved>;
  /** Asks for a directory and those above it, which will probably be needed, so that they travel with this level. */
  wantListing(dir: string): void;
  /** Asks for the sources of a directory, and for what tells where it is: no symlink, no go.mod on the way. */
  wantPackage(dir: string): void;
  /**
   * Gets what was found missing, and returns how many directories that was, and how many names are in them.
   *
   * @param most directories to get
   */
  fetch(most: number): Promise<{ readonly dirs: number; readonly names: number }>;
}

export const pending = Symbol("pending");
export type Known<T> = T | typeof pending;
export type Listing = ReadonlyMap<string, Entry>;

export type Resolved =
  | { readonly kind: "dir"; readonly path: string; readonly links: readonly string[] }
  | { readonly kind: "file"; readonly path: string; readonly size: number; readonly links: readonly string[] }
  /** Nothing there, or a dangling link, or neither file nor directory. */
  | { readonly kind: "absent"; readonly links: readonly string[] }
  /** A link that leads out of the context, or in a circle. */
  | { readonly kind: "outside"; readonly links: readonly string[] };

const mostLinks = 40;

export function makePlaces(tree: SourceTree): Places {
  const listings = new Map<string, Listing | undefined>();
  /** Without test files. */
  const packages = new Map<string, Listing>();
  /** Of directories above a package: the one that leads on, and go.mod, where there is one. */
  const above = new Map<string, Map<string, Entry | undefined>>();
  /** What could not be listed without what is above it: absent, or behind a symlink. */
  const unreached = new Set<string>();
  const wantedDirs = new Set<string>();
  const wantedPackages = new Set<string>();
  /** Paths of which a wanted package will tell. */
  const coming = new Set<string>();

  const entryIn = (dir: string, name: string): Known<Entry | undefined> => {
    if (listings.has(dir)) return listings.get(dir)?.get(name);
    const sources = packages.get(dir);
    if (sources !== undefined && (sources.has(name) || !isTest(name))) return sources.get(name);
    const some = above.get(dir);
    return some?.has(name) === true ? some.get(name) : pending;
  };

  /** Whether a directory is known to be one, with no symlink on the way. */
  const isReal = (dir: string): boolean => {
    if (dir === "." || packages.has(dir) || above.has(dir)) return true;
    const entry = entryIn(parentPath(dir), baseName(dir));
    return entry !== pending && entry?.kind === "dir" && isReal(parentPath(dir));
  };

  const wantListing = (dir: string): void => {
    const needed = isReal(dir) ? [dir] : [".", ...prefixes(dir)];
    for (const each of needed) if (!listings.has(each)) wantedDirs.add(each);
  };

  const wantPackage = (dir: string): void => {
    if (listings.has(dir) || packages.has(dir) || wantedPackages.has(dir)) return;
    if (tree.listPackage === undefined || dir === "." || unreached.has(dir)) {
      wantListing(dir);
      return;
    }
    wantListing(".");
    wantedPackages.add(dir);
    for (const each of prefixes(dir)) coming.add(each).add(childPath(each, "go.mod"));
  };

  const listing = (dir: string): Known<Listing | undefined> => {
    if (listings.has(dir)) return listings.get(dir);
    wantListing(dir);
    return pending;
  };

  const sources = (dir: string): Known<Listing | undefined> => {
    if (listings.has(dir)) return listings.get(dir);
    const found = packages.get(dir);
    if (found !== undefined) return found;
    wantPackage(dir);
    return pending;
  };

  const resolve = (path: string): Known<Resolved> => {
    const links: string[] = [];
    let at = ".";
    let rest = path === "." ? [] : path.split("/");
    let size = 0;
    let isFile = false;
    while (rest.length > 0) {
      const [name = "", ...after] = rest;
      if (isFile) return { kind: "absent", links };
      const entry = entryIn(at, name);
      if (entry === pending) {
        if (links.length > 0) wantListing(at);
        else if (!coming.has(path) && !wantedPackages.has(parentPath(path))) wantListing(parentPath(path));
        return pending;
      }
      if (entry === undefined || entry.kind === "other") return { kind: "absent", links };
      if (entry.kind === "symlink") {
        const target = joinPath(at, entry.linkTarget ?? "");
        links.push(childPath(at, name));
        if (target === undefined || links.length > mostLinks) return { kind: "outside", links };
        rest = [...(target === "." ? [] : target.split("/")), ...after];
        at = ".";
        continue;
      }
      at = childPath(at, name);
      rest = after;
      isFile = entry.kind === "file";
      size = entry.size;
    }
    return isFile ? { kind: "file", path: at, size, links } : { kind: "dir", path: at, links };
  };

  const keepPackage = (dir: string, found: PackageListing | undefined): void => {
    if (found === undefined) {
      unreached.add(dir);
      return;
    }
    packages.set(dir, byName(found.entries));
    // The root is always listed whole.
    for (const each of prefixes(dir).slice(1)) {
      const parent = parentPath(each);
      const some = above.get(parent) ?? new Map<string, Entry | undefined>();
      some.set(baseName(each), { name: baseName(each), kind: "dir", size: 0 });
      some.set("go.mod", found.goMods.get(parent));
      above.set(parent, some);
    }
  };

  const fetch: Places["fetch"] = async (most) => {
    const dirs = [...wantedDirs].filter((dir) => !listings.has(dir)).slice(0, most);
    const known = (dir: string): boolean => listings.has(dir) || packages.has(dir);
    const inside = [...wantedPackages].filter((dir) => !known(dir)).slice(0, most - dirs.length);
    for (const each of [wantedDirs, wantedPackages, coming]) each.clear();
    const [listed, found] = await Promise.all([
      Promise.all(dirs.map(async (dir) => (canExist(dir) ? tree.list(dir) : undefined))),
      Promise.all(inside.map(async (dir) => (canExist(dir) ? tree.listPackage?.(dir) : undefined))),
    ]);
    dirs.forEach((dir, i) => {
      const entries = listed[i];
      listings.set(dir, entries === undefined ? undefined : byName(entries));
    });
    inside.forEach((dir, i) => keepPackage(dir, found[i]));
    const names = [...listed, ...found.map((each) => each?.entries)].reduce(
      (sum, entries) => sum + (entries?.length ?? 0),
      0,
    );
    return { dirs: dirs.length + inside.length, names };
  };

  return { listing, sources, resolve, wantListing, wantPackage, fetch };
}

function byName(entries: readonly Entry[]): Listing {
  return new Map(entries.map((entry) => [entry.name, entry]));
}
