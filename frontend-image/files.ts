import { createHash } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, downloadsFolder } from "../rig/index.ts";

/** The repository's root. */
export const repository: string = fileURLToPath(new URL("..", import.meta.url));

/** The text of files of this folder: what they make is made anew when they change. */
export const sources = (names: readonly string[]): readonly Buffer[] =>
  names.map((name) => readFileSync(join(repository, "frontend-image", name)));

/** What was made for the frontend image, outside the repository. */
export const imageCache = (): string => join(cacheFolder(), "frontend-image");

/** What was downloaded for it: archives pinned by hash, which are checked whenever they are used. */
export const imageDownloads = (): string => join(downloadsFolder(), "frontend-image", "downloads");

/** A file's hash, or undefined when there is no such file. */
export async function fileHash(
  path: string,
  algorithm: "sha256" | "sha512",
  encoding: "hex" | "base64",
): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest(encoding);
}

/** SHA-256 over several values, in hex; each is hashed with its length, so no two lists collide. */
export function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/**
 * A folder that is made once: `make` fills a temporary one, which then takes the name. Two processes may do so at
 * once; the first to finish wins and both get the same content.
 *
 * @param whole whether what is there from before is as it was made; if not, it is made anew
 */
export async function madeOnce(
  folder: string,
  make: (temporary: string) => Promise<void>,
  whole: (folder: string) => Promise<boolean>,
): Promise<string> {
  if (existsSync(folder)) {
    if (await whole(folder)) return folder;
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}-`);
  try {
    await make(temporary);
    if (!existsSync(folder)) renameSync(temporary, folder);
    return folder;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Removes what was made long ago: of the entries with such names, all but the `keep` made last. */
export function forgetOld(folder: string, names: RegExp, keep: number): void {
  const entries = readdirSync(folder)
    .filter((name) => names.test(name))
    .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
    .toSorted((a, b) => b.time - a.time);
  for (const { path } of entries.slice(keep)) rmSync(path, { recursive: true, force: true });
}

/** 0755 for folders and what may be run, 0644 for other files: what an image gets must not depend on a umask. */
export function plainModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, entry.isDirectory() || (statSync(path).mode & 0o111) !== 0 ? 0o755 : 0o644);
  }
}
