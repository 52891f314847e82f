import {
  openTree,
  type Entry,
  type OpenTree,
  type PackageListing,
  type SourceTree,
} from "../../src/facts/index.ts";
import type { FixtureFile } from "./fixtures/index.ts";

export interface MemoryTree extends SourceTree {
  /** One entry a turn in which lists (or reads) were asked for: what a remote tree makes of one round trip. */
  readonly rounds: readonly { readonly kind: "list" | "read"; readonly paths: readonly string[] }[];
}

/** A table of files as a tree that is open. */
export function openFiles(files: Readonly<Record<string, FixtureFile>>): OpenTree {
  return openTree(memoryTree(files));
}

/**
 * A tree from a table, as strict as a remote one: it does not follow symlinks, answers only in a later tick, and refuses to
 * read a file whose directory was not listed before.
 */
export function memoryTree(files: Readonly<Record<string, FixtureFile>>): MemoryTree {
  const dirs = new Map<string, Map<string, Entry>>([[".", new Map()]]);
  const contents = new Map<string, Uint8Array>();
  for (const [path, file] of Object.entries(files)) {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    let dir = ".";
    for (const part of parts) {
      dirs.get(dir)?.set(part, { name: part, kind: "dir", size: 0 });
      dir = dir === "." ? part : `${dir}/${part}`;
      if (!dirs.has(dir)) dirs.set(dir, new Map());
    }
    if (typeof file === "string") {
      const bytes = new TextEncoder().encode(file);
      contents.set(path, bytes);
      dirs.get(dir)?.set(name, { name, kind: "file", size: bytes.length });
    } else {
      dirs.get(dir)?.set(name, { name, kind: "symlink", size: 0, linkTarget: file.link });
    }
  }

  const rounds: { kind: "list" | "read"; paths: string[] }[] = [];
  const listed = new Set<string>();
  let open: { kind: "list" | "read"; paths: string[] } | undefined;
  const inRound = async (kind: "list" | "read", path: string): Promise<void> => {
    if (open?.kind !== kind) {
      open = { kind, paths: [] };
      rounds.push(open);
      setImmediate(() => (open = undefined));
    }
    open.paths.push(path);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const list = async (dir: string): Promise<readonly Entry[] | undefined> => {
    await inRound("list", dir);
    listed.add(dir);
    const entries = dirs.get(dir);
    return entries === undefined ? undefined : [...entries.values()];
  };
  const listPackage = async (dir: string): Promise<PackageListing | undefined> => {
    await inRound("list", dir);
    const entries = dirs.get(dir);
    if (entries === undefined) return undefined;
    listed.add(dir);
    const above = dir.split("/").map((_, at, parts) => parts.slice(0, at).join("/"));
    const goMods = above.slice(1).flatMap((path) => {
      const entry = dirs.get(path)?.get("go.mod");
      if (entry !== undefined) listed.add(path);
      return entry === undefined ? [] : [[path, entry] as const];
    });
    const sources = [...entries.values()].filter(({ name }) => !name.endsWith("_test.go"));
    return { entries: sources, goMods: new Map(goMods) };
  };
  return {
    rounds,
    list: (asked) => Promise.all(asked.map(list)),
    listPackages: (asked) => Promise.all(asked.map(listPackage)),
    read: (ranges) =>
      ranges.map(async ({ path, offset, length }) => {
        await inRound("read", path);
        const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
        if (!listed.has(parent)) throw new Error(`read of ${path} before its directory was listed`);
        const bytes = contents.get(path);
        if (bytes === undefined) throw new Error(`no file ${path}`);
        return bytes.subarray(offset, offset + length);
      }),
  };
}
