// What clients ask without building: `--call=targets`, `--call=outline`, `--check`
// (moby/buildkit:frontend/subrequests). Each answer is JSON for programs and text for people.
import type { OpenTree } from "../facts/index.ts";
import { GatewayError, type Result, singleResult } from "../gateway/index.ts";
import { type Asking, inspect, planEach, sourcesFor, targetsOf } from "../plan/index.ts";
import {
  buildkitRange,
  type Diagnostic,
  diagnosticError,
  isDiagnosticError,
  type LocatedDescription,
  type ParseResult,
  visible,
  visibleText,
} from "../description/index.ts";
import { type Builder, checkBuilder } from "./builder.ts";
import { withHelp } from "./errors.ts";
import { outlineOf } from "./outline.ts";
import { checkOptions, unusedOptions } from "./options/option-checks.ts";
import type { Options } from "./options/options.ts";
import { excerptText } from "./excerpt.ts";

const DESCRIBE = "frontend.subrequests.describe";
const OUTLINE = "frontend.outline";
const TARGETS = "frontend.targets";
const LINT = "frontend.lint";

const ABOUT = [
  {
    name: OUTLINE,
    version: "1.0.0",
    type: "rpc",
    description: "List the build arguments, secrets and agents of the description",
  },
  { name: TARGETS, version: "1.0.0", type: "rpc", description: "List the targets of the description" },
  {
    name: LINT,
    version: "1.0.0",
    type: "rpc",
    description: "Check the description and the source tree without building",
  },
  { name: DESCRIBE, version: "1.0.0", type: "rpc", description: "List the requests this frontend answers" },
].map((request) => ({
  ...request,
  opts: [],
  inputs: [],
  metadata: [
    { name: "result.json", description: "JSON" },
    { name: "result.txt", description: "text" },
  ],
  refs: [],
}));

/** What answers are made from. */
export interface Asked {
  readonly parsed: ParseResult;
  readonly tree: OpenTree;
  readonly options: Options;
  readonly builder: Builder;
  /** Of the tree, beside its files. */
  readonly known?: Pick<Asking, "findCommit" | "contexts"> | undefined;
}

/**
 * Answers a sub-request as JSON and as text: `--check`, `--call=targets`, `--call=outline`, and the list of these.
 *
 * @throws a DiagnosticError for a description that cannot be read, where the answer is about what it says
 * @throws GatewayError (Unimplemented) for a request that this frontend does not know
 */
export async function answerSubrequest(id: string, asked: Asked): Promise<Result> {
  const { parsed, tree, options } = asked;
  switch (id) {
    case DESCRIBE:
      return answer(ABOUT, ABOUT.map((request) => `${request.name}\t${request.description}`).join("\n"));
    case OUTLINE: {
      const located = described(parsed);
      return answer(...outlineOf(located));
    }
    case TARGETS: {
      const located = described(parsed);
      const inspected = await inspect(located, tree, options.request, { contexts: asked.known?.contexts });
      const targets = targetsOf(inspected.services).map(({ name, description, default: isDefault }) => ({
        name,
        description,
        ...(isDefault ? { default: true } : {}),
      }));
      const text = targets
        .map((target) => `${target.name}${"default" in target ? " (default)" : ""}\t${target.description}`)
        .join("\n");
      return answer({ targets, sources: [Buffer.from(located.source.text).toString("base64")] }, text);
    }
    case LINT:
      return lint(asked);
    default:
      throw new GatewayError(`unsupported request ${id}`, {
        code: 12,
        details: [{ kind: "subrequest", name: id }],
      });
  }
}

function described(parsed: ParseResult): LocatedDescription {
  if (parsed.ok) return parsed.located;
  throw diagnosticError(parsed.diagnostics);
}

/** Everything that planning can find, as warnings and, when it ends the build, the build error. */
async function lint({ parsed, tree, options, builder, known }: Asked): Promise<Result> {
  const found: Diagnostic[] = [];
  try {
    if (!parsed.ok) found.push(...parsed.diagnostics);
    else {
      const inspected = await inspect(parsed.located, tree, options.request, known);
      const plans = planEach(parsed.located, inspected, options.request);
      found.push(...checkBuilder(builder, plans, parsed.located.source), ...checkOptions(options, plans));
      found.push(...parsed.warnings, ...inspected.warnings, ...unusedOptions(options));
    }
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    found.push(...error.diagnostics);
  }
  const description = parsed.ok ? parsed.located.source : parsed.source;
  const sources = await sourcesFor(found, description, tree);
  const location = (diagnostic: Diagnostic): object => {
    const sourceIndex = sources.findIndex(({ filename }) => filename === diagnostic.file);
    return {
      ...(sourceIndex === 0 ? {} : { sourceIndex }),
      ranges: diagnostic.range === undefined ? [] : [buildkitRange(diagnostic.range)],
    };
  };
  // Of an error clients print the source without asking whether there is one (moby/buildkit:
  // frontend/subrequests/lint/lint.go, PrintErrorTo): buildx would end in a panic. The message holds the place.
  const errorLocation = (diagnostic: Diagnostic): object =>
    sources.some(({ filename }) => filename === diagnostic.file) ? location(diagnostic) : { ranges: [] };
  const errors = found.filter((diagnostic) => diagnostic.severity === "error");
  const warnings = found.filter((diagnostic) => diagnostic.severity === "warning");
  const [first] = errors;
  const json = {
    warnings: warnings.map((diagnostic) => ({
      ruleName: diagnostic.code,
      description: visible(diagnostic.message),
      detail: detailOf(diagnostic, options.filename),
      location: location(diagnostic),
    })),
    sources: sources.map((source) => ({
      filename: source.filename,
      data: Buffer.from(excerptText(source.text)).toString("base64"),
      ...(source === description ? { language: "YAML" } : {}),
    })),
    buildError:
      first === undefined
        ? undefined
        : { message: errors.map(withHelp).join("\n"), location: errorLocation(first) },
  };
  const text = found.length === 0 ? "no problems found" : found.map(withHelp).join("\n");
  return answer(json, text, { "result.statuscode": found.length === 0 ? "0" : "1" });
}

/**
 * All that clients print of a warning beside its code (moby/buildkit:frontend/subrequests/lint/lint.go, PrintTo), with
 * the place where it is not in the description, of which they print the lines.
 */
function detailOf(found: Diagnostic, description: string): string {
  const { file, range, message, help } = found;
  const place =
    file === undefined || file === description ? "" : `${visible(file)}:${range?.start.line ?? 1}: `;
  return `${place}${visible(message)}\nhelp: ${visible(help)}`;
}

function answer(json: unknown, text: string, more: Readonly<Record<string, string>> = {}): Result {
  return singleResult(undefined, {
    // Clients print what stands in it.
    "result.json": JSON.stringify(json, (_, value: unknown) =>
      typeof value === "string" ? visibleText(value) : value,
    ),
    "result.txt": `${visibleText(text)}\n`,
    version: "1.0.0",
    ...more,
  });
}
