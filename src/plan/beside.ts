// Directories outside the build context that go.mod and go.work name, and that the client hands in beside it.
import { type LocatedDescription, servicesOf } from "../description/index.ts";
import {
  baseName,
  editLines,
  type OpenTree,
  outsideFolders,
  type OutsideFolder,
  readModuleFile,
} from "../facts/index.ts";
import { contextFrom } from "./context-path.ts";
import type { InlineFile } from "./types.ts";

/** What takes the place of such directories. */
export interface OutsideTexts {
  /** go.mod and go.work files that name the contexts in their place. */
  readonly texts: readonly InlineFile[];
  readonly contexts: readonly string[];
}

/** @param names of contexts that the client hands in */
export async function outsideTexts(
  located: LocatedDescription,
  tree: OpenTree,
  names: readonly string[],
): Promise<OutsideTexts> {
  if (names.length === 0) return { texts: [], contexts: [] };
  const found = await Promise.all([...moduleDirs(located)].map((dir) => outsideFolders(tree, dir)));
  const answered = found.flat().flatMap((folder) => {
    const name = contextFor(folder, names);
    return name === undefined ? [] : [{ folder, name }];
  });
  const texts = await Promise.all(
    [...Map.groupBy(answered, ({ folder }) => folder.file)].map(async ([file, lines]) => {
      const [path, text] = await Promise.all([realPath(tree, file), readModuleFile(tree, file)]);
      const edits = lines.map(({ folder: { at }, name }) => ({ at, to: contextFrom(file, name) }));
      return { path, text: editLines(text ?? "", edits) };
    }),
  );
  return { texts, contexts: [...new Set(answered.map(({ name }) => name))] };
}

/** Directories of the modules that programs are built from. */
export function moduleDirs(located: LocatedDescription): ReadonlySet<string> {
  return new Set(servicesOf(located).flatMap(({ binaries }) => binaries.map(({ module }) => module)));
}

/** Where a file is that may be behind a link, or is not there yet. */
export async function realPath(tree: OpenTree, file: string): Promise<string> {
  const place = await tree.resolve(file);
  return place.kind === "file" ? place.path : file;
}

/**
 * The context that answers for a directory: the one with the module's path as its name, else with the directory's last
 * element. Names of contexts are written as names of images are, in small letters.
 */
function contextFor({ folder, replaces }: OutsideFolder, names: readonly string[]): string | undefined {
  const last = baseName(folder.replace(/\/+$/, ""));
  const wanted = [...(replaces === undefined ? [] : [replaces]), last].map((name) => name.toLowerCase());
  return wanted.find((name) => names.includes(name));
}
