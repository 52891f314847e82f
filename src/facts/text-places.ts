import type { Position } from "./types.ts";

/**
 * Lines and columns of a text. The function it returns takes offsets in any order; rising ones cost one pass over the
 * text in all.
 */
export function placesIn(text: string): (offset: number) => Position {
  let line = 1;
  let lineStart = 0;
  return (offset) => {
    if (offset < lineStart) [line, lineStart] = [1, 0];
    for (;;) {
      const end = text.indexOf("\n", lineStart);
      if (end < 0 || end >= offset) return { line, column: offset - lineStart + 1 };
      line++;
      lineStart = end + 1;
    }
  };
}
