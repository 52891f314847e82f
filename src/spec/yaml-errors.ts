import type { YAMLParseError } from "yaml";
import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { linesOf, lineText, type Source } from "./position.ts";
import { quote, visible } from "./visible.ts";
import type { Unclosed } from "./yaml-text.ts";

/** One fault makes several errors: no more than this many lines are reported. */
const most = 5;

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
    found.push(errorAt("GF026", message, { file: filename, range, ...(help === undefined ? {} : { help }) }));
    if (found.length === most) break;
  }
  return found;
}

function neverClosed(source: Source, unclosed: Unclosed): Diagnostic {
  const range = linesOf(source.text).range(unclosed.offset, unclosed.offset + 1);
  const at = { file: source.filename, range };
  switch (unclosed.mark) {
    case "[":
      return errorAt("GF026", "a list is not closed", { ...at, help: "add the `]` that is missing" });
    case "{":
      return errorAt("GF026", "a map is not closed", { ...at, help: "add the `}` that is missing" });
    default:
      return errorAt("GF026", "quoted text is not closed", {
        ...at,
        help: `add the ${unclosed.mark} that is missing`,
      });
  }
}

type Words = { readonly message: string; readonly help?: string };

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
        message: "a second `:` stands in the line",
        help: "put the value in quotes if the `:` belongs to it",
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
      return { message: `text cannot start with \`${visible(here.slice(0, 1))}\``, help: "put it in quotes" };
    case "BAD_DQ_ESCAPE": {
      const escape = visible(text.slice(start, start + 2));
      return {
        message: `\`${escape}\` is no escape in double quotes`,
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
          help: "start the list in the next line, or write `[…]`",
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
      return { message: "a key is longer than 1024 characters" };
    default:
      return { message: lowerFirst((error.message.split("\n")[0] ?? "").slice(0, 160)) };
  }
}

function missing(text: string, error: YAMLParseError): Words {
  const [start] = error.pos;
  if (/followed by map values/.test(error.message)) {
    const word = firstWord(text, start);
    return {
      message: `${quote(word)} is no key: a \`:\` is missing`,
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
  return { message: lowerFirst((error.message.split("\n")[0] ?? "").slice(0, 160)) };
}

function firstWord(text: string, start: number): string {
  return /^[^\s:,\]}]+/.exec(text.slice(start, start + 60))?.[0] ?? text.slice(start, start + 1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
