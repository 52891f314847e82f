// Files whose content comes with the listing of their directory.

import { LICENSE_FILES } from "../../facts/index.ts";

const MODULE_FILES = ["go.mod", "go.sum", "go.work", "go.work.sum"];

/** Files of the root that are read whatever is built; their content comes with its listing. */
export const ROOT_FILES: readonly string[] = [...MODULE_FILES, ...LICENSE_FILES];

/** Files that planning reads: their content comes with the listing of their directory. */
export const READ = [
  "**/*.go",
  "!**/*_test.go",
  "**/*.s",
  "**/*.S",
  "**/*.h",
  ...LICENSE_FILES,
  ...[...MODULE_FILES, "modules.txt"].map((name) => `**/${name}`),
];

/**
 * The same, for a second transfer in one build: BuildKit takes transfers of one session for the same when their patterns
 * are, however files are compared (moby/buildkit:source/local/source.go, CacheKey).
 */
export const READ_AGAIN = [...READ, ...READ.slice(-1)];

/** Whether {@link READ} takes a path. */
export function comesWithListing(path: string): boolean {
  // To moby/patternmatcher the stars of `**` stand for no line break.
  if (path.includes("\n")) return false;
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.endsWith(".go")) return !name.endsWith("_test.go");
  return (
    /\.(s|S|h)$/.test(name) ||
    MODULE_FILES.includes(name) ||
    ROOT_FILES.includes(path) ||
    name === "modules.txt"
  );
}
