import type { ModPosition } from "./types.ts";

/** What is written in a line of go.mod or go.work from a place on. */
export interface LineEdit {
  readonly at: ModPosition;
  /** Words that need no quotes; absent: the whole line is emptied. */
  readonly to?: string | undefined;
}

/**
 * The text with other ends of some lines; comments behind them stay. No line is added or left out, so that places in the
 * text are those of the file.
 */
export function editLines(source: string, edits: readonly LineEdit[]): string {
  const lines = source.split("\n");
  for (const { at, to } of edits) {
    const line = lines[at.line - 1] ?? "";
    const [start, rest] = [line.slice(0, at.column - 1), line.slice(at.column - 1)];
    const comment = rest.indexOf("//");
    const end = comment < 0 ? (rest.endsWith("\r") ? "\r" : "") : ` ${rest.slice(comment)}`;
    lines[at.line - 1] = to === undefined ? "" : `${start}${to}${end}`;
  }
  return lines.join("\n");
}
