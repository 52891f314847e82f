import { compileGlob } from "./glob.ts";
import { compileGoRegexp } from "./go-regexp.ts";

/** As {@link compilePattern}, for a rule's pattern, which may begin with `!`. */
export function compileRule(pattern: string): ((path: string) => boolean) | undefined {
  const bare = pattern.startsWith("!") ? pattern.slice(1) : pattern;
  return bare === "" ? undefined : compilePattern(bare);
}

/**
 * One pattern of an ignore file, without its `!`, as a test of paths; undefined where BuildKit refuses it.
 *
 * moby/patternmatcher:patternmatcher.go turns a pattern into text for Go's regexp package and inherits what that
 * makes of the characters it forgets to escape. The client that sends the context uses it, so its quirks are the
 * rules: `|` is a choice, `{2}` a repetition, a `*` in brackets is not a star.
 *
 * An ignore file may be hostile, so no test of a path takes longer than its length times the pattern's: JavaScript's
 * own RegExp, which backtracks, is asked for at most two wildcards.
 */
function compilePattern(pattern: string): ((path: string) => boolean) | undefined {
  if (compileGlob(pattern) === undefined) return undefined;
  // Go's text/scanner, with which the matcher reads, passes over a byte order mark at the start.
  const scanned = scan(Array.from(pattern.replace(/^\ufeff/, "")));
  switch (scanned.kind) {
    case "exact":
      return (path) => path === pattern;
    case "prefix": {
      const start = pattern.slice(0, -2);
      return (path) => path.startsWith(start);
    }
    case "suffix": {
      const end = pattern.slice(2);
      return (path) => path.endsWith(end) || (end.startsWith("/") && path === end.slice(1));
    }
    case "regexp":
      return scanned.plain !== undefined && scanned.wildcards <= 2
        ? testOf(new RegExp(`^${scanned.plain}$`, "u"))
        : compileGoRegexp(`^${scanned.regexp}$`);
  }
}

function testOf(regexp: { readonly test: (text: string) => boolean }): (path: string) => boolean {
  return (path) => regexp.test(path);
}

/**
 * Makes a path a pattern that matches it alone. One without wildcards lets the client go straight to it. Where a name
 * is not UTF-8, and so known with U+FFFD in it only, a star stands for what it may be. A question mark stands for a
 * control character: patterns travel as headers of gRPC, which take none.
 */
export function escapePattern(path: string): string {
  // At the ends, spaces would be cut.
  const escaped = /[*?[\]\\!]|^\s|\s$/.test(path) ? path.replace(/[*?[\]\\!^{}|]/g, "\\$&") : path;
  return escaped
    .replace(/[\0-\x1f\x7f]/g, "?")
    .replace(/^\s|\s$/g, "[$&]")
    .replace(/\ufffd+/g, "*");
}

interface Scanned {
  readonly kind: "exact" | "prefix" | "suffix" | "regexp";
  /** In Go's syntax. */
  readonly regexp: string;
  /** The same in JavaScript's, where it is made of names and wildcards alone. */
  readonly plain: string | undefined;
  readonly wildcards: number;
}

function scan(characters: readonly string[]): Scanned {
  let kind: Scanned["kind"] = "exact";
  let regexp = "";
  let plain = "";
  let isPlain = true;
  let wildcards = 0;
  const wildcard = (text: string, script = text): void => {
    kind = "regexp";
    // Again and again the same takes no more than once does.
    if (text === "(.*/)?" && regexp.endsWith(text)) return;
    regexp += text;
    plain += script;
    wildcards++;
  };
  for (let at = 0; at < characters.length;) {
    const start = at;
    const c = characters[at++] ?? "";
    if (c === "*" && characters[at] === "*") {
      at++;
      if (characters[at] === "/") at++;
      if (at < characters.length) wildcard("(.*/)?", "(?:[^\\n]*/)?");
      else if (kind === "exact") kind = "prefix";
      else wildcard(".*", "[^\\n]*");
      if (start === 0) kind = "suffix";
    } else if (c === "*") {
      wildcard("[^/]*");
    } else if (c === "?") {
      wildcard("[^/]");
    } else if (".+()$".includes(c)) {
      regexp += `\\${c}`;
      plain += `\\${c}`;
    } else if (c === "\\") {
      regexp += `\\${characters[at++] ?? ""}`;
      isPlain = false;
      kind = "regexp";
    } else {
      regexp += c;
      plain += c === "/" ? "\\/" : c;
      if ("[]{}|^".includes(c)) isPlain = false;
      if (c === "[" || c === "]") kind = "regexp";
    }
  }
  return { kind, regexp, plain: isPlain ? plain : undefined, wildcards };
}
