import type { Entry, SourceTree } from "../../src/facts/index.ts";
import type { FixtureFile } from "./fixtures/index.ts";

export interface MemoryTree extends SourceTree {
  /** One entry a tick in which lists (or reads) were asked for: what a remote tree would make of one round trip. */
  readonly rounds: readonly { readonly kind: "list" | "read"; readonly paths: readonly string[] }[];
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
  return {
    rounds,
    list: async (dir) => {
      await inRound("list", dir);
      listed.add(dir);
      const entries = dirs.get(dir);
      return entries === undefined ? undefined : [...entries.values()];
    },
    listPackage: async (dir) => {
      await inRound("list", dir);
      const entries = dirs.get(dir);
      if (entries === undefined) return undefined;
      listed.add(dir);
      const above = dir.split("/").map((_, at, parts) => parts.slice(0, at).join("/"));
      const goMods = above.slice(1).flatMap((each) => {
        const entry = dirs.get(each)?.get("go.mod");
        if (entry !== undefined) listed.add(each);
        return entry === undefined ? [] : [[each, entry] as const];
      });
      const sources = [...entries.values()].filter(({ name }) => !name.endsWith("_test.go"));
      return { entries: sources, goMods: new Map(goMods) };
    },
    read: async (path, range) => {
      await inRound("read", path);
      const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
      if (!listed.has(parent)) throw new Error(`read of ${path} before its directory was listed`);
      const bytes = contents.get(path);
      if (bytes === undefined) throw new Error(`no file ${path}`);
      return range === undefined ? bytes : bytes.subarray(range.offset, range.offset + range.length);
    },
  };
}
