import { fields } from "../space.ts";
import { addQuoteProblem, directiveReader } from "./directives.ts";
import { readModLines, type ModLine, type Token } from "./lines.ts";
import { importPathProblem, requirementProblem, versionOfProblem } from "./module-path.ts";
import { readReplaces } from "./replace.ts";
import type { GoModFile, ModParseError, Require, Retract } from "./types.ts";

/**
 * Reads go.mod. Errors are collected with their places, and what can be read is there. Directives that nobody here knows
 * are no errors yet: a newer release may.
 * Rules: golang.org/x/mod/modfile/rule.go, verbs up to Go 1.26.
 */
export function parseGoMod(file: string, text: string): GoModFile {
  const read = readModLines(text);
  const { lines } = read;
  const errors: ModParseError[] = [...read.errors];
  const { single, many, godebug, directives } = directiveReader(read, blocks, errors);

  const module = single("module");
  const go = single("go");
  const toolchain = single("toolchain");
  const require: Require[] = [];
  const exclude: GoModFile["exclude"][number][] = [];
  for (const line of lines) {
    const { verb } = line;
    if (verb !== "require" && verb !== "exclude") continue;
    const [path, version, extra] = line.args;
    if (path === undefined || version === undefined || extra !== undefined) {
      errors.push({
        message: `usage: ${verb} module/path v1.2.3`,
        help: "write the path and the version, with a space between them",
        at: line.at,
      });
      continue;
    }
    if (addQuoteProblem(path, errors) || addQuoteProblem(version, errors)) continue;
    const problemOf = verb === "require" ? requirementProblem : versionOfProblem;
    const problem = problemOf(path.text, version.text);
    const named = { path: path.text, version: version.text, at: path.at };
    if (problem !== undefined) errors.push({ ...problem, at: path.at });
    else if (verb === "require") require.push({ ...named, indirect: isIndirect(line.comment) });
    else exclude.push(named);
  }
  const tool = many("tool", "module/path/of/command");
  for (const { value, at } of tool) {
    const problem = importPathProblem(value);
    if (problem !== undefined) errors.push({ ...problem, at });
  }
  return {
    file,
    module,
    go,
    toolchain,
    godebug: godebug(),
    require,
    replace: readReplaces(lines, "go.mod", errors),
    exclude,
    retract: readRetracts(lines, module?.value, errors),
    tool,
    ignore: many("ignore", "./directory"),
    directives,
    errors,
  };
}

const blocks: ReadonlySet<string> = new Set([
  "module",
  "godebug",
  "require",
  "exclude",
  "replace",
  "retract",
  "tool",
  "ignore",
]);

function isIndirect(comment: string): boolean {
  const [first, ...more] = fields(comment);
  return more.length === 0 ? first === "indirect" : first === "indirect;";
}

/** Rules: golang.org/x/mod/modfile/rule.go (parseVersionInterval, fixRetract). */
function readRetracts(
  lines: readonly ModLine[],
  module: string | undefined,
  errors: ModParseError[],
): readonly Retract[] {
  return lines.flatMap((line): readonly Retract[] => {
    if (line.verb !== "retract") return [];
    const interval = intervalOf(line.args);
    if (interval === undefined) {
      errors.push({
        message: "usage: retract v1.2.3 (or [v1.2.3, v1.3.0])",
        help: "write one version, or the first and the last of an interval in square brackets",
        at: line.at,
      });
      return [];
    }
    const [low, high] = interval;
    for (const token of interval) {
      const problem = module === undefined ? undefined : versionOfProblem(module, token.text);
      if (addQuoteProblem(token, errors) || problem === undefined) continue;
      errors.push({ ...problem, at: token.at });
      break;
    }
    return [{ low: low.text, high: high.text, at: line.at }];
  });
}

function intervalOf(args: readonly Token[]): readonly [low: Token, high: Token] | undefined {
  const [first, low, comma, high, last, ...more] = args;
  if (first === undefined || first.raw === "(") return undefined;
  if (first.raw !== "[") return low === undefined ? [first, first] : undefined;
  const isInterval = comma?.raw === "," && last?.raw === "]" && more.length === 0;
  return isInterval && low !== undefined && high !== undefined ? [low, high] : undefined;
}
