import { isSpace, trimSpace } from "./space.ts";
import { quotedLength, unquote } from "./go-strings.ts";
import { placesIn } from "./text-places.ts";
import type { Position } from "./types.ts";

/**
 * The patterns of all `//go:embed` directives of a file, each with the place where it stands first.
 * Rules: golang/go:src/go/build/read.go (readGoInfo, parseGoEmbed), src/go/ast/directive.go. A directive counts wherever
 * it stands as a comment; badly formed ones are left to the compiler.
 */
export function embedPatterns(text: string): ReadonlyMap<string, Position> {
  const patterns = new Map<string, Position>();
  if (!text.includes(DIRECTIVE) && !text.includes("\r")) return patterns;
  const placeOf = placesIn(text);
  for (const { comment, at } of lineComments(text)) {
    if (!comment.startsWith(DIRECTIVE)) continue;
    const after = comment.slice(DIRECTIVE.length);
    if (after !== "" && !isSpace(after.charCodeAt(0))) continue;
    for (const { value, start } of parseArguments(after) ?? []) {
      if (!patterns.has(value)) patterns.set(value, placeOf(at + DIRECTIVE.length + start));
    }
  }
  return patterns;
}

const DIRECTIVE = "//go:embed";

/** Bare words, `"…"` and `` `…` `` separated by spaces; `undefined` when one is badly quoted. */
function parseArguments(text: string): readonly Argument[] | undefined {
  const out: Argument[] = [];
  let rest = trimSpace(text);
  // Only what stands before an argument is cut off, so its place follows from what is left.
  const end = text.indexOf(rest) + rest.length;
  while (rest !== "") {
    const start = end - rest.length;
    if (rest.startsWith('"') || rest.startsWith("`")) {
      const length = quotedLength(rest);
      const value = length === undefined ? undefined : unquote(rest.slice(0, length));
      if (length === undefined || value === undefined) return undefined;
      if (length < rest.length && !isSpace(rest.charCodeAt(length))) return undefined;
      out.push({ value, start });
      rest = trimSpace(rest.slice(length));
    } else {
      let length = 0;
      while (length < rest.length && !isSpace(rest.charCodeAt(length))) length++;
      out.push({ value: rest.slice(0, length), start });
      rest = trimSpace(rest.slice(length));
    }
  }
  return out;
}

interface Argument {
  readonly value: string;
  /** Offset in the text that was parsed. */
  readonly start: number;
}

/** All `//` comments of Go source, skipping strings, runes and block comments. */
function* lineComments(text: string): Generator<{ readonly comment: string; readonly at: number }> {
  let at = 0;
  while (at < text.length) {
    const c = text[at];
    if (c === '"' || c === "'") {
      for (at++; at < text.length && text[at] !== c && text[at] !== "\n"; at++) if (text[at] === "\\") at++;
      at++;
    } else if (c === "`") {
      const end = text.indexOf("`", at + 1);
      at = end < 0 ? text.length : end + 1;
    } else if (c === "/" && text[at + 1] === "/") {
      const end = text.indexOf("\n", at);
      const stop = end < 0 ? text.length : end;
      // Go's scanner takes carriage returns out of comments (golang/go:src/go/scanner/scanner.go, scanComment).
      yield { comment: text.slice(at, stop).replaceAll("\r", ""), at };
      at = stop + 1;
    } else if (c === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 2;
    } else {
      at++;
    }
  }
}
