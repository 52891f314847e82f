import {
  ancestors,
  type Entry,
  escapePattern,
  type FileRange,
  HEADER_BYTES,
  type PackageListing,
  runsWithin,
  type SourceTree,
} from "../../facts/index.ts";
import type { Reference } from "../../gateway/index.ts";
import type { ContextRoot } from "./context-root.ts";
import { type FileTimes, fileTimes } from "./file-times.ts";
import { comesWithListing, READ, READ_AGAIN, ROOT_FILES } from "./listed-contents.ts";
import type { FetchLocal, LocalRequest } from "./local-request.ts";
import { readDir } from "./remote-tree.ts";
import { listingOf } from "./transfer.ts";

/**
 * The client's folder as a source tree, fetched in exact pieces: the directories of one level of the
 * import graph in one transfer, without what lies below them. A path that is not a pattern lets the
 * client go straight to it; one wildcard would make it walk the whole tree.
 *
 * @param canListOnly whether the builder knows transfers of names without content
 * @param root the root's listing, where that was asked for already and nothing of it is ignored
 * @param room bytes that paths may take in one transfer; of more there are several
 * @param times takes note of what is listed
 */
export function localTree(
  fetch: FetchLocal,
  canListOnly: boolean,
  root?: ContextRoot,
  room = HEADER_BYTES,
  times: FileTimes = root?.times ?? fileTimes(),
): SourceTree {
  const holders = new Map<string, Reference>();
  const known = new Map<string, Listing>();
  const packages = new Map<string, Listing>();
  let listings = 0;
  let readings = 0;
  if (root !== undefined) {
    const { reference, entries } = root;
    const holds = (path: string): boolean => ROOT_FILES.includes(path);
    known.set(".", { reference, entries: () => Promise.resolve(entries), holds });
  }

  /** Of a directory that was part of a transfer; what came with it is read from there. */
  const entriesOf = async (
    dir: string,
    listing: Listing | undefined,
  ): Promise<readonly Entry[] | undefined> => {
    if (listing === undefined) throw new Error(`directory ${dir} was not part of its batch`);
    const entries = await listing.entries(dir);
    for (const { name } of entries ?? []) {
      const path = dir === "." ? name : `${dir}/${name}`;
      if (listing.holds(path)) holders.set(path, listing.reference);
    }
    return entries;
  };

  const fetchListing = async (request: Omit<LocalRequest, "content" | "anew">): Promise<Listing> => {
    if (!canListOnly) {
      const reference = await fetch({ ...request, content: undefined, anew: true });
      return { reference, entries: (dir) => readDir(reference, dir), holds: () => true };
    }
    const wereSet = times.areSet();
    const first = await fetch({ ...request, content: READ, anew: wereSet });
    const listed = await listingOf(first, times);
    // What is listed is as the client has it; what came with it may be another folder's.
    const reference =
      times.areSet() && !wereSet ? await fetch({ ...request, content: READ_AGAIN, anew: true }) : first;
    return { reference, entries: (dir) => Promise.resolve(listed.get(dir)), holds: comesWithListing };
  };

  const fetchGroup = async (group: readonly string[], all: readonly string[]): Promise<void> => {
    const isRoot = group.includes(".");
    const deep = group.filter((dir) => holdsMains(dir) && !all.some((other) => other.startsWith(`${dir}/`)));
    const listing = await fetchListing({
      // Nothing can be named for inclusion at the root, so everything two levels down is left out.
      include: isRoot ? [] : group.map(escapePattern),
      exclude: isRoot
        ? ["*/*"]
        : group.map((dir) => `${escapePattern(dir)}/*/*${deep.includes(dir) ? "/*" : ""}`),
      role: isRoot ? "facts-root" : `facts-${listings++}`,
    });
    for (const dir of group) known.set(dir, listing);
    for (const dir of deep) {
      for (const { name, kind } of (await listing.entries(dir)) ?? []) {
        if (kind === "dir") known.set(`${dir}/${name}`, listing);
      }
    }
  };
  const list: SourceTree["list"] = async (dirs) => {
    const unknown = [...new Set(dirs)].filter((dir) => !known.has(dir));
    const groups = withoutNesting(unknown).flatMap((group) => runsWithin(group, listingPatterns, room));
    await Promise.all(groups.map((group) => fetchGroup(group, unknown)));
    return Promise.all(dirs.map((dir) => entriesOf(dir, known.get(dir))));
  };

  /** Packages in one transfer, with the go.mod files above them and without their tests. */
  const fetchPackages = async (group: readonly string[]): Promise<void> => {
    const above = [...new Set(group.flatMap(ancestors))];
    const listing = await fetchListing({
      include: [...group, ...above.map((dir) => `${dir}/go.mod`)].map(escapePattern),
      exclude: [...group.map((dir) => `${escapePattern(dir)}/*/*`), "**/*_test.go"],
      role: `facts-${listings++}`,
    });
    for (const dir of group) packages.set(dir, listing);
  };
  const listPackages = async (dirs: readonly string[]): Promise<readonly (PackageListing | undefined)[]> => {
    const isListed = (dir: string): boolean => [...ancestors(dir), dir].every((path) => known.has(path));
    const unknown = [...new Set(dirs)].filter((dir) => !packages.has(dir) && !isListed(dir));
    const groups = withoutNesting(unknown).flatMap((group) => runsWithin(group, packagePatterns, room));
    await Promise.all(groups.map(fetchPackages));
    return Promise.all(dirs.map(packageOf));
  };
  const packageOf = async (dir: string): Promise<PackageListing | undefined> => {
    const entries = await entriesOf(dir, packages.get(dir) ?? known.get(dir));
    if (entries === undefined) return undefined;
    const goMods = new Map<string, Entry>();
    for (const above of ancestors(dir)) {
      const around = await entriesOf(above, packages.get(dir) ?? known.get(above));
      const goMod = around?.find(({ name }) => name === "go.mod");
      if (goMod !== undefined) goMods.set(above, goMod);
    }
    return { entries, goMods };
  };

  /** Files whose content did not come with a listing, in one transfer. */
  const fetchFiles = async (paths: readonly string[]): Promise<ReadonlyMap<string, Reference>> => {
    const runs = runsWithin([...new Set(paths)], (path) => [escapePattern(path)], room);
    const fetched = await Promise.all(
      runs.map(async (run) => {
        const reference = await fetch({
          include: run.map(escapePattern),
          exclude: [],
          content: undefined,
          role: `read-${readings++}`,
          anew: !times.tell(run),
        });
        return run.map((path) => [path, reference] as const);
      }),
    );
    // A file that is read in pieces is sent once.
    for (const [path, reference] of fetched.flat()) holders.set(path, reference);
    return new Map(fetched.flat());
  };
  const read = (ranges: readonly FileRange[]): readonly Promise<Uint8Array>[] => {
    const fetched = fetchFiles(ranges.map(({ path }) => path).filter((path) => !holders.has(path)));
    return ranges.map(async ({ path, offset, length }) => {
      const reference = holders.get(path) ?? (await fetched).get(path);
      if (reference === undefined) throw new Error(`file ${path} was not part of its transfer`);
      return reference.readFile(path, { offset, length });
    });
  };

  // Without transfers of names alone a symlink cannot be distinguished from its target: every directory on the way is listed.
  return { list, read, ...(canListOnly ? { listPackages } : {}) };
}

