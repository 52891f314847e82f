import type { YAMLParseError } from "yaml";
import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { linesOf, lineText, type Source } from "./position.ts";
import { quote, visible } from "./visible.ts";

/** One fault makes several errors: no more than this many lines are reported. */
const MOST = 5;

/**
 * Errors of the YAML composer as diagnostics in our words. A tab in the indentation and a bracket
 * or quote that is never closed make everything after them look wrong, so they stand alone; of
 * other errors the first of each line is kept.
 */
export function explainYamlErrors(
  source: Source,
  errors: readonly YAMLParseError[],
  unclosed: Unclosed | undefined,
): readonly Diagnostic[] {
  if (errors.length === 0) return [];
  const { filename, text } = source;
  const lines = linesOf(text);
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);

  const braces = braceInText(source, sorted);
  if (braces.length > 0) return braces;

  const found: Diagnostic[] = [];
  const seen = new Set<number>();
  for (const error of sorted) {
    const start = Math.min(error.pos[0], text.length);
    const { line } = lines.position(start);
    const indent = /^[ \t]*/.exec(lineText(text, line))?.[0] ?? "";
    const tab = indent.indexOf("\t");
    if (tab >= 0) {
      const at = start - lines.position(start).column + 1 + tab;
      found.push(
        errorAt("GF023", "a tab is used for indentation", {
          file: filename,
          range: lines.range(at, at + 1),
          help: "use two spaces",
        }),
      );
      break;
    }
    if (unclosed !== undefined && start >= unclosed.offset) {
      found.push(neverClosed(source, unclosed));
      break;
    }
    if (seen.has(line)) continue;
    seen.add(line);
    const { message, help } = explain(text, error, sorted);
    // An error in the indentation is shown at what is indented.
    const from = Math.max(start, start - lines.position(start).column + 1 + indent.length);
    const range = lines.range(from, Math.min(Math.max(error.pos[1], from + 1), text.length));
    found.push(errorAt("GF026", message, { file: filename, range, help }));
    if (found.length === MOST) break;
  }
  return found;
}

/** An opening bracket or quote whose end is missing. */
export interface Unclosed {
  readonly offset: number;
  readonly mark: string;
  /** The bracket that stands where its own is missing: of the other kind, or its own and not indented. */
  readonly end?: { readonly offset: number; readonly what: "other" | "dedented" } | undefined;
}

/**
 * `${name}` or another brace inside text, in a list or map that is written in one line: YAML takes it for the start of
 * a map, and what follows for anything. So these stand alone.
 */
function braceInText(source: Source, errors: readonly YAMLParseError[]): readonly Diagnostic[] {
  const { filename, text } = source;
  const found: Diagnostic[] = [];
  let done = 0;
  for (const { pos } of errors) {
    const [at] = pos;
    if (at < done || !/^[^\s[{,:"'][{[]/.test(text.slice(at - 1, at + 1)) || found.length === MOST) continue;
    const [start, end] = textAround(text, at);
    done = end;
    const value = text.slice(start, end);
    const sign = text.startsWith("${", at - 1) ? "${…}" : text.charAt(at);
    const help = value.length > 80 ? "put the text in quotes" : `write \`${quoted(value)}\``;
    found.push(
      errorAt("GF026", `text that holds \`${sign}\` needs quotes inside \`[…]\` and \`{…}\``, {
        file: filename,
        range: linesOf(text).range(start, end),
        help,
      }),
    );
  }
  return found;
}

/** The value that a brace at an offset belongs to, as whoever wrote it without quotes meant it. */
function textAround(text: string, at: number): readonly [number, number] {
  const before = /(?:[^[\]{},:\n]|:(?! ))*$/.exec(text.slice(Math.max(0, at - 1024), at))?.[0] ?? "";
  const after = /^(?:\{[^}\n]*\}|\[[^\]\n]*\]|[^\]},\n])*/.exec(text.slice(at, at + 1024))?.[0] ?? "";
  const start = at - before.trimStart().length;
  return [start, at + after.trimEnd().length];
}

/** The rest of the line as one value. */
function wholeValue(text: string, start: number): string | undefined {
  const value = /^[^\n#]*/.exec(text.slice(start, start + 200))?.[0].trim() ?? "";
  return value === "" || value.length > 80 || visible(value) !== value || /["'\\]/.test(value)
    ? undefined
    : `write \`"${value}"\` if the \`:\` belongs to it`;
}

/** `key: - a` with its one item. */
function listInLine(text: string, start: number): string | undefined {
  const item = /^-\s+([\w./:@=+-]{1,60})\s*$/m.exec(text.slice(start, start + 80).split("\n")[0] ?? "")?.[1];
  return item === undefined ? undefined : `write \`[${item}]\`, or start the list in the next line`;
}

/** The fix for text that starts with a sign of YAML's. */
function inQuotes(text: string, start: number): string {
  const value = /^[^\s,\]}]{1,60}(?=[\s,\]}]|$)/.exec(text.slice(start, start + 61))?.[0];
  return value === undefined || visible(value) !== value
    ? "put the text in quotes"
    : `put it in quotes: \`'${value.replaceAll("'", "''")}'\``;
}

