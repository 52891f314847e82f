import { isWithin } from "../facts/index.ts";
import { neededFor } from "./generators.ts";
import type { InspectedService } from "./inspected.ts";
import type { Generated, GeneratedPath } from "./types.ts";

/**
 * What of a service's tree is generated.
 *
 * @param files all that its programs read; directories where they are taken whole
 * @param inImage what its image takes of the tree
 * @returns undefined where nothing of it is
 */
export function generatedFor(
  { generators, programs }: InspectedService,
  files: readonly string[],
  inImage: readonly string[],
): Generated | undefined {
  const isExact = programs.every(({ facts }) => facts.complete);
  const read = [...files, ...programs.flatMap(({ profile }) => profile ?? [])];
  const outputs = generators.flatMap(({ name, outputs: written }) =>
    written.map(({ path }): GeneratedPath => ({ step: name, path })),
  );
  const paths = outputs.filter(({ path }) => !isExact || read.some((file) => isWithin(file, path)));
  const imagePaths = outputs.filter(({ path }) => inImage.some((file) => isWithin(file, path)));
  const all = [...paths, ...imagePaths];
  if (all.length === 0) return undefined;
  return {
    generators: neededFor(generators, new Set(all.map(({ step }) => step))),
    paths,
    ...(imagePaths.length === 0 ? {} : { imagePaths }),
  };
}

/** Whether a path of the tree is at or below one that a step writes. */
export function isGenerated({ paths }: Generated, path: string): boolean {
  return paths.some((written) => isWithin(path, written.path));
}
