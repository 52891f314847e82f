import type { Range as BuildkitRange } from "../oci/index.ts";

/** A place in a text. Lines and columns start at 1; columns and offsets count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A half-open stretch of text: `end` is the place after the last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The way to a value in the description: `["image", "ports", 0]`. */
export type Path = readonly (string | number)[];

/** A text file under the name that the user knows it by. A leading byte order mark is not part of `text`. */
export interface Source {
  readonly filename: string;
  readonly text: string;
}

/** Turns offsets of one text into positions and ranges. */
export interface Lines {
  readonly position: (offset: number) => Position;
  readonly range: (start: number, end: number) => Range;
}

/** Indexes the line starts of a text once. Offsets outside the text are moved to its nearest end. */
export function linesOf(text: string): Lines {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);

  const position = (wanted: number): Position => {
    const offset = Math.min(Math.max(wanted, 0), text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1, offset };
  };
  return {
    position,
    range: (start, end) => ({ start: position(start), end: position(Math.max(start, end)) }),
  };
}

/** A range of a file as BuildKit counts it. */
export function buildkitRange({ start, end }: Range): BuildkitRange {
  return {
    start: { line: start.line, character: start.column - 1 },
    end: { line: end.line, character: end.column - 1 },
  };
}

/** The text of a line (counted from 1) without its line break. */
export function lineText(text: string, line: number): string {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return "";
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  const full = end < 0 ? text.slice(start) : text.slice(start, end);
  return full.endsWith("\r") ? full.slice(0, -1) : full;
}
