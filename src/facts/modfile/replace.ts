import { quote, short } from "../../description/index.ts";
import { isVersion } from "../version.ts";
import { addQuoteProblem } from "./directives.ts";
import type { ModLine, Token } from "./lines.ts";
import {
  importPathProblem,
  majorProblem,
  type ModuleProblem,
  replacementProblem,
  versionOfProblem,
} from "./module-path.ts";
import type { ModParseError, ModuleVersion, Replace } from "./types.ts";

/**
 * The `replace` lines of a go.mod or go.work; what is wrong with one is added to `errors`.
 * Rules: golang.org/x/mod/modfile/rule.go (parseReplace), golang/go:src/cmd/go/internal/modload/modfile.go (toReplaceMap).
 *
 * @param file `go.work`: there versions may leave numbers out
 */
export function readReplaces(
  lines: readonly ModLine[],
  file: "go.mod" | "go.work",
  errors: ModParseError[],
): readonly Replace[] {
  const replaces = new Map<string, Replace>();
  const out: Replace[] = [];
  for (const line of lines) {
    if (line.verb !== "replace") continue;
    const { args } = line;
    const arrow = args[1]?.raw === "=>" ? 1 : 2;
    const old = moduleVersion(args.slice(0, arrow), file);
    const target = moduleVersion(args.slice(arrow + 1), file);
    if (args[arrow]?.raw !== "=>" || old === undefined || target === undefined) {
      errors.push({
        message: "usage: replace module/path [v1.2.3] => other/module v1.4 (or => ../local/directory)",
        help: "name the module, `=>`, and a module with a version, or a directory that begins with `./`, `../` or `/`",
        at: line.at,
      });
      continue;
    }
    if (args.some((token) => addQuoteProblem(token, errors))) continue;
    const problem = replaceProblem(old, target);
    if (problem !== undefined) {
      errors.push({ ...problem, at: line.at });
      continue;
    }
    // Nothing can require it, and Go passes over it.
    if (importPathProblem(old.path) !== undefined) continue;
    const at = args[arrow + 1]?.at ?? line.at;
    const local = target.version === "" || isLocalPath(target.path);
    const replace: Replace = { old, new: target, local, at };
    const key = `${old.path} ${old.version}`;
    const other = replaces.get(key);
    const isSame = other?.new.path === target.path && other.new.version === target.version;
    if (other !== undefined && !isSame) {
      errors.push({
        message: `${versioned(old)} is replaced twice: by ${versioned(other.new)} in line ${other.at.line}, and by ${versioned(target)}`,
        help: "remove one of the two lines",
        at,
      });
    }
    replaces.set(key, replace);
    out.push(replace);
  }
  return out;
}

function replaceProblem(old: ModuleVersion, target: ModuleVersion): ModuleProblem | undefined {
  const replaced = old.version === "" ? majorProblem(old.path) : versionOfProblem(old.path, old.version);
  if (replaced !== undefined) return replaced;
  if (target.version === "") return directoryProblem(target.path);
  return isLocalPath(target.path)
    ? { message: "a directory that replaces a module has no version", help: "leave the version out" }
    : replacementProblem(target.path, target.version);
}

function directoryProblem(path: string): ModuleProblem | undefined {
  if (path.includes("\\")) {
    return { message: `${quote(path)} is a path of Windows`, help: "write the directory with slashes" };
  }
  if (isLocalPath(path) || /^[A-Za-z]:/.test(path)) return undefined;
  const [module, version] = path.split("@");
  return {
    message: `${quote(path)} is neither a directory nor a module with a version`,
    help:
      version === undefined
        ? "a directory begins with `./`, `../` or `/`; a module has its version behind it, after a space"
        : `write \`${short(module ?? "")} ${short(version)}\``,
  };
}

/** A directory rather than a module path: `./`, `../`, absolute. */
function isLocalPath(path: string): boolean {
  return (
    path === "." || path === ".." || path.startsWith("./") || path.startsWith("../") || path.startsWith("/")
  );
}

function moduleVersion(tokens: readonly Token[], file: "go.mod" | "go.work"): ModuleVersion | undefined {
  const [path, token] = tokens;
  if (path === undefined || tokens.length > 2) return undefined;
  const version = token?.text ?? "";
  return { path: path.text, version: file === "go.work" ? padded(version) : version };
}

/** With all three numbers. */
function padded(version: string): string {
  if (!isVersion(version)) return version;
  return /^v[0-9]+$/.test(version)
    ? `${version}.0.0`
    : /^v[0-9]+\.[0-9]+$/.test(version)
      ? `${version}.0`
      : version;
}

/** A module as messages name it. */
export function versioned({ path, version }: ModuleVersion): string {
  return version === "" ? short(path) : `${short(path)} ${short(version)}`;
}
