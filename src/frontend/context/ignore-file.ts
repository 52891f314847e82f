import { BOUNDS, ignoreFileProblem } from "../../facts/index.ts";
import type { Reference } from "../../gateway/index.ts";
import { diagnosticError } from "../../description/index.ts";

/**
 * The text of an ignore file; undefined where there is none.
 *
 * @throws GF084 for one that is larger than is read
 */
export async function readIgnoreFile(reference: Reference, path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await reference.readFile(path, { offset: 0, length: BOUNDS.ignoreFile + 1 });
  } catch {
    // There is no typed "not found": a file that cannot be read is one that is not there.
    return undefined;
  }
  const problem = ignoreFileProblem(path, bytes.length);
  if (problem !== undefined) throw diagnosticError([problem]);
  return new TextDecoder().decode(bytes);
}
