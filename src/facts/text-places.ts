import type { Position } from "./types.ts";

/**
 * Lines and columns of a text. The function it returns takes offsets in any order; rising ones cost one pass over the
 * text in all.
 */
export function placesIn(text: string): (offset: number) => Position {
  let line = 1;
  let lineStart = 0;
  // Looked for once a line: a line may be megabytes long and hold thousands of places.
  let lineEnd = endOfLine(text, 0);
  return (offset) => {
    if (offset < lineStart) [line, lineStart, lineEnd] = [1, 0, endOfLine(text, 0)];
    while (lineEnd < offset) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = endOfLine(text, lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? Infinity : end;
}
