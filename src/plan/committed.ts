import { isWithin, matchFiles, type OpenTree } from "../facts/index.ts";
import type { ScannedProgram } from "./inspected.ts";
import type { Alterations, GeneratorPlan } from "./types.ts";

/**
 * The files that decide whether what a service is made of differs from a commit. What a step writes is in no commit:
 * what it reads counts. So do the files that say how others are changed. Of a directory beside the context none does.
 *
 * @param tree the context, without what steps write
 * @returns undefined where not all of them are known
 */
export async function committedFiles(
  programs: readonly ScannedProgram[],
  generators: readonly GeneratorPlan[],
  tree: OpenTree,
  { contexts, reads }: Alterations,
): Promise<readonly string[] | undefined> {
  if (!programs.every(({ facts }) => facts.complete)) return undefined;
  const inputs = await inputFiles(tree, generators);
  if (inputs === undefined) return undefined;
  const outputs = generators.flatMap((generator) => generator.outputs);
  const files = programs
    .flatMap(({ facts }) => facts.files)
    .filter((file) => !outputs.some(({ path }) => isWithin(file, path)));
  const all = [...files, ...inputs, ...programs.flatMap(({ module }) => module.modFiles)];
  const committed = all.filter((file) => !contexts.some(({ path }) => isWithin(file, path)));
  return [...new Set([...committed, ...reads])];
}

/** All files of the tree that generators read; undefined where it is too large to be looked through. */
async function inputFiles(
  tree: OpenTree,
  generators: readonly GeneratorPlan[],
): Promise<readonly string[] | undefined> {
  const found = await Promise.all(
    generators.flatMap(({ files, without }) =>
      files.map(async (path) => {
        const place = await tree.resolve(path);
        if (place.kind !== "dir") return [path];
        const below = await matchFiles(tree, path === "." ? "**" : `${path}/**`);
        return below?.filter(
          (file) => !isWithin(file, ".git") && !without.some((output) => isWithin(file, output)),
        );
      }),
    ),
  );
  return found.some((files) => files === undefined) ? undefined : found.flatMap((files) => files ?? []);
}
