import { escapePattern } from "../facts/index.ts";

/** Include patterns for paths of the context, a directory taken whole; none, which means everything, for the root. */
export function includedPaths(paths: readonly string[]): readonly string[] {
  return paths.includes(".") ? [] : paths.map(escapePattern);
}
