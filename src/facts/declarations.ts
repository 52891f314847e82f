/**
 * What a Go file declares at its top level: enough to tell what the linker's `-X` can set. Every real syntax error is
 * the compiler's to report; a text that is no Go gives what can be read of it.
 */
export interface Declarations {
  readonly entries: ReadonlyMap<string, Declaration>;
  /** Import paths by the name they have in the file: that of the last element where none is written. */
  readonly imports: ReadonlyMap<string, string>;
}

export type Declaration =
  | { readonly kind: "const" | "func" }
  /** `type T = …` when it is an alias. */
  | { readonly kind: "type"; readonly alias: boolean }
  /** Tokens of the type and of the initial value; empty where none is written. */
  | { readonly kind: "var"; readonly type: Tokens; readonly value: Tokens };

export type Tokens = readonly string[];

/** Rules: https://go.dev/ref/spec, "Tokens", "Semicolons", "Declarations and scope". */
export function scanDeclarations(source: string): Declarations {
  const entries = new Map<string, Declaration>();
  const imports = new Map<string, string>();
  for (const statement of statements(source)) {
    const [word = "", name = ""] = statement;
    switch (word) {
      case "import":
        for (const spec of specsOf(statement)) addImport(imports, spec);
        break;
      case "const":
        for (const spec of specsOf(statement)) {
          for (const constant of namesOf(spec)) entries.set(constant, { kind: "const" });
        }
        break;
      case "var":
        for (const spec of specsOf(statement)) addVariables(entries, spec);
        break;
      case "type":
        for (const [type = "", next] of specsOf(statement)) {
          entries.set(type, { kind: "type", alias: next === "=" });
        }
        break;
      case "func":
        // A method has its receiver in the name's place.
        if (name !== "(") entries.set(name, { kind: "func" });
        break;
      default:
        break;
    }
  }
  return { entries, imports };
}

const lexeme =
  /\s+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|`[^`]*(?:`|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[\p{L}_][\p{L}\p{Nd}_]*|[0-9][\p{L}\p{Nd}_.]*|<-|[^]/uy;

/** Statements of the top level as tokens; of a function only its head. */
function* statements(source: string): Generator<Tokens> {
  let statement: string[] = [];
  let depth = 0;
  let last = "";
  const add = (token: string): void => {
    const isHead = statement.length < 3 || statement[0] !== "func";
    if (isHead) statement.push(token);
    last = token;
  };
  lexeme.lastIndex = 0;
  for (let match = lexeme.exec(source); match !== null && match[0] !== ""; match = lexeme.exec(source)) {
    const [text] = match;
    const isSpace = /^(?:\s|\/[/*])/.test(text);
    // A line that may end a statement ends it.
    const ends =
      text === ";" ||
      (isSpace && text.includes("\n") && /^[\p{L}_0-9"'`)\]}]/u.test(last) && !goesOn.has(last));
    if (ends && depth === 0) {
      if (statement.length > 0) yield statement;
      statement = [];
      last = "";
    } else if (ends) {
      add(";");
    } else if (!isSpace) {
      if ("([{".includes(text)) depth++;
      if (")]}".includes(text)) depth = Math.max(0, depth - 1);
      add(text);
    }
  }
  if (statement.length > 0) yield statement;
}

/** Words after which a line goes on: all keywords but `break`, `continue`, `fallthrough` and `return`. */
const goesOn = new Set(
  "case chan const default defer else for func go goto if import interface map package range select struct switch type var".split(
    " ",
  ),
);

/** `var x int` is one; `var ( … )` holds several. */
function specsOf(statement: Tokens): readonly Tokens[] {
  if (statement[1] !== "(") return [statement.slice(1)];
  const inner = statement.at(-1) === ")" ? statement.slice(2, -1) : statement.slice(2);
  return split(inner, ";").filter((spec) => spec.length > 0);
}

function addImport(imports: Map<string, string>, spec: Tokens): void {
  const literal = spec.at(-1) ?? "";
  const path = literal.slice(1, -1);
  const elements = path.split("/");
  const last = /^v[0-9]+$/.test(elements.at(-1) ?? "") ? elements.at(-2) : elements.at(-1);
  imports.set(spec.length > 1 ? (spec[0] ?? "") : (last ?? path), path);
}

function namesOf(spec: Tokens): readonly string[] {
  const names = [spec[0] ?? ""];
  for (let at = 1; spec[at] === ","; at += 2) names.push(spec[at + 1] ?? "");
  return names;
}

function addVariables(entries: Map<string, Declaration>, spec: Tokens): void {
  const names = namesOf(spec);
  const rest = spec.slice(2 * names.length - 1);
  const equals = split(rest, "=", 2);
  const [type = [], all = []] = equals;
  const values = all.length === 0 ? [] : split(all, ",");
  for (const [index, name] of names.entries()) {
    // One call may give several values.
    entries.set(name, {
      kind: "var",
      type,
      value: values.length === names.length ? (values[index] ?? []) : all,
    });
  }
}

/** Parts of tokens between separators that stand in no bracket; at most `most` parts. */
function split(tokens: Tokens, separator: string, most = Infinity): readonly Tokens[] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if ("([{".includes(token)) depth++;
    if (")]}".includes(token)) depth--;
    if (token === separator && depth === 0 && parts.length < most) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
