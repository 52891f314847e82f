import { type Diagnostic, errorAt } from "../description/index.ts";
import { BOUNDS } from "./bounds.ts";
import { HEADER_BYTES, headerBytes } from "./headers.ts";
import { trimSpace } from "./space.ts";
import type { IgnoreRule } from "./source-tree.ts";

/** What is wrong with the size of an ignore file: one that were cut would let in what its last lines leave out. */
export function ignoreFileProblem(file: string, size: number): Diagnostic | undefined {
  if (size <= BOUNDS.ignoreFile) return undefined;
  const start = { line: 1, column: 1, offset: 0 };
  return errorAt("GF084", `${file} is larger than ${BOUNDS.ignoreFile} bytes, the most that is read`, {
    file,
    range: { start, end: start },
    help: "write patterns in place of names, like `**/*.log`",
  });
}

/** What is wrong with the number of rules: each travels with each transfer of the folder, and paths need room beside them. */
export function tooManyRules(rules: readonly IgnoreRule[]): readonly Diagnostic[] {
  const most = HEADER_BYTES / 2;
  let bytes = 0;
  const first = rules.find(({ pattern }) => (bytes += headerBytes([pattern])) > most);
  if (first === undefined) return [];
  const start = { line: first.line, column: 1, offset: 0 };
  const { file } = first;
  return [
    errorAt(
      "GF084",
      `the ${rules.length} patterns of ${file} are more than BuildKit can pass to the client`,
      {
        file,
        range: { start, end: start },
        help: "from this line on there is no room: leave out folders in place of files, and write patterns in place of names, like `**/*.log`",
      },
    ),
  ];
}

/**
 * The rules of a folder's build: those beside the description for it alone, or else the folder's own
 * (moby/buildkit:frontend/dockerui/config.go).
 *
 * @param description the description's file name
 * @param beside the text of `<description>.dockerignore`, where there is one
 * @param shared the text of the context's `.dockerignore`, where there is one
 */
export function ignoreRules(
  description: string,
  beside: string | undefined,
  shared: string | undefined,
): readonly IgnoreRule[] {
  const instead = `${description}.dockerignore`;
  if (beside !== undefined) return parseIgnoreFile(beside, instead);
  return parseIgnoreFile(shared ?? "").map((rule) => ({ ...rule, instead }));
}

/**
 * Reads an ignore file into rules, in order (moby/patternmatcher:ignorefile/ignorefile.go): comments start with # at
 * the line's first character, `!` brings back what an earlier pattern left out, a leading slash means the root.
 *
 * @param file the file's name, for messages
 */
export function parseIgnoreFile(text: string, file = ".dockerignore"): readonly IgnoreRule[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((content, index) => {
      if (content.startsWith("#")) return [];
      const line = trimSpace(content);
      const negated = line.startsWith("!");
      const bare = trimSpace(negated ? line.slice(1) : line);
      if (bare === "") return [];
      // The matcher trims and cleans once more, with the sign as part of the first name.
      const read = trimSpace(`${negated ? "!" : ""}${withoutSlash(cleanPath(bare))}`);
      return read === "" ? [] : [{ file, line: index + 1, pattern: cleanPath(read) }];
    });
}

/** One leading slash dropped unless nothing else is left. */
function withoutSlash(pattern: string): string {
  return pattern.length > 1 && pattern.startsWith("/") ? pattern.slice(1) : pattern;
}

/** Go's filepath.Clean. */
function cleanPath(pattern: string): string {
  const rooted = pattern.startsWith("/");
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !rooted) parts.push(part);
  }
  const path = parts.join("/");
  if (rooted) return `/${path}`;
  return path === "" ? "." : path;
}
