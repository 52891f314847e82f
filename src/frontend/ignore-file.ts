/**
 * Reads a .dockerignore file into exclude patterns, in order
 * (moby/patternmatcher:ignorefile/ignorefile.go): comments start with # at the line's first
 * character, `!` brings back what an earlier pattern left out, a leading slash means the root.
 */
export function parseIgnoreFile(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const negated = line.startsWith("!");
      const pattern = (negated ? line.slice(1) : line).trim();
      const cleaned = pattern === "" ? pattern : cleanPattern(pattern);
      return negated ? `!${cleaned}` : cleaned;
    })
    .filter((pattern) => pattern !== "" && pattern !== "!");
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