function quoted(value: string): string {
  return /["\\]/.test(value) ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
}

function neverClosed(source: Source, { offset, mark, end }: Unclosed): Diagnostic {
  const lines = linesOf(source.text);
  const at = { file: source.filename, range: lines.range(offset, offset + 1) };
  if (mark !== "[" && mark !== "{") {
    return errorAt("GF026", "quoted text is not closed", {
      ...at,
      help: `add the \`${mark}\` that is missing`,
    });
  }
  const [what, closing] = mark === "[" ? ["list", "]"] : ["map", "}"];
  switch (end?.what) {
    case "dedented":
      return errorAt("GF026", `the \`${closing}\` that closes the ${what} is not indented`, {
        file: source.filename,
        range: lines.range(end.offset, end.offset + 1),
        help: "put two spaces before it",
      });
    case "other": {
      const other = source.text.charAt(end.offset);
      return errorAt("GF026", `a ${what} is not closed`, {
        ...at,
        help: `add the \`${closing}\` that is missing before the \`${other}\``,
      });
    }
    default:
      return errorAt("GF026", `a ${what} is not closed`, {
        ...at,
        help: `add the \`${closing}\` that is missing`,
      });
  }
}

interface Words {
  readonly message: string;
  readonly help: string;
}

function explain(text: string, error: YAMLParseError, all: readonly YAMLParseError[]): Words {
  const [start, end] = error.pos;
  const here = text.slice(start, Math.max(end, start + 1));
  switch (error.code) {
    case "BLOCK_AS_IMPLICIT_KEY": {
      const alsoOverLines = all.some(
        (other) => other.code === "MULTILINE_IMPLICIT_KEY" && other.pos[0] === start,
      );
      if (alsoOverLines) {
        return {
          message: "the next line is indented as if it belonged to this value",
          help: "keys of one map start in one column",
        };
      }
      return {
        message: "the line has a second `:`",
        help: wholeValue(text, start) ?? "put the value in quotes if the `:` belongs to it",
      };
    }
    case "MULTILINE_IMPLICIT_KEY":
      return {
        message: `${quote(firstWord(text, start))} is neither a key nor a value: a \`:\` is missing`,
        help: `write \`${visible(firstWord(text, start))}:\``,
      };
    case "BAD_INDENT":
      return {
        message: "the indentation does not fit",
        help: "keys of one map, and items of one list, start in one column",
      };
    case "BAD_SCALAR_START":
      return {
        message: `text cannot start with \`${visible(here.slice(0, 1))}\``,
        help: inQuotes(text, start),
      };
    case "BAD_DQ_ESCAPE": {
      const escape = visible(text.slice(start, start + 2));
      return {
        message: `\`${escape}\` is not an escape sequence in double quotes`,
        help: "use single quotes, in which a backslash is a backslash",
      };
    }
    case "MISSING_CHAR":
      return missing(text, error);
    case "UNEXPECTED_TOKEN": {
      if (here === "]" || here === "}") return { message: `\`${here}\` closes nothing`, help: "remove it" };
      if (/block-seq-ind|seq-item-ind/.test(error.message)) {
        return {
          message: "a list starts in the line of its key",
          help: listInLine(text, start) ?? "start the list in the next line, or write `[…]`",
        };
      }
      if (here === ",") return { message: "a `,` without a value before it", help: "remove it" };
      return {
        message: `${quote(firstWord(text, start))} does not belong here`,
        help: "check the indentation and the line before",
      };
    }
    case "BLOCK_IN_FLOW":
      return {
        message: "a `:` or `-` here starts a block, which cannot stand inside `[…]` or `{…}`",
        help: "put the text in quotes if the sign belongs to it",
      };
    case "KEY_OVER_1024_CHARS":
      return { message: "a key is longer than 1024 characters", help: "write a shorter key" };
    default:
      return { message: lowerFirst((error.message.split("\n")[0] ?? "").slice(0, 160)), help: AS_YAML };
  }
}

/** The help for what no other words are known for. */
const AS_YAML = "write it as YAML 1.2 has it: `key: value`, lists as `[a, b]`, and text with signs in quotes";

function missing(text: string, error: YAMLParseError): Words {
  const [start] = error.pos;
  if (/followed by map values/.test(error.message)) {
    const word = firstWord(text, start);
    return {
      message: `${quote(word)} is not a key: a \`:\` is missing`,
      help: `write \`${visible(word)}: …\`, with a space after the \`:\``,
    };
  }
  if (/Missing , (?:between|or)/.test(error.message)) {
    return { message: "a `,` is missing between two entries", help: "separate entries with `, `" };
  }
  if (/Missing space after :/.test(error.message)) {
    return { message: "a space is missing after `:`", help: "write `key: value`" };
  }
  if (/Comments must be separated/.test(error.message)) {
    return {
      message: "a comment needs a space before its `#`",
      help: "add the space, or put the text in quotes if the `#` belongs to it",
    };
  }
  return { message: lowerFirst((error.message.split("\n")[0] ?? "").slice(0, 160)), help: AS_YAML };
}

function firstWord(text: string, start: number): string {
  return /^[^\s:,\]}]+/.exec(text.slice(start, start + 60))?.[0] ?? text.slice(start, start + 1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
