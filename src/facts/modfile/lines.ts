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
  /** As written, with its quotes. */
  readonly raw: string;
  readonly at: ModPosition;
}

/** What stands before the bracket of a block, one word in most of them. */
export interface ModBlock {
  readonly words: readonly Token[];
  readonly at: ModPosition;
}

export interface ModLines {
  readonly lines: readonly ModLine[];
  /** All blocks, empty ones too. */
  readonly blocks: readonly ModBlock[];
  readonly errors: readonly ModParseError[];
}

/**
 * The lines of a go.mod, go.work or similar file, blocks resolved into single lines; and what is wrong with some. What
 * a block of several words holds is left out.
 */
export function readModLines(text: string): ModLines {
  const lines: ModLine[] = [];
  const blocks: ModBlock[] = [];
  const errors: ModParseError[] = [];
  let block: ModBlock | undefined;
  let isConflict = false;
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
    if (first.raw === "<<<<<<<" && !isConflict) {
      isConflict = true;
      errors.push({ ...conflict, at: first.at });
    }
    if (isConflict && /^(?:<{7}|\|{7}|={7}|>{7})$/.test(first.raw)) continue;
    if (block !== undefined) {
      const [verb, ...more] = block.words;
      if (first.raw === ")") {
        block = undefined;
        const [behind] = tokens.slice(1);
        if (behind !== undefined) errors.push({ ...behindBlock, at: behind.at });
      } else if (verb !== undefined && more.length === 0) {
        lines.push({ verb: verb.raw, args: tokens, comment, at: first.at });
      }
      continue;
    }
    const ends = tokens.slice(-2).map((token) => token.raw);
    if (tokens.length > 1 && ends.at(-1) === "(") {
      block = { words: tokens.slice(0, -1), at: first.at };
      blocks.push(block);
    } else if (tokens.length > 2 && ends.join("") === "()") {
      blocks.push({ words: tokens.slice(0, -2), at: first.at });
    } else {
      lines.push({ verb: first.raw, args: tokens.slice(1), comment, at: first.at });
    }
  }
  if (block !== undefined) {
    errors.push({
      message: `unclosed block: ${short(block.words[0]?.text ?? "")} (`,
      help: "close it: a `)` in a line of its own",
      at: block.at,
    });
  }
  return { lines, blocks, errors };
}

/** Go finds neither a directive nor a module in it, wherever it stands. */
const conflict = {
  message: "git has left a conflict here",
  help: "finish the merge: keep what is right of both sides, and remove the lines of `<`, `=` and `>`",
};

const behindBlock = {
  message: "something stands behind the closing bracket of a block",
  help: "write it into a line of its own",
};

/**
 * What Go's lexer takes for no part of a word: control and formatting characters, and spaces other than the usual ones.
 * Characters of a newer Unicode than its own are let pass.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Z}]/u;

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
      return fail(noBlockComments.message, noBlockComments.help);
    } else if ("()[]{},".includes(c)) {
      tokens.push({ text: c, raw: c, at: position });
      at++;
    } else if (c === '"' || c === "`") {
      const length = quotedLength(line.slice(at));
      const value = length === undefined ? undefined : unquote(line.slice(at, at + length));
      if (length === undefined || value === undefined) {
        return fail("invalid quoted string", "close it in its line, or leave the quotes out");
      }
      tokens.push({ text: value, raw: line.slice(at, at + length), at: position });
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
      const text = line.slice(start, at);
      const comment = text.indexOf("/*");
      const strange = unprintable.exec(text);
      if (strange !== null) {
        at = start + strange.index;
        const isMark = strange[0] === "\ufeff";
        return fail(
          isMark ? "a byte order mark" : `unexpected character ${nameOf(strange[0])}`,
          isMark ? "save the file without it" : "remove it, or put a plain space in its place",
        );
      }
      if (comment >= 0) {
        at = start + comment;
        return fail(noBlockComments.message, noBlockComments.help);
      }
      tokens.push({ text, raw: text, at: position });
    }
  }
  return { tokens, comment: "", error: undefined };
}

const noBlockComments = {
  message: "mod files must use // comments (not /* */ comments)",
  help: "begin each line of the comment with `//`",
};

/** A character that does not show: `U+00A0`. */
function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
