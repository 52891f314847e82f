import { isSpace, trimSpace } from "./constraint.ts";
import { quotedLength, unquote } from "./go-strings.ts";

/**
 * The patterns of all `//go:embed` directives of a file, sorted and unique.
 * Rules: golang/go:src/go/build/read.go (readGoInfo, parseGoEmbed), src/go/ast/directive.go. A directive counts wherever
 * it stands as a comment; badly formed ones are left to the compiler.
 */
export function embedPatterns(text: string): readonly string[] {
  if (!text.includes(directive)) return [];
  const patterns = new Set<string>();
  for (const comment of lineComments(text)) {
    if (!comment.startsWith(directive)) continue;
    const after = comment.slice(directive.length);
    if (after !== "" && !isSpace(after.charCodeAt(0))) continue;
    for (const pattern of parseArguments(after) ?? []) patterns.add(pattern);
  }
  return [...patterns].sort();
}

const directive = "//go:embed";

/** Bare words, `"…"` and `` `…` `` separated by spaces; `undefined` when one is badly quoted. */
function parseArguments(text: string): readonly string[] | undefined {
  const out: string[] = [];
  let rest = trimSpace(text);
  while (rest !== "") {
    if (rest.startsWith('"') || rest.startsWith("`")) {
      const length = quotedLength(rest);
      const value = length === undefined ? undefined : unquote(rest.slice(0, length));
      if (length === undefined || value === undefined) return undefined;
      if (length < rest.length && !isSpace(rest.charCodeAt(length))) return undefined;
      out.push(value);
      rest = trimSpace(rest.slice(length));
    } else {
      let end = 0;
      while (end < rest.length && !isSpace(rest.charCodeAt(end))) end++;
      out.push(rest.slice(0, end));
      rest = trimSpace(rest.slice(end));
    }
  }
  return out;
}

/** All `//` comments of Go source, skipping strings, runes and block comments. */
function* lineComments(text: string): Generator<string> {
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
      yield text.slice(at, stop);
      at = stop + 1;
    } else if (c === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 2;
    } else {
      at++;
    }
  }
}
