import { quote } from "../../description/index.ts";
import { fullVersion } from "../version.ts";

/** What is wrong with a module path or version, and what to write. */
export interface ModuleProblem {
  readonly message: string;
  readonly help: string;
}

/**
 * Why a path is no import path: what the go command asks of the module that it builds.
 * Rules: golang.org/x/mod/module/module.go (CheckImportPath); golang/go:src/cmd/go/internal/modload/init.go.
 */
export function importPathProblem(path: string): ModuleProblem | undefined {
  const why = problemOf(path, /^[\w.~+-]+$/);
  return why === undefined ? undefined : malformed(path, why);
}

/**
 * Why the go command cannot look for a module of that path on a proxy. A path whose first element has no dot is let
 * pass: a `replace` may provide it, and without one the go command says that it is not in std.
 * Rules: golang.org/x/mod/module/module.go (CheckPath).
 */
export function modulePathProblem(path: string): ModuleProblem | undefined {
  const why = problemOf(path, /^[\w~-][\w.~-]*$/) ?? hostProblem(path);
  return why === undefined ? undefined : malformed(path, why);
}

/**
 * Why a go.mod cannot require a module of that path at that version, wherever it comes from. The version is
 * one that the go command does not have to look up.
 * Rules: golang.org/x/mod/modfile/rule.go; golang.org/x/mod/module/module.go (CheckImportPath, CheckPathMajor);
 * golang/go:src/cmd/go/internal/modload/init.go (fixVersion).
 */
export function requirementProblem(path: string, version: string): ModuleProblem | undefined {
  return importPathProblem(path) ?? versionOfProblem(path, version);
}

/** Why a version cannot be that of a module of that path, as it is excluded or retracted. */
export function versionOfProblem(path: string, version: string): ModuleProblem | undefined {
  return majorProblem(path) ?? versionProblem(path, version, majorOf(path));
}

/** Why the end of a path cannot be its major version. */
export function majorProblem(path: string): ModuleProblem | undefined {
  if (majorOf(path) !== undefined) return undefined;
  return {
    message: `malformed module path ${quote(path)}: invalid major version`,
    help: path.startsWith("gopkg.in/")
      ? "paths on gopkg.in end in `.v1`, `.v2` …"
      : "a path ends in `/v2`, `/v3` … for major versions from 2 on, and in none for 0 and 1",
  };
}

/** Why a `replace` cannot name a module of that path at that version; its path says nothing of the version there. */
export function replacementProblem(path: string, version: string): ModuleProblem | undefined {
  return modulePathProblem(path) ?? versionProblem(path, version, undefined);
}

function malformed(path: string, why: string): ModuleProblem {
  return {
    message: `malformed module path ${quote(path)}: ${why}`,
    help: "paths are written like `example.com/team/module`: letters, digits, `-`, `.`, `_` and `~` between single slashes",
  };
}

/** Names of devices, which are no names of files on Windows (golang.org/x/mod/module/module.go, badWindowsNames). */
const device = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

function problemOf(path: string, allowed: RegExp): string | undefined {
  if (path === "") return "it is empty";
  if (path.startsWith("-")) return "leading dash";
  for (const element of path.split("/")) {
    if (element === "") return "an empty element";
    if (/^\.+$/.test(element)) return `invalid element ${quote(element)}`;
    if (element.endsWith(".")) return "trailing dot in an element";
    if (!allowed.test(element)) return `invalid element ${quote(element)}`;
    const [name = ""] = element.split(".");
    if (device.test(name)) return `${quote(name)} is the name of a device on Windows`;
    if (/~[0-9]+$/.test(name)) return "trailing tilde and digits in an element";
  }
  return undefined;
}

/** The first element is a host where it has a dot. */
function hostProblem(path: string): string | undefined {
  const [host = ""] = path.split("/");
  return !host.includes(".") || /^[a-z0-9.-]+$/.test(host)
    ? undefined
    : `the host ${quote(host)} may hold lower-case letters, digits, dots and dashes`;
}

/** `""`, `/v2`, `.v1`: what a path says of its major version. Undefined where it says something that cannot be. */
function majorOf(path: string): string | undefined {
  if (path.startsWith("gopkg.in/")) return /\.v(?:0|[1-9][0-9]*)(?=(?:-unstable)?$)/.exec(path)?.[0];
  const end = /\/v[0-9.]+$/.exec(path)?.[0];
  if (end === undefined) return "";
  return /^\/v(?:[2-9]|[1-9][0-9]+)$/.test(end) ? end : undefined;
}

function versionProblem(path: string, version: string, major: string | undefined): ModuleProblem | undefined {
  const shown = quote(path).slice(1, -1);
  const { canonical = "", build = "" } = fullVersion(version) ?? {};
  if (canonical === "" || (build !== "" && build !== "+incompatible")) {
    return {
      message: `the version ${quote(version)} of ${shown} is not of the form v1.2.3`,
      help: "run `go mod tidy`, which writes the version that this stands for",
    };
  }
  if (major === undefined) return undefined;
  const of = canonical.slice(1, canonical.indexOf("."));
  const fits =
    major === ""
      ? Number(of) < 2 || build !== ""
      : of === major.slice(2) || (major === ".v1" && version.startsWith("v0.0.0-"));
  if (fits) return undefined;
  return {
    message: `the version ${quote(version)} of ${shown} should be ${major === "" ? "v0 or v1" : major.slice(1)}, not v${of}`,
    help:
      major === ""
        ? `write \`${shown}/v${of} ${version}\`, or \`${version}+incompatible\` where the repository has no go.mod`
        : "write the major version of the path",
  };
}
