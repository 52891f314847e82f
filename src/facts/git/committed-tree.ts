import { once } from "../once.ts";
import { baseName, parentPath } from "../paths.ts";
import type { History } from "./history.ts";
import { nameBytes } from "./object.ts";

/** The files of a commit, of which each folder is read once. */
export interface CommittedTree {
  /** What is in a folder, nothing where there is none; undefined: it cannot be read, or is another repository's. */
  folder(path: string): Promise<Folder | undefined>;
  /** Whether a line of the folder's .gitattributes may make git write other bytes than it holds (gitattributes(5)). */
  mayFilter(path: string): Promise<boolean>;
}

/** Objects by their names in the folder. */
export type Folder = ReadonlyMap<string, Entry>;

interface Entry {
  readonly object: string;
  /** It is a commit of another repository, a submodule's. */
  readonly isCommit: boolean;
}

/** Undefined: the commit cannot be read. */
export async function openCommittedTree(
  history: History,
  commit: string,
): Promise<CommittedTree | undefined> {
  const root = (await history.commit(commit))?.tree;
  if (root === undefined) return undefined;
  const folders = new Map<string, Promise<Folder | undefined>>();
  const filters = new Map<string, Promise<boolean>>();

  const load = async (path: string): Promise<Folder | undefined> => {
    if (path === ".") return readFolder(history, root);
    const parent = await folder(parentPath(path));
    const entry = parent?.get(baseName(path));
    if (parent === undefined || entry?.isCommit === true) return undefined;
    return entry === undefined ? new Map() : readFolder(history, entry.object);
  };
  const folder = (path: string): Promise<Folder | undefined> => once(folders, path, () => load(path));

  const filtersIn = async (path: string): Promise<boolean> => {
    const entry = (await folder(path))?.get(".gitattributes");
    if (entry === undefined) return false;
    const object = await history.objects.read(entry.object);
    return object === undefined || /filter|ident|encoding|eol|crlf/.test(decoder.decode(object.bytes));
  };
  return { folder, mayFilter: (path) => once(filters, path, () => filtersIn(path)) };
}

async function readFolder({ objects }: History, name: string): Promise<Folder | undefined> {
  const object = await objects.read(name);
  return object?.type === "tree" ? parseFolder(object.bytes, nameBytes(name)) : undefined;
}

/**
 * Entries of a tree object: mode, a space, the name, a zero byte, an object's name. Undefined: it is none.
 *
 * @param width bytes of an object's name
 */
function parseFolder(bytes: Uint8Array, width: number): Folder | undefined {
  const entries = new Map<string, Entry>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const zero = bytes.indexOf(0, space);
    const end = zero + 1 + width;
    if (space < 0 || zero < 0 || end > bytes.length) return undefined;
    const mode = decoder.decode(bytes.subarray(at, space));
    entries.set(decoder.decode(bytes.subarray(space + 1, zero)), {
      object: Buffer.from(bytes.subarray(zero + 1, end)).toString("hex"),
      isCommit: mode === "160000",
    });
    at = end;
  }
  return entries;
}

const decoder = new TextDecoder();
