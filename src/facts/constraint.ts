/**
 * Build constraints: the expression grammar of `//go:build`, the legacy `// +build` lines, and where in a file they count.
 * Rules: golang/go:src/go/build/constraint/expr.go and src/go/build/build.go (parseFileHeader, shouldBuild), Go 1.26.
 */
import { detach } from "./detach.ts";
import { fields, isSpace, trimSpace } from "./space.ts";

export type Expr =
  | { readonly op: "tag"; readonly tag: string }
  | { readonly op: "not"; readonly x: Expr }
  | { readonly op: "and" | "or"; readonly x: Expr; readonly y: Expr };

/** What the head of a file asks for. `invalid`: Go refuses the file with an error. */
export type Constraint =
  | { readonly kind: "always" }
  | { readonly kind: "when"; readonly all: readonly Expr[] }
  | { readonly kind: "invalid"; readonly reason: string };

const always: Constraint = { kind: "always" };

/** Reads the constraint from a file's text (a leading byte order mark removed). Stops at the first line of code. */
export function readConstraint(text: string): Constraint {
  const head = scanHeader(text);
  if (head === undefined) return { kind: "invalid", reason: "multiple //go:build comments" };
  if (head.goBuild !== undefined) {
    const expr = parseGoBuild(head.goBuild);
    return expr === undefined
      ? { kind: "invalid", reason: "parsing //go:build line" }
      : { kind: "when", all: [expr] };
  }
  if (!head.plusArea.includes("+build")) return always;
  const all: Expr[] = [];
  for (const raw of head.plusArea.split("\n")) {
    const expr = parsePlusBuild(trimSpace(raw));
    if (expr !== undefined) all.push(expr);
  }
  return all.length === 0 ? always : { kind: "when", all };
}

/** Whether a tag is set; `undefined`: that is not known. */
export type HasTag = (tag: string) => boolean | undefined;

/** Whether a file is in the build; `undefined` where a tag decides that is not known. */
export function evaluate(constraint: Constraint, has: HasTag): boolean | undefined {
  if (constraint.kind === "always") return true;
  return constraint.kind === "when" && all(constraint.all.map((expr) => evaluateExpr(expr, has)));
}

function evaluateExpr(expr: Expr, has: HasTag): boolean | undefined {
  switch (expr.op) {
    case "tag":
      return has(expr.tag);
    case "not":
      return not(evaluateExpr(expr.x, has));
    case "and":
      return all([evaluateExpr(expr.x, has), evaluateExpr(expr.y, has)]);
    case "or":
      return not(all([not(evaluateExpr(expr.x, has)), not(evaluateExpr(expr.y, has))]));
  }
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function all(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

interface Header {
  readonly goBuild: string | undefined;
  /** The text in which `// +build` lines count: it ends with the last blank line before anything but // comments. */
  readonly plusArea: string;
}

function scanHeader(text: string): Header | undefined {
  let plusEnd = 0;
  let at = 0;
  let onlyLineComments = true;
  let inBlock = false;
  let goBuild: string | undefined;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const next = newline < 0 ? text.length : newline + 1;
    let line = trimSpace(text.slice(at, newline < 0 ? text.length : newline));
    at = next;
    if (line === "" && onlyLineComments) {
      plusEnd = at;
      continue;
    }
    if (!line.startsWith("//")) onlyLineComments = false;
    if (!inBlock && isGoBuildLine(line)) {
      if (goBuild !== undefined) return undefined;
      goBuild = line;
    }
    while (line !== "") {
      if (inBlock) {
        const end = line.indexOf("*/");
        if (end < 0) break;
        inBlock = false;
        line = trimSpace(line.slice(end + 2));
      } else if (line.startsWith("//")) {
        break;
      } else if (line.startsWith("/*")) {
        inBlock = true;
        line = trimSpace(line.slice(2));
      } else {
        return { goBuild, plusArea: text.slice(0, plusEnd) };
      }
    }
  }
  return { goBuild, plusArea: text.slice(0, plusEnd) };
}

const MARKER = "//go:build";

function isGoBuildLine(line: string): boolean {
  return (
    line.startsWith(MARKER) && (line.length === MARKER.length || isSpace(line.charCodeAt(MARKER.length)))
  );
}

/** Parses a whole `//go:build` line; `undefined` when Go rejects it. */
function parseGoBuild(line: string): Expr | undefined {
  const tokens = tokenize(trimSpace(line.slice(MARKER.length)));
  if (tokens === undefined) return undefined;
  let at = 0;
  let terms = 0;

  const or = (): Expr | undefined => {
    let x = and();
    while (x !== undefined && tokens[at] === "||") {
      at++;
      const y = and();
      x = y === undefined ? undefined : { op: "or", x, y };
    }
    return x;
  };
  const and = (): Expr | undefined => {
    let x = not();
    while (x !== undefined && tokens[at] === "&&") {
      at++;
      const y = not();
      x = y === undefined ? undefined : { op: "and", x, y };
    }
    return x;
  };
  const not = (): Expr | undefined => {
    // Go's own bound; it keeps hostile input off our stack too.
    if (++terms > 1000) return undefined;
    if (tokens[at] !== "!") return atom();
    at++;
    const x = tokens[at] === "!" ? undefined : atom();
    return x === undefined ? undefined : { op: "not", x };
  };
  const atom = (): Expr | undefined => {
    const token = tokens[at];
    if (token === "(") {
      at++;
      const x = or();
      if (tokens[at] !== ")") return undefined;
      at++;
      return x;
    }
    if (token === undefined || !isTag(token)) return undefined;
    at++;
    return { op: "tag", tag: detach(token) };
  };

  const expr = or();
  return at === tokens.length ? expr : undefined;
}

function tokenize(text: string): readonly string[] | undefined {
  const out: string[] = [];
  const pattern = /[ \t]+|([()!]|&&|\|\||[\p{L}\p{Nd}_.]+)/uy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    if (match[1] !== undefined) out.push(match[1]);
  }
  return out;
}

const ignore: Expr = { op: "tag", tag: "ignore" };

/** Parses a trimmed `// +build` line; `undefined` when it is none or too complex for Go, which then skips it. */
function parsePlusBuild(line: string): Expr | undefined {
  if (!line.startsWith("//")) return undefined;
  const rest = trimSpace(line.slice(2));
  if (!rest.startsWith("+build") || (rest.length > 6 && !isSpace(rest.charCodeAt(6)))) return undefined;
  const clauses = fields(rest.slice(6));
  let size = 0;
  let x: Expr | undefined;
  for (const clause of clauses) {
    let y: Expr | undefined;
    for (const literal of clause.split(",")) {
      const z = plusLiteral(literal);
      if (y !== undefined) size++;
      y = y === undefined ? z : { op: "and", x: y, y: z };
    }
    if (x !== undefined) size++;
    x = x === undefined ? y : { op: "or", x, y: y ?? ignore };
  }
  return size > 100 ? undefined : (x ?? ignore);
}

function plusLiteral(literal: string): Expr {
  if (literal.startsWith("!!") || literal === "!") return ignore;
  if (literal.startsWith("!")) {
    return { op: "not", x: isTag(literal.slice(1)) ? { op: "tag", tag: detach(literal.slice(1)) } : ignore };
  }
  return isTag(literal) ? { op: "tag", tag: detach(literal) } : ignore;
}

/** Tags hold letters, digits, underscores and dots; digits alone are fine (`386`). */
function isTag(word: string): boolean {
  return /^[\p{L}\p{Nd}_.]+$/u.test(word);
}
