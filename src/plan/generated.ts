import { isWithin } from "../facts/index.ts";
import { neededFor } from "./generators.ts";
import type { InspectedService } from "./inspected.ts";
import type { Generated, GeneratedPath } from "./types.ts";

/**
 * What of a service's tree is generated.
 *
 * @param files all that its programs read; directories where they are taken whole
 * @returns undefined where nothing of it is
 */
export function generatedFor(
  { generators, programs }: InspectedService,
  files: readonly string[],
): Generated | undefined {
  const isExact = programs.every(({ facts }) => facts.complete);
  const read = [...files, ...programs.flatMap(({ profile }) => profile ?? [])];
  const outputs = generators.flatMap(({ name, outputs: written }) =>
    written.map(({ path }): GeneratedPath => ({ step: name, path })),
  );
  const paths = outputs.filter(({ path }) => !isExact || read.some((file) => isWithin(file, path)));
  if (paths.length === 0) return undefined;
  return { generators: neededFor(generators, new Set(paths.map(({ step }) => step))), paths };
}

/** Whether a path of the tree is at or below one that a step writes. */
export function isGenerated({ paths }: Generated, path: string): boolean {
  return paths.some((written) => isWithin(path, written.path));
}
