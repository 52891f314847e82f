/**
 * Reads an expression as Go does; undefined where Go refuses it, and where counted repetitions ask for too many copies.
 */
export function parseGoRegexp(source: string): Node | undefined {
  const parser: Parser = { source: Array.from(source), at: 0, repeats: 0 };
  const node = alternatives(parser);
  const isWhole = parser.at === parser.source.length && parser.repeats <= MAX_REPEATS;
  return isWhole ? node : undefined;
}

/** A counted repetition is written out; nobody ignores files by a thousand of them. */
const MAX_REPEATS = 1000;

export type CharTest = (character: string) => boolean;
export type Assertion = (before: string | undefined, after: string | undefined) => boolean;

export type Node =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "assert"; readonly holds: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "choice"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly low: number; readonly high: number };

interface Parser {
  readonly source: readonly string[];
  at: number;
  /** How many copies counted repetitions ask for. */
  repeats: number;
}

function alternatives(parser: Parser): Node | undefined {
  const parts: Node[] = [];
  for (;;) {
    const part = sequence(parser);
    if (part === undefined) return undefined;
    parts.push(part);
    if (parser.source[parser.at] !== "|") return { kind: "choice", parts };
    parser.at++;
  }
}

function sequence(parser: Parser): Node | undefined {
  const parts: Node[] = [];
  // Go repeats an atom, not a repetition.
  let isAtom = false;
  for (;;) {
    const c = parser.source[parser.at];
    if (c === undefined || c === "|" || c === ")") return { kind: "sequence", parts };
    const count = repetition(parser);
    if (count !== undefined) {
      const last = parts.pop();
      if (count === "refused" || !isAtom || last === undefined) return undefined;
      parts.push({ kind: "repeat", node: last, ...count });
      isAtom = false;
      continue;
    }
    const node = atom(parser);
    if (node === undefined) return undefined;
    parts.push(node);
    isAtom = true;
  }
}

/** A repetition, when one stands here; a brace that is none stands for itself. */
function repetition(parser: Parser): { readonly low: number; readonly high: number } | "refused" | undefined {
  const { source, at } = parser;
  const c = source[at];
  if (c === "*" || c === "?") {
    parser.at++;
    return { low: 0, high: c === "*" ? Infinity : 1 };
  }
  if (c !== "{") return undefined;
  const found = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(source.slice(at, at + 14).join(""));
  if (found === null) return undefined;
  const [whole, low = "", comma, high] = found;
  const limits = { low: Number(low), high: comma === undefined ? Number(low) : Number(high ?? Infinity) };
  const most = limits.high === Infinity ? limits.low : limits.high;
  if (most > 1000 || limits.low > limits.high) return "refused";
  parser.at += whole.length;
  parser.repeats += most;
  return limits;
}

function atom(parser: Parser): Node | undefined {
  const c = parser.source[parser.at++] ?? "";
  switch (c) {
    case "(": {
      const node = alternatives(parser);
      return node === undefined || parser.source[parser.at++] !== ")" ? undefined : node;
    }
    case "[":
      return characterClass(parser);
    case ".":
      return { kind: "char", test: (character) => character !== "\n" };
    case "^":
      return { kind: "assert", holds: (before) => before === undefined };
    case "$":
      return { kind: "assert", holds: (_before, after) => after === undefined };
    case "\\":
      return escaped(parser);
    default:
      return { kind: "char", test: (character) => character === c };
  }
}

const isWord: CharTest = (character) => /^\w$/.test(character);

function escaped(parser: Parser): Node | undefined {
  const c = parser.source[parser.at];
  const boundary: Assertion = (before, after) => isWord(before ?? "") !== isWord(after ?? "");
  switch (c) {
    case "b":
      parser.at++;
      return { kind: "assert", holds: boundary };
    case "B":
      parser.at++;
      return { kind: "assert", holds: (before, after) => !boundary(before, after) };
    case "A":
      parser.at++;
      return { kind: "assert", holds: (before) => before === undefined };
    case "z":
      parser.at++;
      return { kind: "assert", holds: (_before, after) => after === undefined };
    default: {
      const perl = perlClass(parser);
      if (perl !== undefined) return { kind: "char", test: perl };
      const literal = escapedCharacter(parser);
      return literal === undefined ? undefined : { kind: "char", test: (character) => character === literal };
    }
  }
}

