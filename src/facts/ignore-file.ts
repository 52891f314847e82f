import type { IgnoreRule } from "./tree.ts";

/**
 * The rules of a folder's build: those beside the description for it alone, or else the folder's own
 * (moby/buildkit:frontend/dockerui/config.go).
 *
 * @param description the description's file name
 * @param own the text of `<description>.dockerignore`, where there is one
 * @param shared the text of the context's `.dockerignore`, where there is one
 */
export function ignoreRules(
  description: string,
  own: string | undefined,
  shared: string | undefined,
): readonly IgnoreRule[] {
  const instead = `${description}.dockerignore`;
  if (own !== undefined) return parseIgnoreFile(own, instead);
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
      const line = content.trim();
      const negated = line.startsWith("!");
      const bare = (negated ? line.slice(1) : line).trim();
      if (bare === "") return [];
      const pattern = cleanPattern(bare);
      // The matcher cleans once more, with the sign as part of the first name.
      return [{ file, line: index + 1, pattern: negated ? cleanPattern(`!${pattern}`) : pattern }];
    });
}

/** Go's filepath.Clean, then one leading slash dropped unless nothing else is left. */
function cleanPattern(pattern: string): string {
  const rooted = pattern.startsWith("/");
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !rooted) parts.push(part);
  }
  const path = parts.join("/");
  return path === "" ? (rooted ? "/" : ".") : path;
}
