import { type Dirent, type Stats, stat } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { gate, inParallel } from "./bounds.ts";
import { ancestors, isLossy, isTest } from "./paths.ts";
import type { Entry, PackageListing, FileRange, SourceTree } from "./source-tree.ts";

/** A source tree over a local folder; the only file of this room that touches the file system. */
export function folderTree(root: string): SourceTree {
  // A level may name thousands of files, and descriptors are few.
  const inTurn = gate(64);
  const inTime = insured();
  const ask = <T>(work: () => Promise<T>): Promise<T> => inTime(() => inTurn(1, work));
  return {
    list: (dirs) => Promise.all(dirs.map((dir) => ask(() => list(join(root, dir))))),
    listPackages: (dirs) => Promise.all(dirs.map((dir) => ask(() => listPackage(root, dir)))),
    read: (ranges) => ranges.map((range) => ask(() => read(root, range))),
  };
}

/** Milliseconds between two operations that wake Node's threads. */
const PULSE = 250;

/**
 * Gives Node something to do on its threads now and then while an operation is awaited. An operation was seen to wait
 * without end while all threads were idle, until another one was asked for: the threads wait on a condition variable, of
 * which the C library may lose a signal (sourceware.org/bugzilla: 25847).
 */
function insured(): <T>(work: () => Promise<T>) => Promise<T> {
  let awaited = 0;
  let pulse: NodeJS.Timeout | undefined;
  return async (work) => {
    if (awaited++ === 0) pulse = setInterval(() => stat("/", () => {}), PULSE);
    try {
      return await work();
    } finally {
      if (--awaited === 0) clearInterval(pulse);
    }
  };
}

async function list(dir: string): Promise<readonly Entry[] | undefined> {
  let entries: Dirent[];
  try {
    entries = await readdir(dir, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  const described: Entry[] = [];
  await inParallel(entries, 64, async (entry) => {
    described.push(await describe(dir, entry.name, entry));
  });
  return described;
}

async function listPackage(root: string, dir: string): Promise<PackageListing | undefined> {
  const above = ancestors(dir);
  const onTheWay = await Promise.all([...above, dir].map((path) => kindOf(join(root, path))));
  if (onTheWay.some((kind) => kind?.isDirectory() !== true)) return undefined;
  const entries = await list(join(root, dir));
  const goMods = new Map<string, Entry>();
  for (const path of above) {
    const kind = await kindOf(join(root, path, "go.mod"));
    if (kind !== undefined) goMods.set(path, await describe(join(root, path), "go.mod", kind));
  }
  return entries && { entries: entries.filter(({ name }) => !isTest(name)), goMods };
}

type Kind = Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">;

/** Of the path itself: a link is not followed. `undefined`: nothing is there. */
async function kindOf(path: string): Promise<Kind | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function describe(dir: string, name: string, kind: Kind): Promise<Entry> {
  const path = join(dir, name);
  if (kind.isDirectory()) return { name, kind: "dir", size: 0 };
  // A name that is not UTF-8 does not lead back to its file.
  if (kind.isFile()) {
    return isLossy(name) ? { name, kind: "file", size: 0 } : fileEntry(name, await lstat(path));
  }
  if (kind.isSymbolicLink()) {
    return { name, kind: "symlink", size: 0, linkTarget: isLossy(name) ? "" : await readlink(path) };
  }
  return { name, kind: "other", size: 0 };
}

function fileEntry(name: string, { size, mode }: Stats): Entry {
  return { name, kind: "file", size, ...((mode & OWNER_RUNS) === 0 ? {} : { executable: true }) };
}

const OWNER_RUNS = 0o100;

async function read(root: string, { path, offset, length }: FileRange): Promise<Uint8Array> {
  const file = await open(join(root, path), "r");
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}
