import { OWN_PATH } from "./container-path.ts";
import { cleanPath } from "./path.ts";
import { suggest } from "./suggest.ts";
import { quote } from "./visible.ts";

/** A fault in a template; offset and length count UTF-16 units of the template. */
export interface TemplateProblem {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly help: string;
}

export type ExpandResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** Names that `${…}` knows besides the keys of `args:`, and what each stands for. */
export const BUILTINS: Readonly<Record<string, string>> = {
  "git.commit": "the commit that is built",
  "git.short": "its first seven digits",
  "git.time": "when it was committed, in UTC, like `2026-01-31T09:30:00Z`",
  "git.tag": "the tag of the commit, like `v1.2.3`; of several the highest version",
  "git.describe":
    "as `git describe --tags --always --abbrev=7`, like `v1.2.3-4-g0123456`; it ends in `-dirty` where the tree is known to differ from the commit",
  "git.dirty": "whether the tree differs from the commit: `true` or `false`",
  "git.source":
    "the URL of the repository, as the client tells it (`vcs:source`), or else of the remote `origin` or `upstream` in `.git`, without a login",
  "file:PATH":
    "the line that a file holds, without spaces around it, like `${file:VERSION}`: at most 4,096 bytes, relative to `module`",
  "build.time": "the time of the build, `SOURCE_DATE_EPOCH`, in UTC, like `2026-01-31T09:30:00Z`",
  "target.platform": "the platform of the image, like `linux/arm/v7`",
  "target.os": "GOOS of the image, like `linux`",
  "target.arch": "GOARCH of the image, like `arm64`",
  "target.variant": "the platform's variant, like `v7`; empty when it has none",
  "go.version": "the Go release that `go:` or go.mod chooses, like `1.26.3`, or `1.26` for its newest patch",
  "module.path": "the module path of go.mod",
  "service.name": "the name of the service",
};

/** A fault of writing; `bare` is the name in `$name` and `${name`. */
type Fault = TemplateProblem & { readonly bare?: string | undefined };

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "name"; readonly name: string; readonly offset: number; readonly length: number };

/** How the name of a variable begins that stands for a file: `${file:VERSION}`. */
export const FILE = "file:";

const name = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/**
 * Puts values in for `${name}` and a dollar sign for `$$`; what a value holds is not looked at
 * again. `lookup` gives undefined for a name it does not know; all such names are reported, with
 * the nearest of `known`. A `$` before anything else is a fault: it would read like a variable.
 */
export function expand(
  template: string,
  lookup: (name: string) => string | undefined,
  known: Iterable<string> = [],
): ExpandResult {
  const { parts, problems } = read(template);
  const faults = problems.map(({ bare, ...problem }): TemplateProblem =>
    bare === undefined ? problem : { ...problem, help: adviceFor(template, bare, lookup, known) },
  );
  let value = "";
  for (const part of parts) {
    if (part.kind === "text") {
      value += part.text;
      continue;
    }
    const found = lookup(part.name);
    if (found === undefined) faults.push(unknownName(template, part.name, part.offset, part.length, known));
    else value += found;
  }
  return faults.length === 0 ? { ok: true, value } : { ok: false, problems: faults };
}

/** Names that stand as `${…}` in a template, each once. */
export function variablesIn(template: string): readonly string[] {
  return [...new Set(read(template).parts.flatMap((part) => (part.kind === "name" ? [part.name] : [])))];
}

function unknownName(
  template: string,
  unknown: string,
  offset: number,
  length: number,
  known: Iterable<string>,
): TemplateProblem {
  return {
    offset,
    length,
    message: `unknown variable ${quote(unknown)}`,
    help: adviceFor(template, unknown, () => undefined, known),
  };
}

