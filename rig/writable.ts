import { chmodSync, cpSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Copies a folder of Go's module cache, which is read-only, so that the copy can be changed and removed. */
export function copyWritable(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  makeWritable(to);
}

function makeWritable(path: string): void {
  const { mode } = lstatSync(path);
  chmodSync(path, mode | 0o200);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) makeWritable(child);
    else chmodSync(child, lstatSync(child).mode | 0o200);
  }
}
