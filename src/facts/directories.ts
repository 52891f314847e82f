import type { Budget } from "./budget.ts";
import { once } from "./once.ts";
import { baseName, canExist, childPath, isTest, joinPath, parentPath, prefixes } from "./paths.ts";
import type { Rounds } from "./rounds.ts";
import type { Entry, PackageListing } from "./source-tree.ts";

/** What is in the directories of a tree, and where its links lead. Nothing is listed twice. */
export interface Directories {
  /** Entries by name; `undefined`: no such directory. `dir` must be free of symlinks. */
  list(dir: string): Promise<Listing | undefined>;
  /** As `list`, but test files may be missing from it: cheaper to get. */
  sources(dir: string): Promise<Listing | undefined>;
  /**
   * Learns the sources of a directory and what tells where it is: the symlinks and go.mod files on the way. `sources`
   * and `resolve` then answer of these without another round, unless a link leads elsewhere.
   */
  reach(dir: string): Promise<void>;
  /** Follows symlinks inside the tree. */
  resolve(path: string): Promise<Resolved>;
}

export type Listing = ReadonlyMap<string, Entry>;

export type Resolved =
  | { readonly kind: "dir"; readonly path: string; readonly links: readonly string[] }
  | { readonly kind: "file"; readonly path: string; readonly size: number; readonly links: readonly string[] }
  /** Nothing there, or a dangling link, or neither file nor directory. */
  | { readonly kind: "absent"; readonly links: readonly string[] }
  /** A link that leads out of the context, or in a circle. */
  | { readonly kind: "outside"; readonly links: readonly string[] };

/** Thrown where a tree has more directories than are listed. */
export class TooManyDirectories extends Error {
  constructor(most: number) {
    super(`facts: more than ${most} directories would have to be listed`);
  }
}

const MOST_LINKS = 40;

/** @param hasPackages whether the tree lists packages; one that does not has its directories listed whole */
export function directoriesOf(rounds: Rounds, hasPackages: boolean, budget: Budget): Directories {
  const listings = new Map<string, Listing | undefined>();
  /** Without test files. */
  const packages = new Map<string, Listing>();
  /** Of directories above a package: the one that leads on, and go.mod, where there is one. */
  const above = new Map<string, Map<string, Entry | undefined>>();
  const listed = new Map<string, Promise<void>>();
  const reached = new Map<string, Promise<void>>();

  const takeDirectory = (): void => {
    if (!budget.take("dirs", 1)) throw new TooManyDirectories(budget.bounds.dirs);
  };

  const fetchListing = (dir: string): Promise<void> =>
    once(listed, dir, async () => {
      if (canExist(dir)) takeDirectory();
      const entries = canExist(dir) ? await rounds.list(dir) : undefined;
      listings.set(dir, entries && byName(entries));
      budget.take("names", entries?.length ?? 0);
    });

  const fetchPackage = (dir: string): Promise<void> =>
    once(reached, dir, async () => {
      if (!canExist(dir)) return;
      takeDirectory();
      const found = await rounds.listPackage(dir);
      if (found !== undefined) addPackage(dir, found);
      budget.take("names", found?.entries.length ?? 0);
    });

  const addPackage = (dir: string, found: PackageListing): void => {
    packages.set(dir, byName(found.entries));
    // The root is always listed whole.
    for (const path of prefixes(dir).slice(1)) {
      const parent = parentPath(path);
      const some = above.get(parent) ?? new Map<string, Entry | undefined>();
      some.set(baseName(path), { name: baseName(path), kind: "dir", size: 0 });
      some.set("go.mod", found.goMods.get(parent));
      above.set(parent, some);
    }
  };

  const isKnown = (dir: string, name: string): boolean =>
    listings.has(dir) ||
    (packages.has(dir) && (!isTest(name) || packages.get(dir)?.has(name) === true)) ||
    above.get(dir)?.has(name) === true;

  const entryIn = (dir: string, name: string): Entry | undefined =>
    (listings.get(dir) ?? packages.get(dir))?.get(name) ?? above.get(dir)?.get(name);

  /** Whether a directory is known to be one, with no symlink on the way. */
  const isReal = (dir: string): boolean =>
    dir === "." ||
    packages.has(dir) ||
    above.has(dir) ||
    (entryIn(parentPath(dir), baseName(dir))?.kind === "dir" && isReal(parentPath(dir)));

  /** Lists a directory, and in the same round those above it, which will probably be needed. */
  const learn = async (dir: string): Promise<void> => {
    const needed = isReal(dir) ? [dir] : [".", ...prefixes(dir)];
    await Promise.all(needed.filter((path) => !listings.has(path)).map(fetchListing));
  };

  const list = async (dir: string): Promise<Listing | undefined> => {
    if (!listings.has(dir)) await learn(dir);
    return listings.get(dir);
  };

  /** Whether what is known tells that no directory is there, or a symlink: `resolve` then needs nothing of it. */
  const isElsewhere = (dir: string): boolean =>
    prefixes(dir).some((path) => {
      const [parent, name] = [parentPath(path), baseName(path)];
      return isKnown(parent, name) && entryIn(parent, name)?.kind !== "dir";
    });

  const reach = async (dir: string): Promise<void> => {
    if (listings.has(dir) || packages.has(dir) || isElsewhere(dir)) return;
    if (hasPackages && dir !== ".") await Promise.all([learn("."), fetchPackage(dir)]);
    if (!packages.has(dir) && !isElsewhere(dir)) await list(dir);
  };

  const sources = async (dir: string): Promise<Listing | undefined> => {
    await reach(dir);
    return listings.get(dir) ?? packages.get(dir);
  };

  const resolve = async (path: string): Promise<Resolved> => {
    const links: string[] = [];
    let at = ".";
    let rest = path === "." ? [] : path.split("/");
    let file: Entry | undefined;
    while (rest.length > 0) {
      const [name = "", ...after] = rest;
      if (file !== undefined) return { kind: "absent", links };
      if (!isKnown(at, name)) await learn(links.length > 0 ? at : parentPath(path));
      const entry = entryIn(at, name);
      if (entry === undefined || entry.kind === "other") return { kind: "absent", links };
      if (entry.kind === "symlink") {
        const target = joinPath(at, entry.linkTarget ?? "");
        links.push(childPath(at, name));
        if (target === undefined || links.length > MOST_LINKS) return { kind: "outside", links };
        rest = [...(target === "." ? [] : target.split("/")), ...after];
        at = ".";
        continue;
      }
      at = childPath(at, name);
      rest = after;
      file = entry.kind === "file" ? entry : undefined;
    }
    return file === undefined
      ? { kind: "dir", path: at, links }
      : { kind: "file", path: at, size: file.size, links };
  };

  return { list, sources, reach, resolve };
}

function byName(entries: readonly Entry[]): Listing {
  return new Map(entries.map((entry) => [entry.name, entry]));
}