const perlClasses: Readonly<Record<string, RegExp>> = {
  d: /^[0-9]$/,
  D: /^[^0-9]$/su,
  w: /^[0-9A-Za-z_]$/,
  W: /^[^0-9A-Za-z_]$/su,
  s: /^[\t\n\f\r ]$/,
  S: /^[^\t\n\f\r ]$/su,
};

/** `\d` and its kind, whose backslash was just read. */
function perlClass(parser: Parser): CharTest | undefined {
  const found = perlClasses[parser.source[parser.at] ?? ""];
  if (found === undefined) return undefined;
  parser.at++;
  return (character) => found.test(character);
}

const controls: Readonly<Record<string, string>> = {
  a: "\u0007",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** One character behind a backslash that was just read. */
function escapedCharacter(parser: Parser): string | undefined {
  const c = parser.source[parser.at++];
  if (c === undefined) return undefined;
  const control = controls[c];
  if (control !== undefined) return control;
  if (c === "x") {
    const digits = parser.source.slice(parser.at, parser.at + 2).join("");
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined;
    parser.at += 2;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  return /^[!-/:-@[-`{-~]$/.test(c) || c === " " ? c : undefined;
}

/** A class whose bracket was just read. */
function characterClass(parser: Parser): Node | undefined {
  const negated = parser.source[parser.at] === "^";
  if (negated) parser.at++;
  const tests: CharTest[] = [];
  for (let first = true; first || parser.source[parser.at] !== "]"; first = false) {
    if (parser.source[parser.at] === "\\") {
      parser.at++;
      const perl = perlClass(parser);
      if (perl !== undefined) {
        tests.push(perl);
        continue;
      }
      parser.at--;
    }
    const named = namedClass(parser);
    if (named === "unknown") return undefined;
    if (named !== undefined) {
      tests.push(named);
      continue;
    }
    const low = classCharacter(parser);
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (parser.source[parser.at] === "-" && parser.source[parser.at + 1] !== "]") {
      parser.at++;
      high = classCharacter(parser);
    }
    if (high === undefined || point(high) < point(low)) return undefined;
    const [from, to] = [point(low), point(high)];
    tests.push((character) => point(character) >= from && point(character) <= to);
  }
  parser.at++;
  return { kind: "char", test: (character) => tests.some((test) => test(character)) !== negated };
}

const namedClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\0-\\x7F",
  blank: "\\t ",
  cntrl: "\\0-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** `[:alpha:]` and `[:^alpha:]` inside a class; undefined where no such name begins. */
function namedClass(parser: Parser): CharTest | "unknown" | undefined {
  const { source, at } = parser;
  if (source[at] !== "[" || source[at + 1] !== ":") return undefined;
  const end = source.findIndex((char, index) => index >= at + 2 && char === ":" && source[index + 1] === "]");
  if (end < 0) return undefined;
  const [, negated = "", name = ""] = /^(\^?)(.*)$/su.exec(source.slice(at + 2, end).join("")) ?? [];
  const characters = Object.hasOwn(namedClasses, name) ? namedClasses[name] : undefined;
  if (characters === undefined) return "unknown";
  parser.at = end + 2;
  const found = new RegExp(`^[${negated}${characters}]$`, "su");
  return (character) => found.test(character);
}

function classCharacter(parser: Parser): string | undefined {
  const c = parser.source[parser.at];
  if (c === undefined) return undefined;
  parser.at++;
  return c === "\\" ? escapedCharacter(parser) : c;
}

const point = (character: string): number => character.codePointAt(0) ?? 0;
