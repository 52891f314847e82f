// Looks for bytes in everything a build leaves behind: files, tars, compressed blobs.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

export interface Search {
  /** Places where the needle is. */
  readonly found: readonly string[];
  /** Blobs and files that were looked into: a search of nothing finds nothing. */
  readonly searched: number;
}

/** Searches every file below a path, and what is compressed in it, for the needle as it is and in base64. */
export function findBytes(path: string, needle: string): Search {
  const needles = [needle, ...[0, 1, 2].map((shift) => base64Core(needle, shift))].map((text) =>
    Buffer.from(text),
  );
  const found: string[] = [];
  let searched = 0;
  const look = (name: string, bytes: Buffer): void => {
    searched++;
    if (needles.some((each) => bytes.includes(each))) found.push(name);
    const unpacked = unpack(bytes);
    if (unpacked !== undefined) look(`${name} (unpacked)`, unpacked);
  };
  const walk = (place: string): void => {
    if (statSync(place).isDirectory()) for (const entry of readdirSync(place)) walk(join(place, entry));
    else look(place, readFileSync(place));
  };
  walk(path);
  return { found, searched };
}

function unpack(bytes: Buffer): Buffer | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  if (bytes.length > 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes);
  return undefined;
}

/** The part of the base64 text that does not depend on what stands before or after the needle. */
function base64Core(needle: string, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(needle)]).toString("base64");
  return text.slice(shift === 0 ? 0 : 4, text.length - 4);
}