/** What to write for a name that is unknown, or that is not written as a variable. */
function adviceFor(
  template: string,
  wanted: string,
  lookup: (name: string) => string | undefined,
  known: Iterable<string>,
): string {
  if (lookup(wanted) !== undefined) return `write \`\${${wanted}}\`, or \`$$\` for a dollar sign`;
  if (wanted === "PATH") {
    const whole = template.replaceAll(/\$\{PATH\}|\$PATH\b/g, OWN_PATH);
    return `the container's variables are not known here; write the value out: ${quote(whole.slice(0, 200))}`;
  }
  const near = suggest(wanted, known);
  if (near !== undefined) return `did you mean \`\${${near}}\`?`;
  const name = /^\w{1,40}$/.test(wanted) && !/^\d/.test(wanted) ? wanted : "name";
  const declare = `declare it: \`args: { ${name}: "default" }\``;
  return template.includes(`\${${wanted}}`)
    ? `${declare}, or write \`$$\` for a dollar sign`
    : `${declare}, and write \`\${${name}}\`; a dollar sign is written \`$$\``;
}

function read(template: string): { parts: readonly Part[]; problems: readonly Fault[] } {
  const parts: Part[] = [];
  const problems: Fault[] = [];
  let at = 0;
  while (at < template.length) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) break;
    if (dollar > at) parts.push({ kind: "text", text: template.slice(at, dollar) });
    const next = template[dollar + 1];
    if (next === "$") {
      parts.push({ kind: "text", text: "$" });
      at = dollar + 2;
      continue;
    }
    const close = next === "{" ? template.indexOf("}", dollar) : -1;
    if (close < 0) {
      const bare = /^\$\{?([A-Za-z_][A-Za-z0-9_]*)/.exec(template.slice(dollar, dollar + 64))?.[1];
      problems.push({
        offset: dollar,
        length: lengthOf(template, dollar, bare),
        message:
          next === "{"
            ? "a variable is not closed: `}` is missing"
            : "a dollar sign must start a variable like `${name}`",
        bare,
        help:
          next === "("
            ? 'no command is run: declare `args: { name: "default" }`, write `${name}`, and build with `--build-arg name=…`'
            : "write `$$` for a dollar sign",
      });
      at = next === "{" ? template.length : dollar + 1;
      continue;
    }
    const inner = template.slice(dollar + 2, close);
    const length = close + 1 - dollar;
    const file = inner.startsWith(FILE) ? cleanPath(inner.slice(FILE.length)) : undefined;
    if (file?.ok === true) {
      parts.push({ kind: "name", name: `${FILE}${file.value}`, offset: dollar, length });
    } else if (file?.ok === false) {
      const { message, help } = file.problem;
      problems.push({ offset: dollar, length, message: `the path of a file ${message}`, help });
    } else if (name.test(inner)) {
      parts.push({ kind: "name", name: inner, offset: dollar, length });
    } else {
      problems.push({
        offset: dollar,
        length,
        message: `${quote(inner)} is not the name of a variable`,
        help: defaultIn(inner) ?? "only names can stand in `${…}`: no expressions",
      });
    }
    at = close + 1;
  }
  if (at < template.length) parts.push({ kind: "text", text: template.slice(at) });
  return { parts, problems };
}

/** How much of a template belongs to what is wrong at a dollar sign. */
function lengthOf(template: string, dollar: number, bare: string | undefined): number {
  switch (template[dollar + 1]) {
    case "{":
      return template.length - dollar;
    case "(": {
      const end = template.indexOf(")", dollar);
      return end < 0 ? template.length - dollar : end + 1 - dollar;
    }
    default:
      return bare === undefined ? 1 : bare.length + 1;
  }
}

/** A shell's default, `name:-text`, said in our words. */
function defaultIn(inner: string): string | undefined {
  const [, variable, text = ""] = /^([A-Za-z_]\w{0,40}):?-([\w./+:-]{0,60})$/.exec(inner) ?? [];
  return variable === undefined
    ? undefined
    : `a default stands in \`args: { ${variable}: "${text}" }\`; write \`\${${variable}}\``;
}
