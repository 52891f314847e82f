import { createHash } from "node:crypto";
import { gate, mapInParallel } from "../bounds.ts";
import { gitRules } from "../git-ignore.ts";
import type { OpenTree } from "../open-tree.ts";
import { ancestors, baseName, childPath, isTest, joinPath, parentPath } from "../paths.ts";
import type { CommittedTree } from "./committed-tree.ts";

/** What is read to tell whether a tree is as it was committed. */
const MOST_FILES = 10_000;
const MOST_BYTES = 128 << 20;
/** Of one file, which is held whole. */
const MOST_FILE = 16 << 20;
/** Bytes of one answer: larger ones a builder may refuse. */
const PIECE = 1 << 20;

/**
 * Whether files of the tree differ from a commit: a file has other content, is not part of it, or a Go file of their
 * directories was removed. Files that git ignores do not count, nor those that .dockerignore leaves out.
 *
 * @param prefix where the build context is in the repository
 * @param paths files in the build context
 * @returns undefined: it cannot be told
 */
export async function differs(
  committed: CommittedTree,
  tree: OpenTree,
  prefix: string,
  paths: readonly string[],
): Promise<boolean | undefined> {
  if (paths.length > MOST_FILES) return undefined;
  const inRepository = (path: string): string => joinPath(prefix, path) ?? path;
  const inTurn = gate(tree.budget.bounds.atOnce);
  let left = MOST_BYTES;

  const judge = async (path: string): Promise<boolean | undefined> => {
    const place = await tree.resolve(path);
    if (place.kind !== "file") return undefined;
    const parent = await committed.folder(parentPath(inRepository(place.path)));
    if (parent === undefined) return undefined;
    const entry = parent.get(baseName(place.path));
    if (entry === undefined) return (await gitRules(tree, parentPath(place.path)))(place.path) === undefined;
    left -= place.size;
    if (entry.isCommit || left < 0 || place.size > MOST_FILE) return undefined;
    return inTurn(Math.max(place.size, tree.budget.bounds.oneRead), async () =>
      differsFrom(place.path, await contentOf(tree, place.path, place.size), entry.object),
    );
  };

  const differsFrom = async (
    path: string,
    bytes: Uint8Array,
    object: string,
  ): Promise<boolean | undefined> => {
    if (blobName(bytes, object) === object) return false;
    // Git may have changed the ends of lines when it wrote the file.
    if (bytes.includes(13)) return blobName(withoutReturns(bytes), object) === object ? false : undefined;
    const above = [".", ...ancestors(inRepository(path))];
    return (await Promise.all(above.map((folder) => committed.mayFilter(folder)))).includes(true)
      ? undefined
      : true;
  };

  const removed = async (dir: string): Promise<boolean | undefined> => {
    const [before, listing] = await Promise.all([committed.folder(inRepository(dir)), tree.sources(dir)]);
    if (before === undefined || listing === undefined) return undefined;
    return [...before.keys()].some(
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

/** @param like a name of the same repository */
function blobName(bytes: Uint8Array, like: string): string {
  return createHash(like.length === 64 ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
}

function withoutReturns(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => byte !== 13 || bytes[at + 1] !== 10);
}
