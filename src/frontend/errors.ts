import { createHash } from "node:crypto";
import { type ErrorDetail, GatewayError, isGatewayError } from "../gateway/index.ts";
import { MissingCapsError } from "../llb/index.ts";
import {
  type Diagnostic,
  firstLine,
  formatDiagnostics,
  isDiagnosticError,
  short,
  type Source,
  visible,
} from "../spec/index.ts";
import { type Builder, lacking } from "./builder.ts";

/** gRPC code 2: clients print it without a name in front of the message. */
const UNKNOWN = 2;

/**
 * Turns whatever ended the build into the error that BuildKit shows. Diagnostics carry the ranges of
 * the description, so that every client prints the excerpt; errors of BuildKit itself keep all their
 * details; everything else is a bug of ours and says so.
 */
export function toGatewayError(
  thrown: unknown,
  description: Source | undefined,
  builder: Builder,
): GatewayError {
  if (isDiagnosticError(thrown)) return fromDiagnostics(thrown.diagnostics, description);
  if (thrown instanceof MissingCapsError) {
    return fromDiagnostics([lacking(builder, thrown.missing, description)], description);
  }
  if (isGatewayError(thrown)) return withoutArguments(thrown);
  return internalError(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

/**
 * The failure of a step of our program, whose arguments name every module and every file: hundreds of words that say
 * nothing more than the step's own lines above.
 */
function withoutArguments(error: GatewayError): GatewayError {
  const message = error.message.replace(
    /process "(\/helper\/helper \w+) (?:[^"\\]|\\.)*" did not/,
    'process "$1 …" did not',
  );
  if (message === error.message) return error;
  return new GatewayError(message, { code: error.code, details: error.details, cause: error });
}

/** Our bug: what happened and where, and an id that is the same for the same bug. */
function internalError(error: Error): GatewayError {
  const where = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5)
    .map((line) => line.trim());
  const text = [error.message, ...where].map((line) => line.split("\n").map(visible).join("\n")).join("\n");
  const id = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return new GatewayError(`GF099 internal error of go-frontend (id ${id}): ${text}`, { code: UNKNOWN });
}

function fromDiagnostics(diagnostics: readonly Diagnostic[], description: Source | undefined): GatewayError {
  const sources = description === undefined ? [] : [description];
  const inFile = diagnostics.filter(
    (each) => each.file === description?.filename && each.range !== undefined,
  );
  const details: ErrorDetail[] =
    description === undefined
      ? []
      : [
          {
            kind: "source",
            info: {
              filename: description.filename,
              language: "YAML",
              data: new TextEncoder().encode(excerptText(description.text)),
            },
            // A detail is always attached: without one BuildKit points at the `# syntax=` line.
            ranges: (inFile.length > 0 ? inFile : [undefined]).map((each) => ({
              start: { line: each?.range?.start.line ?? 1, character: (each?.range?.start.column ?? 1) - 1 },
              end: { line: each?.range?.end.line ?? 1, character: (each?.range?.end.column ?? 1) - 1 },
            })),
          },
        ];
  const [only] = diagnostics;
  const message =
    only !== undefined && diagnostics.length === 1 ? withHelp(only) : formatDiagnostics(diagnostics, sources);
  return new GatewayError(message, { code: UNKNOWN, details });
}

/** More of a line says nothing more of an error. */
const EXCERPT_WIDTH = 200;

/**
 * The description as clients print it around an error. They print it as it is: a binary file named by mistake must
 * not drive the terminal, nor a line of 200 KiB fill it.
 */
export function excerptText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) =>
      short(
        line
          .slice(0, 4 * EXCERPT_WIDTH)
          .split("\t")
          .map(visible)
          .join("\t"),
        EXCERPT_WIDTH,
      ),
    )
    .join("\n");
}

/** What is wrong and what to do; the excerpt follows from the client. */
export function withHelp(diagnostic: Diagnostic): string {
  return diagnostic.help === undefined
    ? firstLine(diagnostic)
    : `${firstLine(diagnostic)}\nhelp: ${diagnostic.help}`;
}
