import type { Diagnostic, Range } from "../description/index.ts";
import type { FactsDiagnostic } from "../facts/index.ts";

/** A finding without a file of its own belongs to the description's value that led to it. */
export function toDiagnostic(found: FactsDiagnostic, description: string, range: Range): Diagnostic {
  const { severity, code, message, help } = found;
  if (found.file === undefined) return { severity, code, message, help, file: description, range };
  const start = { ...found.position, offset: 0 };
  return { severity, code, message, help, file: found.file, range: { start, end: start } };
}
