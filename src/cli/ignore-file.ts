import { statSync } from "node:fs";
import { basename } from "node:path";
import { BOUNDS, ignoreFileProblem } from "../facts/index.ts";
import { diagnosticError } from "../description/index.ts";
import { readRegular } from "./read.ts";

/** An ignore file that need not be there. */
export function readIgnoreFile(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || status.isDirectory()) return undefined;
  const problem = ignoreFileProblem(basename(path), status.size);
  if (problem !== undefined) throw diagnosticError([problem]);
  return readRegular(path, BOUNDS.ignoreFile).toString();
}
