import type { Entry, ReadRange, SourceTree } from "../facts/index.ts";
import type { Reference } from "../gateway/index.ts";
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
export function localTree(fetch: FetchLocal): SourceTree {
  const holders = new Map<string, Reference>();
  let listings = 0;
  let readings = 0;

  const listBatch = async (
    dirs: readonly string[],
  ): Promise<(dir: string) => Promise<readonly Entry[] | undefined>> => {
    const below = dirs.filter((dir) => dir !== ".").map(escapePattern);
    const [root, rest] = await Promise.all([
      // Nothing can be named for inclusion at the root, so everything two levels down is left out.
      dirs.includes(".")
        ? fetch({ include: [], exclude: ["*/*"], content: READ, role: "facts-root" })
        : undefined,
      below.length > 0
        ? fetch({
            include: below,
            exclude: below.map((dir) => `${dir}/*/*`),
            content: READ,
            role: `facts-${listings++}`,
          })
        : undefined,
    ]);
    return async (dir) => {
      const reference = dir === "." ? root : rest;
      if (reference === undefined) throw new Error(`directory ${dir} was not part of its batch`);
      const entries = await readDir(reference, dir);
      for (const entry of entries ?? [])
        holders.set(dir === "." ? entry.name : `${dir}/${entry.name}`, reference);
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
      const holder = comesWithListing(path) ? holders.get(path) : undefined;
      const reference = holder ?? (await fetchFile(path));
      return reference.readFile(path, range);
    },
  };
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
    const entries = await reference.readDir(dir === "." ? "/" : dir);
    return entries.map((entry) => ({
      name: entry.path,
      kind: entry.type === "directory" ? "dir" : entry.type,
      size: entry.size,
      ...(entry.type === "symlink" ? { linkTarget: entry.linkname } : {}),
    }));
  } catch (error) {
    if (/no such file or directory|not a directory/.test(String((error as Error).message))) return undefined;
    throw error;
  }
}
