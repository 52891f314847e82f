import type { OpenTree } from "../facts/index.ts";
import type { Diagnostic, Source } from "../description/index.ts";

/** More than this of a file, or more files, are not read for an excerpt. */
const MOST_BYTES = 256 * 1024;
const MOST_FILES = 5;

/**
 * The texts that diagnostics point into, for the lines that are shown with them: the description, and files of the
 * tree such as go.mod. One that cannot be read is left out.
 */
export async function sourcesFor(
  diagnostics: readonly Diagnostic[],
  description: Source,
  tree: OpenTree | undefined,
): Promise<readonly Source[]> {
  const named = diagnostics.flatMap(({ file, range }) =>
    file === undefined || range === undefined || file === description.filename ? [] : [file],
  );
  const read = [...new Set(named)].slice(0, MOST_FILES).map(async (filename): Promise<readonly Source[]> => {
    try {
      const bytes = await tree?.read({ path: filename, offset: 0, length: MOST_BYTES });
      return bytes === undefined ? [] : [{ filename, text: new TextDecoder().decode(bytes) }];
    } catch {
      return [];
    }
  });
  return [description, ...(await Promise.all(read)).flat()];
}
