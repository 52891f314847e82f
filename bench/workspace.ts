import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../rig/index.ts";

/** The benchmark's own folder in the repository. */
export const benchFolder = dirname(fileURLToPath(import.meta.url));

/** Where the benchmark keeps subjects, modules and Go caches; outside the repository. */
export const dataFolder = (): string => join(cacheFolder(), "bench");

/** Replaces one text in a file by another; a text that is not there is an error in the subject. */
export function replaceIn(file: string, before: string | RegExp, after: string): void {
  const text = readFileSync(file, "utf8");
  const next = text.replace(before, after);
  if (next === text) throw new Error(`${file}: ${String(before)} was not found`);
  writeFileSync(file, next);
}

/** Writes a file and the folders above it. */
export function writeFile(file: string, text: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Makes `to` a copy of `from`, whatever it was. */
export function mirrorFolder(from: string, to: string, filter?: (path: string) => boolean): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, {
    recursive: true,
    ...(filter === undefined ? {} : { filter: (source: string) => filter(source) }),
  });
}

/** Makes a folder by writing it under another name first, so that half a folder is never taken for a whole. */
export async function ensureFolder(folder: string, write: (into: string) => Promise<void>): Promise<void> {
  if (existsSync(join(folder, ".complete"))) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await write(folder);
  writeFileSync(join(folder, ".complete"), "");
}
