import { createHash } from "node:crypto";
import { gate, mapInParallel } from "../bounds.ts";
import { gitRules } from "../git-ignore.ts";
import { once } from "../once.ts";
import type { OpenTree } from "../open-tree.ts";
import { ancestors, baseName, childPath, isTest, joinPath, parentPath } from "../paths.ts";
import type { History } from "./history.ts";

/** What is read to tell whether a tree is as it was committed. */
const MOST_FILES = 10_000;
const MOST_BYTES = 128 << 20;
/** Of one file, which is held whole. */
const MOST_FILE = 16 << 20;
/** Bytes of one answer: larger ones a builder may refuse. */
const PIECE = 1 << 20;

/**
 * Whether files of the tree differ from a commit: one has other content, is not part of it, or a Go file of their
 * directories was removed. Files that git ignores do not count, nor those that .dockerignore leaves out.
 *
 * @param prefix where the build context is in the repository
 * @param paths files in the build context
 * @returns undefined: it cannot be told
 */
export async function differs(
  history: History,
  commit: string,
  tree: OpenTree,
  prefix: string,
  paths: readonly string[],
): Promise<boolean | undefined> {
  const root = (await history.commit(commit))?.tree;
  if (root === undefined || paths.length > MOST_FILES) return undefined;
  const folders = openFolders(history, root);
  const inRepository = (path: string): string => joinPath(prefix, path) ?? path;
  const inTurn = gate(tree.budget.bounds.atOnce);
  let left = MOST_BYTES;

  const judge = async (path: string): Promise<boolean | undefined> => {
    const place = await tree.resolve(path);
    if (place.kind !== "file") return undefined;
    const parent = await folders(parentPath(inRepository(place.path)));
    if (parent === undefined) return undefined;
    const entry = parent.get(baseName(place.path));
    if (entry === undefined) return (await gitRules(tree, parentPath(place.path)))(place.path) === undefined;
    left -= place.size;
    if (entry.isCommit || left < 0 || place.size > MOST_FILE) return undefined;
    return inTurn(Math.max(place.size, tree.budget.bounds.oneRead), async () =>
      differsFrom(place.path, await contentOf(tree, place.path, place.size), entry.object),
    );
  };

  const filtering = new Map<string, Promise<boolean>>();
  const isFiltering = (folder: string): Promise<boolean> =>
    once(filtering, folder, async () => hasFilters(history, await folders(folder)));

  const differsFrom = async (
    path: string,
    bytes: Uint8Array,
    object: string,
  ): Promise<boolean | undefined> => {
    if (blobName(bytes) === object) return false;
    // Git may have changed the ends of lines when it wrote the file.
    if (bytes.includes(13)) return blobName(withoutReturns(bytes)) === object ? false : undefined;
    const above = [".", ...ancestors(inRepository(path))];
    return (await Promise.all(above.map(isFiltering))).includes(true) ? undefined : true;
  };

  const removed = async (dir: string): Promise<boolean | undefined> => {
    const [committed, listing] = await Promise.all([folders(inRepository(dir)), tree.sources(dir)]);
    if (committed === undefined || listing === undefined) return undefined;
    return [...committed.keys()].some(
      (name) =>
        name.endsWith(".go") &&
        !isTest(name) &&
        !listing.has(name) &&
        tree.ignoredBy(childPath(dir, name)) === undefined,
    );
  };

  const dirs = [...new Set(paths.filter((path) => path.endsWith(".go")).map(parentPath))];
  const answers = [...(await mapInParallel(paths, 64, judge)), ...(await mapInParallel(dirs, 64, removed))];
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

async function contentOf(tree: OpenTree, path: string, size: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += PIECE) {
    pieces.push(await tree.read({ path, offset, length: Math.min(PIECE, size - offset) }));
  }
  return pieces.length === 1 ? (pieces[0] ?? new Uint8Array()) : Buffer.concat(pieces);
}

type Folder = ReadonlyMap<string, { readonly object: string; readonly isCommit: boolean }>;

/** Folders of a commit's tree, each read once; one that is not there is empty. */
function openFolders(history: History, root: string): (path: string) => Promise<Folder | undefined> {
  const read = new Map<string, Promise<Folder | undefined>>();
  const load = async (path: string): Promise<Folder | undefined> => {
    if (path === ".") return folderOf(history, root);
    const parent = await folder(parentPath(path));
    const entry = parent?.get(baseName(path));
    if (parent === undefined || entry?.isCommit === true) return undefined;
    return entry === undefined ? new Map() : folderOf(history, entry.object);
  };
  const folder = (path: string): Promise<Folder | undefined> => once(read, path, () => load(path));
  return folder;
}

/** Bytes of an object's name. */
const NAME = 20;

/** Entries of a tree object: mode, a space, the name, a zero byte, an object's name. */
async function folderOf({ objects }: History, name: string): Promise<Folder | undefined> {
  const object = await objects.read(name);
  if (object?.type !== "tree") return undefined;
  const { bytes } = object;
  const entries = new Map<string, { readonly object: string; readonly isCommit: boolean }>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const zero = bytes.indexOf(0, space);
    if (space < 0 || zero < 0 || zero + NAME >= bytes.length) return undefined;
    const mode = decoder.decode(bytes.subarray(at, space));
    const id = Buffer.from(bytes.subarray(zero + 1, zero + 1 + NAME)).toString("hex");
    entries.set(decoder.decode(bytes.subarray(space + 1, zero)), {
      object: id,
      isCommit: mode === "160000",
    });
    at = zero + 1 + NAME;
  }
  return entries;
}

const decoder = new TextDecoder();

function blobName(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function withoutReturns(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => byte !== 13 || bytes[at + 1] !== 10);
}

/** Whether what git writes into a folder, and below it, may differ from what it holds (gitattributes(5)). */
async function hasFilters({ objects }: History, folder: Folder | undefined): Promise<boolean> {
  const entry = folder?.get(".gitattributes");
  if (entry === undefined) return false;
  const object = await objects.read(entry.object);
  return object === undefined || /filter|ident|encoding|eol|crlf/.test(decoder.decode(object.bytes));
}
