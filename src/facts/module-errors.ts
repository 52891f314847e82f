import type { ModParseError } from "./modfile/types.ts";
import type { FactsDiagnostic } from "./types.ts";

/** What is wrong with lines of a go.mod or go.work, as findings; at most five. */
export function syntaxErrors(file: string, errors: readonly ModParseError[]): readonly FactsDiagnostic[] {
  return errors.slice(0, 5).map(({ message, help, at }) => ({
    severity: "error",
    code: "GF016",
    message,
    help,
    file,
    position: at,
  }));
}

/** A go.mod without the line that names its module. */
export function noModuleLine(file: string): FactsDiagnostic {
  return {
    severity: "error",
    code: "GF016",
    message: `${file} has no module line`,
    help: "add `module example.com/name` as its first line",
    file,
    position: { line: 1, column: 1 },
  };
}
