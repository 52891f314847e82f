import { detach } from "../detach.ts";
import { fields } from "../space.ts";
import type { GoSum } from "./types.ts";

/** Reads go.sum and go.work.sum files (`path version[/go.mod] hash` a line); bad lines are skipped, Go reports them. */
export function parseGoSums(files: readonly { readonly file: string; readonly text: string }[]): GoSum {
  const entries = new Set<string>();
  const paths = new Set<string>();
  for (const { text } of files) {
    for (let start = 0, end = 0; start < text.length; start = end + 1) {
      const found = text.indexOf("\n", start);
      end = found < 0 ? text.length : found;
      const [path, version, hash, extra] = fields(text.slice(start, end));
      if (path === undefined || version === undefined || hash === undefined || extra !== undefined) continue;
      entries.add(`${path} ${version}`);
      paths.add(detach(path));
    }
  }
  return {
    files: files.map(({ file }) => file),
    has: (path, version) => entries.has(`${path} ${version}`),
    knows: (path) => paths.has(path),
    hasGoMod: (path, version) => entries.has(`${path} ${version}/go.mod`),
  };
}
