import type { Code } from "./codes.ts";
import type { Range, Source } from "./position.ts";

/**
 * What a diagnostic is about: a stretch of a file; or what the client gave beside the files, as it is written on a
 * command line (`--platform`), in a build of the description `file`, where that is known.
 */
export type Place =
  | { readonly file: string; readonly range: Range; readonly option?: undefined }
  | { readonly file?: string | undefined; readonly option: string; readonly range?: undefined };

type Details = Place & {
  /** One line with the literal fix. */
  readonly help: string;
};

/**
 * One thing to tell the user. `message` is complete on its own and holds neither place nor code. It and the help may
 * quote hostile input: the formatter makes control characters visible, and {@link quote} keeps what is quoted short.
 */
export type Diagnostic = Details & {
  readonly code: Code;
  readonly severity: "error" | "warning";
  readonly message: string;
};

/** An error: the build cannot go on. */
export function errorAt(code: Code, message: string, details: Details): Diagnostic {
  return { code, severity: "error", message, ...details };
}

/** A warning: the build goes on. */
export function warningAt(code: Code, message: string, details: Details): Diagnostic {
  return { code, severity: "warning", message, ...details };
}

/** What is thrown when diagnostics end a build. Everything else that is thrown is a bug of ours. */
export type DiagnosticError = Error & {
  readonly diagnostics: readonly Diagnostic[];
  /** Files that the diagnostics point into, as far as the thrower has them. */
  readonly sources: readonly Source[];
};

const BRAND = "DiagnosticError";

/** Wraps at least one diagnostic in an Error; its message is the first one's. */
export function diagnosticError(
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[] = [],
): DiagnosticError {
  const first = diagnostics[0];
  const message = first === undefined ? "no diagnostic given" : `${first.code} ${first.message}`;
  return Object.assign(new Error(message), { name: BRAND, diagnostics: [...diagnostics], sources });
}

/** Whether a thrown value carries diagnostics, whichever copy of this code made it. */
export function isDiagnosticError(thrown: unknown): thrown is DiagnosticError {
  return (
    thrown instanceof Error &&
    thrown.name === BRAND &&
    Array.isArray((thrown as Partial<DiagnosticError>).diagnostics)
  );
}

/** By file, then place, then code; diagnostics without a file come last. The order of equals is kept. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) =>
      compare(a.file ?? "\uffff", b.file ?? "\uffff") ||
      (a.range?.start.offset ?? 0) - (b.range?.start.offset ?? 0) ||
      compare(a.code, b.code),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
