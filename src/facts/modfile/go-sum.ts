import type { GoSum } from "./types.ts";

/** Reads go.sum and go.work.sum files (`path version[/go.mod] hash` a line); bad lines are skipped, Go reports them. */
export function parseGoSums(files: readonly { readonly file: string; readonly text: string }[]): GoSum {
  const entries = new Set<string>();
  const paths = new Set<string>();
  for (const { text } of files) {
    for (const line of text.split("\n")) {
      const [path, version, hash, extra] = line.trim().split(/\s+/);
      if (path === undefined || version === undefined || hash === undefined || extra !== undefined) continue;
      entries.add(`${path} ${version}`);
      paths.add(path);
    }
  }
  return {
    files: files.map(({ file }) => file),
    has: (path, version) => entries.has(`${path} ${version}`),
    knows: (path) => paths.has(path),
    hasGoMod: (path, version) => entries.has(`${path} ${version}/go.mod`),
  };
}
