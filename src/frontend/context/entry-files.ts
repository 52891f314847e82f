import { isNotExist, type Reference } from "../../gateway/index.ts";
import type { State } from "../../llb/index.ts";
import { diagnosticError, errorAt } from "../../description/index.ts";
import { readIgnoreFile } from "./ignore-file.ts";
import type { SolveState } from "./solve-state.ts";

/** Where a description is. */
export interface Entry {
  readonly state: State;
  readonly path: string;
}

/** What was read of an entry. */
export interface EntryFiles {
  readonly description: Uint8Array;
  /** Text of the ignore file that stands beside the description, for it alone. */
  readonly ignore: string | undefined;
}

/**
 * Reads a description, and its ignore file.
 *
 * @param limit bytes of the description to read at most
 * @throws GF082 for a description that is not there or is no file, GF084 for too large an ignore file
 */
export async function readEntry(
  solve: SolveState,
  { state, path }: Entry,
  limit: number,
): Promise<EntryFiles> {
  const reference = await solve(state);
  const [description, ignore] = await Promise.all([
    readDescription(reference, path, limit),
    readIgnoreFile(reference, `${path}.dockerignore`),
  ]);
  return { description, ignore };
}

async function readDescription(reference: Reference, path: string, limit: number): Promise<Uint8Array> {
  try {
    return await reference.readFile(path, { offset: 0, length: limit });
  } catch (error) {
    const missing = isNotExist(error);
    if (!missing && !/is a directory|not a regular file/.test(String((error as Error).message))) throw error;
    const what = missing ? "is not there" : "is not a file";
    throw diagnosticError([
      errorAt("GF082", `the description ${path} ${what}`, {
        file: path,
        option: "--file",
        help: "name the description with -f FILE (buildctl: --opt filename=FILE)",
      }),
    ]);
  }
}
