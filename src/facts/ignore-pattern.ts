import { compileGlob } from "./glob.ts";

/**
 * One pattern of an ignore file, without its `!`, as a test of paths; undefined where BuildKit refuses it.
 *
 * moby/patternmatcher:patternmatcher.go turns a pattern into text for Go's regexp package and inherits what that
 * makes of the characters it forgets to escape. The client that sends the context uses it, so its quirks are the
 * rules: `|` is a choice, `{2}` a repetition, a `*` in brackets is not a star.
 */
export function compilePattern(pattern: string): ((path: string) => boolean) | undefined {
  if (compileGlob(pattern) === undefined) return undefined;
  const { kind, regexp } = scan(Array.from(pattern));
  switch (kind) {
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
    case "regexp": {
      const source = translate(Array.from(`^${regexp}$`));
      if (source === undefined) return undefined;
      const compiled = new RegExp(source, "u");
      return (path) => compiled.test(path);
    }
  }
}

/** Makes a path a pattern that matches it alone. One without wildcards lets the client go straight to it. */
export function escapePattern(path: string): string {
  // At the ends, spaces would be cut.
  const escaped = /[*?[\]\\!]|^\s|\s$/.test(path) ? path.replace(/[*?[\]\\!^{}|]/g, "\\$&") : path;
  return escaped.replace(/^\s|\s$/g, "[$&]");
}

interface Scanned {
  readonly kind: "exact" | "prefix" | "suffix" | "regexp";
  /** In Go's syntax. */
  readonly regexp: string;
}

function scan(characters: readonly string[]): Scanned {
  let kind: Scanned["kind"] = "exact";
  let regexp = "";
  for (let at = 0; at < characters.length;) {
    const start = at;
    const c = characters[at++] ?? "";
    if (c === "*" && characters[at] === "*") {
      at++;
      if (characters[at] === "/") at++;
      if (at < characters.length) {
        regexp += "(.*/)?";
        kind = "regexp";
      } else if (kind === "exact") {
        kind = "prefix";
      } else {
        regexp += ".*";
        kind = "regexp";
      }
      if (start === 0) kind = "suffix";
    } else if (c === "*" || c === "?") {
      regexp += c === "*" ? "[^/]*" : "[^/]";
      kind = "regexp";
    } else if (".+()$".includes(c)) {
      regexp += `\\${c}`;
    } else if (c === "\\") {
      regexp += `\\${characters[at++] ?? ""}`;
      kind = "regexp";
    } else {
      regexp += c;
      if (c === "[" || c === "]") kind = "regexp";
    }
  }
  return { kind, regexp };
}

/** Escapes that mean the same to Go and to JavaScript, `\s` but for spaces outside ASCII. */
const SAME = /^[dDwWsSbBtnrfv]$/;

/** Go's regexp syntax (golang/go:src/regexp/syntax/parse.go), as far as patterns lead to it, for JavaScript. */
function translate(source: readonly string[]): string | undefined {
  let out = "";
  // What a repetition may follow: not the start of a choice, and not another repetition.
  let isAtom = false;
  for (let at = 0; at < source.length;) {
    const c = source[at++] ?? "";
    const wasAtom = isAtom;
    isAtom = true;
    if (c === "\\") {
      const escaped = escape(source[at++]);
      if (escaped === undefined) return undefined;
      out += escaped;
    } else if (c === "[") {
      const found = characterClass(source, at);
      if (found === undefined) return undefined;
      out += found.text;
      at = found.end;
    } else if (c === "{") {
      const count = /^\{(0|[1-9]\d*)(?:,(0|[1-9]\d*)?)?\}/.exec(source.slice(at - 1, at + 12).join(""));
      if (count === null) {
        out += "\\{";
        continue;
      }
      const [whole, low, high = low] = count;
      const isCount = Number(low) <= 1000 && Number(high) <= 1000 && Number(low) <= Number(high);
      if (!wasAtom || !isCount) return undefined;
      out += whole;
      at += whole.length - 1;
      isAtom = false;
    } else if (c === "." || c === ")") {
      out += c === "." ? "[^\\n]" : ")";
    } else if ("^$(|*?".includes(c)) {
      out += c;
      isAtom = false;
    } else {
      out += literal(c);
    }
  }
  return out;
}

function escape(c: string | undefined): string | undefined {
  if (c === undefined) return undefined;
  if (SAME.test(c)) return `\\${c}`;
  if (c === "a") return "\\u{7}";
  return /[0-9A-Za-z\u0080-\u{10ffff}]/u.test(c) ? undefined : literal(c);
}

function literal(c: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(c) ? `\\u{${c.codePointAt(0)?.toString(16) ?? ""}}` : c;
}

/** A class whose bracket was just read. */
function characterClass(
  source: readonly string[],
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  let at = start;
  const one = (): string | undefined => {
    const c = source[at++];
    return c === "\\" ? escape(source[at++]) : c === undefined ? undefined : literal(c);
  };
  const negated = source[at] === "^";
  if (negated) at++;
  let text = "";
  for (let first = true; first || source[at] !== "]"; first = false) {
    const low = one();
    if (low === undefined) return undefined;
    text += low;
    if (source[at] !== "-" || source[at + 1] === "]") continue;
    if (/^\\[dDwWsS]$/.test(low)) continue;
    at++;
    const high = one();
    if (high === undefined || point(high) < point(low)) return undefined;
    text += `-${high}`;
  }
  return { text: `[${negated ? "^" : ""}${text}]`, end: at + 1 };
}

/** The character behind a literal. */
function point(text: string): number {
  const hex = /^\\u\{(.*)\}$/.exec(text)?.[1];
  return hex === undefined ? (text.codePointAt(0) ?? 0) : Number.parseInt(hex, 16);
}
