import { quotedLength, unquote } from "../go-strings.ts";
import { trimSpace } from "../space.ts";
import { short } from "../../description/index.ts";
import type { ModParseError, ModPosition } from "./types.ts";

/**
 * The line syntax shared by go.mod and go.work: `verb arguments…`, or `verb (` with one set of arguments a line.
 * Rules: golang.org/x/mod/modfile/read.go. Errors are collected, reading goes on with the next line.
 */
export interface ModLine {
  readonly verb: string;
  /** Without the verb; brackets and commas are tokens of their own, `=>` is a word. */
  readonly args: readonly Token[];
  readonly comment: string;
  readonly at: ModPosition;
}

export interface Token {
  readonly text: string;
  readonly at: ModPosition;
}

/** The lines of a go.mod, go.work or similar file, blocks resolved into single lines; and what is wrong with some. */
export function readModLines(source: string): {
  readonly lines: readonly ModLine[];
  readonly errors: readonly ModParseError[];
} {
  const lines: ModLine[] = [];
  const errors: ModParseError[] = [];
  let block: { readonly verb: Token } | undefined;
  const text = source.startsWith("\ufeff") ? source.slice(1) : source;
  let number = 0;
  for (const raw of text.split("\n")) {
    number++;
    const { tokens, comment, error } = tokenize(raw, number);
    if (error !== undefined) {
      errors.push(error);
      continue;
    }
    const [first] = tokens;
    if (first === undefined) continue;
    if (block !== undefined) {
      if (first.text === ")" && tokens.length === 1) block = undefined;
      else lines.push({ verb: block.verb.text, args: tokens, comment, at: first.at });
      continue;
    }
    const last = tokens.at(-1);
    if (tokens.length === 2 && last?.text === "(") block = { verb: first };
    else if (tokens.length === 3 && tokens[1]?.text === "(" && last?.text === ")") continue;
    else lines.push({ verb: first.text, args: tokens.slice(1), comment, at: first.at });
  }
  if (block !== undefined) {
    errors.push({
      message: `unclosed block: ${short(block.verb.text)} (`,
      help: "close it: a `)` in a line of its own",
      at: block.verb.at,
    });
  }
  return { lines, errors };
}

interface TokenizedLine {
  readonly tokens: readonly Token[];
  readonly comment: string;
  readonly error: ModParseError | undefined;
}

function tokenize(line: string, number: number): TokenizedLine {
  const tokens: Token[] = [];
  let at = 0;
  const fail = (message: string, help: string): TokenizedLine => {
    return { tokens, comment: "", error: { message, help, at: { line: number, column: at + 1 } } };
  };
  while (at < line.length) {
    const c = line[at] ?? "";
    const position = { line: number, column: at + 1 };
    if (c === " " || c === "\t" || c === "\r") {
      at++;
    } else if (line.startsWith("//", at)) {
      return { tokens, comment: trimSpace(line.slice(at + 2)), error: undefined };
    } else if (line.startsWith("/*", at)) {
      return fail(
        "mod files must use // comments (not /* */ comments)",
        "begin each line of the comment with `//`",
      );
    } else if ("()[]{},".includes(c)) {
      tokens.push({ text: c, at: position });
      at++;
    } else if (c === '"' || c === "`") {
      const length = quotedLength(line.slice(at));
      const value = length === undefined ? undefined : unquote(line.slice(at, at + length));
      if (length === undefined || value === undefined) {
        return fail("invalid quoted string", "close it in its line, or leave the quotes out");
      }
      tokens.push({ text: value, at: position });
      at += length;
    } else {
      const start = at;
      while (
        at < line.length &&
        // Quotes inside a word are part of it.
        !" \t\r()[]{},".includes(line[at] ?? "") &&
        !line.startsWith("//", at)
      ) {
        at++;
      }
      tokens.push({ text: line.slice(start, at), at: position });
    }
  }
  return { tokens, comment: "", error: undefined };
}
