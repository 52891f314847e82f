import { createHash } from "node:crypto";
import { type ErrorDetail, GatewayError, isGatewayError } from "../gateway/index.ts";
import { MissingCapsError } from "../llb/index.ts";
import {
  buildkitRange,
  type Diagnostic,
  firstLine,
  formatDiagnostics,
  isDiagnosticError,
  type Source,
  visible,
  visibleText,
} from "../description/index.ts";
import { type Builder, lacking } from "./builder.ts";
import { sourceInfo } from "./excerpt.ts";

/** gRPC code 2: clients print it without a name in front of the message. */
const UNKNOWN = 2;

/**
 * Turns whatever ended the build into the error that BuildKit shows. Diagnostics carry their ranges in the description
 * and in files of the tree, so that every client prints the excerpts; errors of BuildKit itself keep all their details;
 * everything else is a bug of ours and says so.
 *
 * @param sources the description first, where it was read
 */
export function toGatewayError(thrown: unknown, sources: readonly Source[], builder: Builder): GatewayError {
  if (isDiagnosticError(thrown)) return fromDiagnostics(thrown.diagnostics, sources);
  if (thrown instanceof MissingCapsError) {
    return fromDiagnostics([lacking(builder, thrown.missing, sources[0])], sources);
  }
  if (isGatewayError(thrown)) return readable(thrown);
  return internalError(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

/** Any error may quote a name of the source tree. */
function readable(error: GatewayError): GatewayError {
  const message = visibleText(error.message);
  if (message === error.message) return error;
  return new GatewayError(message, { code: error.code, details: error.details, cause: error });
}

const REPORT = "help: it is not your fault: report it with this id";

/** Our bug: what happened and where, and an id that is the same for the same bug. */
function internalError(error: Error): GatewayError {
  const where = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5)
    .map((line) => line.trim());
  const text = visibleText([error.message, ...where].join("\n"));
  const id = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return new GatewayError(`GF099 internal error of go-frontend (id ${id}): ${text}\n${REPORT}`, {
    code: UNKNOWN,
  });
}

function fromDiagnostics(diagnostics: readonly Diagnostic[], sources: readonly Source[]): GatewayError {
  const places = sources.map((source) => ({
    source,
    ranges: diagnostics.flatMap(({ file, range }) =>
      file === source.filename && range !== undefined ? [buildkitRange(range)] : [],
    ),
  }));
  const marked = places.filter(({ ranges }) => ranges.length > 0);
  // A detail is always attached: without one BuildKit points at the `# syntax=` line.
  const shown =
    marked.length > 0 ? marked : places.slice(0, 1).map((place) => ({ ...place, ranges: [firstLineOnly] }));
  const details = shown.map(({ source, ranges }): ErrorDetail => ({
    kind: "source",
    info: sourceInfo(source, source === sources[0] ? "YAML" : ""),
    ranges,
  }));
  const [only] = diagnostics;
  const message =
    only !== undefined && diagnostics.length === 1 ? withHelp(only) : formatDiagnostics(diagnostics, sources);
  return new GatewayError(message, { code: UNKNOWN, details });
}

const firstLineOnly = { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } };

/** What is wrong and what to do; the excerpt follows from the client. */
export function withHelp(diagnostic: Diagnostic): string {
  return `${firstLine(diagnostic)}\nhelp: ${visible(diagnostic.help)}`;
}
