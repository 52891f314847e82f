import { findNamedFile, refuse, type Refused } from "./named-file.ts";
import type { OpenTree } from "./open-tree.ts";

export type Line = { readonly ok: true; readonly text: string } | Refused;

const MOST_BYTES = 4096;

/**
 * The line that a file of the tree holds, such as VERSION, without spaces and line breaks around it.
 *
 * @param dir directory of the module, to which the name is relative
 */
export async function lineOfFile(tree: OpenTree, dir: string, named: string): Promise<Line> {
  const file = await findNamedFile(tree, dir, named, {
    what: "file",
    whenOutside: "name a file of the build context",
    whenDirectory: "name a file, relative to the module's directory",
    whenAbsent: "name a file, relative to the module's directory",
  });
  if (!file.ok) return file;
  const { path, named: shown, size } = file;
  const help = "put one line of text into it, such as a version";
  if (size > MOST_BYTES) {
    return refuse("GF046", `the file ${shown} has ${size} bytes; ${MOST_BYTES} are the most`, help);
  }
  const text = new TextDecoder().decode(await tree.read({ path, offset: 0, length: size })).trim();
  if (text === "") return refuse("GF046", `the file ${shown} is empty`, help);
  return /[\u0000-\u001f\u007f-\u009f\ufffd]/.test(text)
    ? refuse("GF046", `the file ${shown} holds more than a line of text`, help)
    : { ok: true, text };
}
