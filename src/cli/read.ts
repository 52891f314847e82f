import { closeSync, openSync, readSync, statSync } from "node:fs";

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
 * The text of a file, whole.
 *
 * @param most bytes it may have
 * @throws Error when it has more, or is no regular file
 */
export function readText(path: string, most: number): string {
  const { size } = regular(path);
  if (size > most) throw new Error(`${path} has ${size} bytes; ${most} are read at most`);
  return readRegular(path, most).toString();
}

function regular(path: string): { readonly size: number } {
  const status = statSync(path);
  if (!status.isFile()) throw new Error(`${path} is not a regular file`);
  return status;
}
