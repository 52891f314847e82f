import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";

/**
 * Reads a file of a checkout, which may be hostile: git keeps links, and one that leads to a device or a pipe would
 * never end.
 *
 * @param most bytes that are read at most; what lies behind them is left where it is
 * @throws Error when the path leads to something else than a regular file
 */
export function readRegular(path: string, most: number): Buffer {
  const { size } = regular(path);
  const bytes = Buffer.alloc(Math.min(size, most));
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(file, bytes, length, bytes.length - length, length);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/**
 * A file, whole.
 *
 * @param most bytes it may have
 * @throws Error when it has more, or is no regular file
 */
export function readWhole(path: string, most: number): Buffer {
  const { size } = regular(path);
  if (size > most) throw new Error(`${path} has ${size} bytes; ${most} are read at most`);
  return readRegular(path, most);
}

/** A regular file's SHA-256 in hex; it may be larger than memory. */
export function hashRegular(path: string): string {
  regular(path);
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let count = -1; count !== 0;) {
      count = readSync(file, chunk);
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/**
 * What the user names to be read: a pipe too, and standard input, `-`.
 *
 * @param most bytes it may have
 * @throws Error when it has more
 */
export async function readStream(path: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of path === "-" ? process.stdin : createReadStream(path)) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length <= most) continue;
    throw new Error(`${path === "-" ? "standard input" : path} has more than ${most} bytes`);
  }
  return Buffer.concat(chunks);
}

function regular(path: string): { readonly size: number } {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new Error(`there is no such file: ${path}`);
  if (!status.isFile()) throw new Error(`${path} is not a regular file`);
  return status;
}

/** Of a plan, a graph or a record; BuildKit takes no graph of as much. */
export const MAX_SAVED = 16 << 20;

/** No graph is JSON: each begins with a line break and a length. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    if (bytes[0] === 0x7b) throw error;
    return undefined;
  }
}
