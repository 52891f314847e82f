import { suggest } from "./suggest.ts";
import { quote } from "./visible.ts";

/** A fault in a template; offset and length count UTF-16 units of the template. */
export type TemplateProblem = {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly help?: string;
};

export type ExpandResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** Names that `${…}` knows besides the keys of `args:`, and what each stands for. */
export const BUILTINS: Readonly<Record<string, string>> = {
  "git.commit":
    "the commit that is built, as the client tells it (`vcs:revision`); `unknown` when it does not",
  "git.source":
    "the URL of the repository, as the client tells it (`vcs:source`); `unknown` when it does not",
  "target.platform": "the platform of the image, like `linux/arm/v7`",
  "target.os": "GOOS of the image, like `linux`",
  "target.arch": "GOARCH of the image, like `arm64`",
  "target.variant": "the platform's variant, like `v7`; empty when it has none",
  "go.version": "the Go release that compiles, like `1.26.3`",
  "module.path": "the module path of go.mod",
  "service.name": "the name of the service",
};

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "name"; readonly name: string; readonly offset: number; readonly length: number };

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
  const faults = [...problems];
  let value = "";
  for (const part of parts) {
    if (part.kind === "text") {
      value += part.text;
      continue;
    }
    const found = lookup(part.name);
    if (found === undefined) faults.push(unknownName(part.name, part.offset, part.length, known));
    else value += found;
  }
  return faults.length === 0 ? { ok: true, value } : { ok: false, problems: faults };
}

/** The names in a template, in order, repeated as they are; faults are left to {@link expand}. */
export function namesIn(template: string): readonly string[] {
  return read(template).parts.flatMap((part) => (part.kind === "name" ? [part.name] : []));
}

function unknownName(
  unknown: string,
  offset: number,
  length: number,
  known: Iterable<string>,
): TemplateProblem {
  const near = suggest(unknown, known);
  return {
    offset,
    length,
    message: `unknown variable ${quote(unknown)}`,
    help:
      near === undefined
        ? `declare it: \`args: { ${/^\w{1,40}$/.test(unknown) ? unknown : "name"}: "default" }\`, or write \`$$\` for a dollar sign`
        : `did you mean \`\${${near}}\`?`,
  };
}

function read(template: string): { parts: readonly Part[]; problems: readonly TemplateProblem[] } {
  const parts: Part[] = [];
  const problems: TemplateProblem[] = [];
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
      const bare = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(template.slice(dollar, dollar + 64));
      const message =
        next === "{"
          ? "a variable is not closed: `}` is missing"
          : "a dollar sign must start a variable like `${name}`";
      const help =
        bare === null
          ? "write `$$` for a dollar sign"
          : `write \`\${${bare[1] ?? ""}}\`, or \`$$\` for a dollar sign`;
      problems.push({
        offset: dollar,
        length: next === "{" ? template.length - dollar : Math.max(1, bare?.[0].length ?? 1),
        message,
        help,
      });
      at = next === "{" ? template.length : dollar + 1;
      continue;
    }
    const inner = template.slice(dollar + 2, close);
    const length = close + 1 - dollar;
    if (name.test(inner)) {
      parts.push({ kind: "name", name: inner, offset: dollar, length });
    } else {
      problems.push({
        offset: dollar,
        length,
        message: `${quote(inner)} is not the name of a variable`,
        help: "only names can stand in `${…}`: no defaults, no expressions; a default stands in `args:`",
      });
    }
    at = close + 1;
  }
  if (at < template.length) parts.push({ kind: "text", text: template.slice(at) });
  return { parts, problems };
}
