import { detach } from "../detach.ts";
import { fields } from "../space.ts";
import type { BrokenSum, GoSum } from "./types.ts";

/**
 * Reads go.sum and go.work.sum files (`path version[/go.mod] hash` a line). A hash of a kind that Go does not know is as
 * good as none. Rules: golang/go:src/cmd/go/internal/modfetch/fetch.go (readGoSum, HaveSum).
 */
export function parseGoSums(files: readonly { readonly file: string; readonly text: string }[]): GoSum {
  const entries = new Set<string>();
  const paths = new Set<string>();
  const broken: BrokenSum[] = [];
  for (const { file, text } of files) {
    let line = 0;
    let isBroken = false;
    for (let start = 0, end = 0; start < text.length; start = end + 1) {
      line++;
      const found = text.indexOf("\n", start);
      end = found < 0 ? text.length : found;
      const words = fields(text.slice(start, end));
      const [path, version, hash] = words;
      if (path === undefined) continue;
      if (version === undefined || hash === undefined || words.length > 3) {
        if (!isBroken) broken.push({ file, line, words: words.length });
        isBroken = true;
        continue;
      }
      if (!hash.startsWith("h1:") || hash === EMPTY_GO_MOD) continue;
      entries.add(`${path} ${version}`);
      paths.add(detach(path));
    }
  }
  return {
    files: files.map(({ file }) => file),
    broken,
    has: (path, version) => entries.has(`${path} ${version}`),
    knows: (path) => paths.has(path),
    hasGoMod: (path, version) => entries.has(`${path} ${version}/go.mod`),
  };
}

/** Of a go.mod without a byte, which an old release wrote for what is no module: Go passes over it. */
const EMPTY_GO_MOD = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";
