import type { Entry, ReadRange, SourceTree } from "../facts/index.ts";
import { isNotExist, type Reference, type Stat, transferListing } from "../gateway/index.ts";
import { batched } from "./batch.ts";

/** One part of the build context to fetch from the client. */
export interface LocalRequest {
  /** Exact paths; empty: the whole context, less `exclude`. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Patterns of files whose content is wanted; all others come as names and sizes only. Undefined: all content. */
  readonly content: readonly string[] | undefined;
  /** Number of the request, to keep apart what is compared with earlier transfers. */
  readonly role: string;
}

export type FetchLocal = (request: LocalRequest) => Promise<Reference>;

/** Files that planning reads: their content comes with the listing of their directory. */
const READ = [
  "**/*.go",
  "!**/*_test.go",
  "**/*.s",
  "**/*.S",
  "**/*.h",
  "**/go.mod",
  "**/go.sum",
  "**/go.work",
  "**/go.work.sum",
  "**/modules.txt",
];

function comesWithListing(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.endsWith(".go")) return !name.endsWith("_test.go");
  return (
    /\.(s|S|h)$/.test(name) || ["go.mod", "go.sum", "go.work", "go.work.sum", "modules.txt"].includes(name)
  );
}

/**
 * The client's folder as a source tree, fetched in exact pieces: the directories of one level of the
 * import graph in one transfer, without what lies below them. A path that is not a pattern lets the
 * client go straight to it; one wildcard would make it walk the whole tree.
 */
export function localTree(fetch: FetchLocal, canListOnly: boolean): SourceTree {
  const holders = new Map<string, Reference>();
  let listings = 0;
  let readings = 0;

  const fetchListing = async (request: Omit<LocalRequest, "content">): Promise<Listing> => {
    if (!canListOnly) {
      const reference = await fetch({ ...request, content: undefined });
      return { reference, entries: (dir) => readDir(reference, dir) };
    }
    const reference = await fetch({ ...request, content: READ });
    const listed = byDirectory(await transferListing(reference));
    return { reference, entries: (dir) => Promise.resolve(listed.get(dir)) };
  };

  const listBatch = async (
    dirs: readonly string[],
  ): Promise<(dir: string) => Promise<readonly Entry[] | undefined>> => {
    const fetched = await Promise.all(
      withoutNesting(dirs).map(async (group) => {
        const root = group.includes(".");
        const names = group.map(escapePattern);
        const listing = await fetchListing({
          // Nothing can be named for inclusion at the root, so everything two levels down is left out.
          include: root ? [] : names,
          exclude: root ? ["*/*"] : names.map((dir) => `${dir}/*/*`),
          role: root ? "facts-root" : `facts-${listings++}`,
        });
        return group.map((dir) => [dir, listing] as const);
      }),
    );
    const listingOf = new Map(fetched.flat());
    return async (dir) => {
      const listing = listingOf.get(dir);
      if (listing === undefined) throw new Error(`directory ${dir} was not part of its batch`);
      const entries = await listing.entries(dir);
      for (const entry of entries ?? []) {
        holders.set(dir === "." ? entry.name : `${dir}/${entry.name}`, listing.reference);
      }
      return entries;
    };
  };
  const list = batched<string, readonly Entry[] | undefined>((dirs) => listBatch([...new Set(dirs)]));

  const fetchFile = batched<string, Reference>(async (paths) => {
    const reference = await fetch({
      include: [...new Set(paths)].map(escapePattern),
      exclude: [],
      content: undefined,
      role: `read-${readings++}`,
    });
    return () => Promise.resolve(reference);
  });

  return {
    list,
    read: async (path, range) => {
      const holder = !canListOnly || comesWithListing(path) ? holders.get(path) : undefined;
      const reference = holder ?? (await fetchFile(path));
      return reference.readFile(path, range);
    },
  };
}

interface Listing {
  readonly reference: Reference;
  readonly entries: (dir: string) => Promise<readonly Entry[] | undefined>;
}

/**
 * Parts directories into groups in which none lies below another: what is left out below one must not
 * hide what is asked of the other.
 */
function withoutNesting(dirs: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  for (const dir of dirs) {
    const above = dirs.filter(
      (other) => other !== dir && (other === "." || dir.startsWith(`${other}/`)),
    ).length;
    (groups[above] ??= []).push(dir);
  }
  return groups.filter((group) => group !== undefined);
}

/** Sorts a flat listing into directories; one that was sent but holds nothing has an empty list. */
function byDirectory(stats: readonly Stat[]): ReadonlyMap<string, readonly Entry[]> {
  const dirs = new Map<string, Entry[]>([[".", []]]);
  for (const stat of stats) {
    const slash = stat.path.lastIndexOf("/");
    const parent = slash < 0 ? "." : stat.path.slice(0, slash);
    const siblings = dirs.get(parent) ?? [];
    siblings.push(toEntry({ ...stat, path: stat.path.slice(slash + 1) }));
    dirs.set(parent, siblings);
    if (stat.type === "directory" && !dirs.has(stat.path)) dirs.set(stat.path, []);
  }
  return dirs;
}

/**
 * A tree that is on the builder already, such as a git context: no transfer to save.
 */
export function remoteTree(reference: Reference): SourceTree {
  return {
    list: (dir) => readDir(reference, dir),
    read: (path: string, range?: ReadRange) => reference.readFile(path, range),
  };
}

/** Makes a path a pattern that matches it alone (moby/patternmatcher: `*?[\` and a leading `!`). */
export function escapePattern(path: string): string {
  return path.replace(/[*?[\]\\!]/g, "\\$&");
}

async function readDir(reference: Reference, dir: string): Promise<readonly Entry[] | undefined> {
  try {
    return (await reference.readDir(dir === "." ? "/" : dir)).map(toEntry);
  } catch (error) {
    if (isNotExist(error) || /not a directory/.test(String((error as Error).message))) return undefined;
    throw error;
  }
}

function toEntry(stat: Stat): Entry {
  return {
    name: stat.path,
    kind: stat.type === "directory" ? "dir" : stat.type,
    size: stat.size,
    ...(stat.type === "symlink" ? { linkTarget: stat.linkname } : {}),
  };
}
