import { short } from "../../description/index.ts";
import { fields } from "../space.ts";
import { readModLines, type ModLine, type Token } from "./lines.ts";
import {
  importPathProblem,
  type ModuleProblem,
  replacementProblem,
  requirementProblem,
} from "./module-path.ts";
import type { GoModFile, Located, ModParseError, ModuleVersion, Replace, Require, Retract } from "./types.ts";

/**
 * Reads go.mod. Tolerant: unknown verbs are skipped, errors are collected with their places, and what can be read is there.
 * Rules: golang.org/x/mod/modfile/rule.go, verbs up to Go 1.26.
 */
export function parseGoMod(file: string, text: string): GoModFile {
  const { lines, errors: syntax } = readModLines(text);
  const errors: ModParseError[] = [...syntax];
  const single = (verb: keyof typeof helps): Located<string> | undefined => {
    const line = lines.find((statement) => statement.verb === verb);
    const [token] = line?.args ?? [];
    if (line !== undefined && token === undefined) {
      errors.push({ message: `${verb} needs an argument`, help: helps[verb], at: line.at });
    }
    return token === undefined ? undefined : { value: token.text, at: token.at };
  };
  const many = (verb: string): readonly Located<string>[] => locatedArguments(lines, verb);

  const require: Require[] = [];
  const exclude: GoModFile["exclude"][number][] = [];
  for (const line of lines) {
    if (line.verb !== "require" && line.verb !== "exclude") continue;
    const [path, version] = line.args;
    if (path === undefined || version === undefined) {
      const message = `usage: ${line.verb} module/path v1.2.3`;
      errors.push({
        message,
        help: "write the path and the version, with a space between them",
        at: line.at,
      });
      continue;
    }
    const problem = line.verb === "require" ? requirementProblem(path.text, version.text) : undefined;
    if (problem !== undefined) {
      errors.push({ ...problem, at: path.at });
    } else if (line.verb === "require") {
      require.push({
        path: path.text,
        version: version.text,
        indirect: isIndirect(line.comment),
        at: path.at,
      });
    } else {
      exclude.push({ path: path.text, version: version.text, at: path.at });
    }
  }
  const go = single("go");
  if (
    go !== undefined &&
    !/^[1-9][0-9]*\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?([a-z]+[0-9]+)?$/.test(go.value)
  ) {
    errors.push({
      message: `invalid go version '${short(go.value)}': must match format 1.23`,
      help: helps.go,
      at: go.at,
    });
  }
  return {
    file,
    module: single("module"),
    go,
    toolchain: single("toolchain"),
    godebug: many("godebug"),
    require,
    replace: readReplaces(lines, errors),
    exclude,
    retract: readRetracts(lines),
    tool: many("tool"),
    ignore: many("ignore"),
    errors,
  };
}

/** The first argument of each line with this verb, with its place. */
export function locatedArguments(lines: readonly ModLine[], verb: string): readonly Located<string>[] {
  return lines.flatMap((line) => {
    const [token] = line.args;
    return line.verb !== verb || token === undefined ? [] : [{ value: token.text, at: token.at }];
  });
}

/** The `replace` lines of a go.mod or go.work; what is wrong with one is added to `errors`. */
export function readReplaces(lines: readonly ModLine[], errors: ModParseError[]): readonly Replace[] {
  const out: Replace[] = [];
  for (const line of lines) {
    if (line.verb !== "replace") continue;
    const arrow = line.args.findIndex((token) => token.text === "=>");
    const old = moduleVersion(line.args.slice(0, Math.max(arrow, 0)));
    const target = moduleVersion(line.args.slice(arrow + 1));
    if (arrow < 0 || old === undefined || target === undefined) {
      errors.push({
        message: "usage: replace module/path [v1.2.3] => other/module v1.4 (or => ../local/directory)",
        help: "name the module, `=>`, and a module with a version, or a directory that begins with `./`, `../` or `/`",
        at: line.at,
      });
      continue;
    }
    const problem = replaceProblem(old, target);
    if (problem !== undefined) {
      errors.push({ ...problem, at: line.at });
      continue;
    }
    const local = target.version === "" || isLocalPath(target.path);
    out.push({ old, new: target, local, at: line.args[arrow + 1]?.at ?? line.at });
  }
  return out;
}

const helps = {
  module: "write `module example.com/name`",
  go: "write the Go release, like `go 1.26` or `go 1.26.3`",
  toolchain: "write `toolchain go1.26.3`, or leave the line out",
} as const;

function replaceProblem(old: ModuleVersion, target: ModuleVersion): ModuleProblem | undefined {
  const replaced =
    old.version === "" ? importPathProblem(old.path) : requirementProblem(old.path, old.version);
  // What is no directory and has no version is left for Go to refuse.
  if (replaced !== undefined || target.version === "") return replaced;
  return isLocalPath(target.path)
    ? { message: "a directory that replaces a module has no version", help: "leave the version out" }
    : replacementProblem(target.path, target.version);
}

/** A directory rather than a module path: `./`, `../`, absolute. */
function isLocalPath(path: string): boolean {
  return (
    path === "." || path === ".." || path.startsWith("./") || path.startsWith("../") || path.startsWith("/")
  );
}

function moduleVersion(tokens: readonly Token[]): ModuleVersion | undefined {
  const [path, version] = tokens;
  return path === undefined || tokens.length > 2
    ? undefined
    : { path: path.text, version: version?.text ?? "" };
}

function isIndirect(comment: string): boolean {
  const [first, ...more] = fields(comment);
  return more.length === 0 ? first === "indirect" : first === "indirect;";
}

function readRetracts(lines: readonly ModLine[]): readonly Retract[] {
  return lines.flatMap((line) => {
    if (line.verb !== "retract") return [];
    const versions = line.args.map((token) => token.text).filter((text) => !"[],".includes(text));
    const [low, high = low] = versions;
    return low === undefined || high === undefined ? [] : [{ low, high, at: line.at }];
  });
}
