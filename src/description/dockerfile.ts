import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { linesOf, type Source } from "./position.ts";

/** Comments and empty lines, then an instruction that begins a Dockerfile, and no key of a map. */
const begin = /^(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*((?:FROM|ARG)[ \t][^\n]*)/i;

/** A Dockerfile in the place of a description, which YAML would call anything but that. */
export function dockerfileProblem(source: Source): Diagnostic | undefined {
  const [whole = "", line = ""] = begin.exec(source.text) ?? [];
  if (line === "" || /:(?:\s|$)/.test(line)) return undefined;
  const start = whole.length - line.length;
  return errorAt("GF025", "this is a Dockerfile, not a description", {
    file: source.filename,
    range: linesOf(source.text).range(start, start + line.trimEnd().length),
    help: "write a file service.yaml beside it; the line `# syntax=org/go-frontend` alone is a whole description",
  });
}