/** Go's usual place of main packages: when a build asks for it, it asks for what is in each of them next. */
function holdsMains(dir: string): boolean {
  return dir === "cmd" || dir.endsWith("/cmd");
}

interface Listing {
  readonly reference: Reference;
  readonly entries: (dir: string) => Promise<readonly Entry[] | undefined>;
  /** Whether the content of a file it lists came with it. */
  readonly holds: (path: string) => boolean;
}

/**
 * Parts directories into groups in which none lies below another: what is left out below one must not
 * hide what is asked of the other.
 */
function withoutNesting(dirs: readonly string[]): readonly (readonly string[])[] {
  const all = new Set(dirs);
  const groups: string[][] = [];
  for (const dir of dirs) {
    const above = (dir === "." ? [] : [".", ...ancestors(dir)]).filter((other) => all.has(other)).length;
    (groups[above] ??= []).push(dir);
  }
  return groups.filter((group) => group !== undefined);
}

/** What a directory takes in a transfer, where each is named and what lies below it left out. */
function listingPatterns(dir: string): readonly string[] {
  const pattern = escapePattern(dir);
  return [pattern, `${pattern}/*/*/*`];
}

/** As {@link listingPatterns}, with the go.mod files above it. */
function packagePatterns(dir: string): readonly string[] {
  return [...listingPatterns(dir), ...ancestors(dir).map((above) => escapePattern(`${above}/go.mod`))];
}
