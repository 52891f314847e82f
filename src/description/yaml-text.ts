import { Composer, CST, Lexer, Parser, type Document, type YAMLParseError } from "yaml";
import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { linesOf, type Source } from "./position.ts";
import { quote, visible } from "./visible.ts";
import { explainYamlErrors, type Unclosed } from "./yaml-errors.ts";

/** Deeper nesting is refused before anything recursive runs: real descriptions need five levels. */
const MAX_DEPTH = 32;

/** Signs, words, spaces and line ends: ten for each of the 10,000 values. Bounds the time a hostile text can take. */
const MAX_LEXEMES = 100_000;

/** The document of a description (undefined: nothing but comments), and everything YAML itself says against it. */
export interface YamlText {
  readonly document: Document.Parsed | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** False when the text could not be understood as a whole, so that `document` is no basis for more checks. */
  readonly sound: boolean;
}

/**
 * Reads YAML 1.2 with the core schema, without anchors, aliases, tags, directives and further
 * documents. The lexer and the parser of `yaml` are iterative and are watched from outside; only
 * text that stays within {@link MAX_DEPTH} reaches its recursive composer. Duplicate keys are left
 * to the caller, because the composer's own check is quadratic.
 */
export function readYaml(source: Source): YamlText {
  const tokens = tokenize(source);
  if (tokens.tooMuch !== undefined) {
    return { document: undefined, diagnostics: [tokens.tooMuch], sound: false };
  }

  const composer = new Composer({
    version: "1.2",
    schema: "core",
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = [...composer.compose(tokens.cst, true, source.text.length)];
  const [document] = documents;
  const errors: readonly YAMLParseError[] = documents.flatMap((document) => document.errors);
  const seen = new Set(tokens.refused.map((problem) => problem.range?.start.offset));
  const syntax = explainYamlErrors(
    source,
    errors.filter((error) => !seen.has(error.pos[0])),
    tokens.unclosed,
  );
  return { document, diagnostics: [...tokens.refused, ...syntax], sound: syntax.length === 0 };
}

interface Tokens {
  readonly cst: readonly CST.Token[];
  /** Features of YAML that descriptions do without. */
  readonly refused: readonly Diagnostic[];
  readonly unclosed: Unclosed | undefined;
  readonly tooMuch: Diagnostic | undefined;
}

function tokenize(source: Source): Tokens {
  const { filename, text } = source;
  const lines = linesOf(text);
  const parser = new Parser();
  const cst: CST.Token[] = [];
  const refused: Diagnostic[] = [];
  const open: Unclosed[] = [];
  let unclosed: Unclosed | undefined;
  let tooMuch: Diagnostic | undefined;
  let offset = 0;
  let count = 0;
  let isScalar = false;
  let content = false;

  const refuse = (lexeme: string, message: string, help: string): void => {
    refused.push(
      errorAt("GF024", message, { file: filename, range: lines.range(offset, offset + lexeme.length), help }),
    );
  };

  lexing: for (const lexeme of new Lexer().lex(text)) {
    const type: CST.TokenType | "text" | null = isScalar ? "text" : CST.tokenType(lexeme);
    isScalar = type === "scalar";
    switch (type) {
      case "flow-map-start":
      case "flow-seq-start":
        open.push({ offset, mark: lexeme });
        break;
      case "flow-map-end":
      case "flow-seq-end": {
        const last = open.pop();
        if (last !== undefined && (last.mark === "[") !== (lexeme === "]")) {
          unclosed ??= { ...last, end: { offset, what: "other" } };
        }
        break;
      }
      case "flow-error-end": {
        const last = open.at(-1);
        const closing = last?.mark === "[" ? "]" : "}";
        if (last !== undefined) {
          unclosed ??= text.startsWith(closing, offset)
            ? { ...last, end: { offset, what: "dedented" } }
            : last;
        }
        open.length = 0;
        break;
      }
      case "single-quoted-scalar":
      case "double-quoted-scalar":
        // The lexer ends a quoted text at its quote, or where the text must have ended without one.
        if (!/^(?:'(?:[^']|'')*'|"(?:[^"\\]|\\[^])*")$/.test(lexeme)) {
          unclosed ??= { offset, mark: lexeme.slice(0, 1) };
        }
        break;
      case "alias":
        refuse(
          lexeme,
          "anchors and aliases are not supported",
          /^\*[.\w/-]/.test(lexeme)
            ? `repeat the value, or put text that starts with \`*\` in quotes: \`'${inline(lexeme)}'\``
            : "repeat the value, or put text that starts with `*` in quotes",
        );
        break;
      case "anchor":
        refuse(
          lexeme,
          "anchors and aliases are not supported",
          "repeat the value; text that starts with `&` stands in quotes",
        );
        break;
      case "tag":
        refuse(
          lexeme,
          `tags are not supported (${quote(lexeme)})`,
          "leave it out; text that starts with `!` stands in quotes",
        );
        break;
      case "directive-line":
        refuse(
          lexeme,
          `directives are not supported (${quote(lexeme)})`,
          "leave it out; descriptions are YAML 1.2",
        );
        break;
      case "doc-start":
        if (content) {
          refuse(
            lexeme,
            "a second document starts here",
            "remove the `---`; several services of one repository stand under `services:`",
          );
          break lexing;
        }
        content = true;
        break;
      default:
        content ||=
          type !== "comment" &&
          type !== "space" &&
          type !== "newline" &&
          type !== "doc-mode" &&
          type !== "byte-order-mark";
    }
    cst.push(...parser.next(lexeme));
    count++;
    const isDeep =
      parser.stack.length > MAX_DEPTH && parser.stack.filter(CST.isCollection).length > MAX_DEPTH;
    if (isDeep || count > MAX_LEXEMES) {
      const message = isDeep
        ? `values are nested deeper than ${MAX_DEPTH} levels`
        : "the description holds too many values and lines";
      tooMuch = errorAt("GF028", message, {
        file: filename,
        range: lines.range(offset, offset + 1),
        help: "check that -f names the description; a real one holds a few hundred values at most",
      });
      break;
    }
    if (type !== "scalar" && type !== "doc-mode" && type !== "flow-error-end") offset += lexeme.length;
  }
  if (tooMuch === undefined) {
    cst.push(...parser.end());
    unclosed ??= open.at(-1);
  }
  return { cst, refused, unclosed, tooMuch };
}

function inline(text: string): string {
  return visible(text.slice(0, 60)).replaceAll("'", "''");
}
