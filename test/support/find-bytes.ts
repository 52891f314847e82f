// Looks for bytes in everything a build leaves behind: files, tars, compressed blobs.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

export interface Search {
  /** Places where the needle is. */
  readonly found: readonly string[];
  /** Blobs and files that were looked into: a search of nothing finds nothing. */
  readonly searched: number;
}

/**
 * Searches a file, or every file below a folder, and what is compressed in it, for needles in every form they may have
 * been written in. Links are not followed; pipes and devices are left alone.
 *
 * @param since looks only into files that were written or changed from then on, in milliseconds
 * @param isKnown files that are left out
 */
export function findBytes(
  path: string,
  needle: string | Buffer | readonly (string | Buffer)[],
  since = 0,
  isKnown: (path: string) => boolean = () => false,
): Search {
  const needles = Array.isArray(needle)
    ? (needle as readonly (string | Buffer)[])
    : [needle as string | Buffer];
  const holdsAny = matcher(needles.flatMap(formsOf));
  const found: string[] = [];
  let searched = 0;
  const look = (name: string, bytes: Buffer): void => {
    searched++;
    if (holdsAny(bytes)) found.push(name);
    const unpacked = unpack(bytes);
    if (unpacked !== undefined) look(`${name} (unpacked)`, unpacked);
  };
  const walk = (place: string): void => {
    // A daemon at work removes files.
    const is = lstatSync(place, { throwIfNoEntry: false });
    if (is?.isDirectory() === true) for (const entry of readdirSync(place)) walk(join(place, entry));
    // Files of an image have the time that it says; the time of the change is the machine's.
    else if (is?.isFile() === true && is.ctimeMs >= since && !isKnown(place)) {
      look(place, readFileSync(place));
    }
  };
  walk(path);
  return { found, searched };
}

/** Whether bytes hold one of many texts, in one pass: candidates are known by their first two bytes. */
function matcher(forms: readonly Buffer[]): (bytes: Buffer) => boolean {
  const starts = new Map<number, readonly Buffer[]>();
  const isStart = new Uint8Array(0x10000);
  for (const form of forms) {
    const start = ((form[0] ?? 0) << 8) | (form[1] ?? 0);
    starts.set(start, [...(starts.get(start) ?? []), form]);
    isStart[start] = 1;
  }
  return (bytes) => {
    let start = bytes[0] ?? 0;
    for (let at = 0; at + 1 < bytes.length; at++) {
      start = ((start & 0xff) << 8) | (bytes[at + 1] ?? 0);
      if (isStart[start] !== 1) continue;
      const isThere = (form: Buffer): boolean => form.equals(bytes.subarray(at, at + form.length));
      if (starts.get(start)?.some(isThere) === true) return true;
    }
    return false;
  };
}

/** The bytes as they are, in hexadecimal, in both alphabets of base64, and as a URL has them. */
export function formsOf(needle: string | Buffer): readonly Buffer[] {
  const bytes = Buffer.from(needle);
  const base64 = [0, 1, 2].map((shift) => base64Core(bytes, shift));
  const url = [...bytes].map((byte) =>
    /[A-Za-z0-9_.~-]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).padStart(2, "0")}`,
  );
  const forms = [
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    url.join(""),
    url.map((part) => (part.startsWith("%") ? part.toUpperCase() : part)).join(""),
  ];
  return [bytes, ...forms.map((text) => Buffer.from(text))];
}

function unpack(bytes: Buffer): Buffer | undefined {
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
    if (bytes.length > 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes);
  } catch {
    // Some files of Go's own tests begin like an archive.
  }
  return undefined;
}

/** The part of the base64 text that does not depend on what stands before or after the needle. */
function base64Core(needle: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), needle]).toString("base64");
  return text.slice(shift === 0 ? 0 : 4, text.length - 4);
}
