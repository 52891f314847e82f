import type * as z from "zod/mini";
import type { Code } from "./codes.ts";
import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { goVersion } from "./go-version.ts";
import { keyHint } from "./hints.ts";
import { literal } from "./literal.ts";
import type { Places } from "./located.ts";
import type { Node } from "./node.ts";
import type { Path, Range, Source } from "./position.ts";
import { docAt, keysAt, schemaAt } from "./schema-walk.ts";
import { descriptionSchema, type Description } from "./schema.ts";
import type { Problem } from "./rule.ts";
import { quote, visible } from "./visible.ts";

/** Reads plain data by the schema. What comes out is frozen. */
export function validate(
  data: unknown,
  source: Source,
  places: Places,
):
  | { readonly ok: true; readonly description: Description }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const result = descriptionSchema.safeParse(data);
  if (result.success) return { ok: true, description: frozen(result.data) };
  const context = { file: source.filename, places };
  return { ok: false, diagnostics: result.error.issues.flatMap((issue) => explain(issue, [], context)) };
}

interface Context {
  readonly file: string;
  readonly places: Places;
}

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

function explain(issue: z.core.$ZodIssue, above: Path, context: Context): readonly Diagnostic[] {
  const path: Path = [
    ...above,
    ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step)),
  ];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(path, key, context));
    case "invalid_key":
      // The issues inside speak of the key itself; its path is ours already.
      return issue.issues.map((inner) =>
        inner.code === "custom" ? ruled(inner, path, context, true) : wrongType(path, context),
      );
    case "invalid_union": {
      // One of another type says nothing of a value that fits the other.
      const meant = issue.errors.find(
        (errors) => !errors.every((inner) => inner.code === "invalid_type" && inner.path.length === 0),
      );
      return meant === undefined
        ? [wrongType(path, context)]
        : meant.flatMap((inner) => explain(inner, path, context));
    }
    case "custom":
      return [ruled(issue, path, context, false)];
    default:
      return [wrongType(path, context)];
  }
}

/** What a rule found, at the value or at its key. */
function ruled(
  issue: z.core.$ZodIssueCustom,
  path: Path,
  { file, places }: Context,
  atKey: boolean,
): Diagnostic {
  const problem = issue.params?.["problem"] as Problem;
  const code: Code = problem.code ?? "GF040";
  const message =
    problem.whole === true || atKey ? sentence(problem, path, atKey) : `${label(path)} ${problem.message}`;
  const help = (atKey ? gluedPair(path, places) : undefined) ?? problem.help;
  return errorAt(code, message, {
    file,
    range: atKey ? places.keyRangeOf(path) : places.rangeOf(path),
    help,
  });
}

/** `{ a:b }` is a key `a:b` without a value to YAML. */
function gluedPair(path: Path, places: Places): string | undefined {
  const node = places.nodeAt(path);
  const [, key, value] = /^([^:\s]{1,60}):([^:\s]{1,60})$/.exec(String(path.at(-1))) ?? [];
  const isEmpty = node?.kind === "scalar" && node.value === null;
  return isEmpty && key !== undefined
    ? `write \`${key}: ${value ?? ""}\`, with a space after the \`:\``
    : undefined;
}

function sentence(problem: Problem, path: Path, atKey: boolean): string {
  if (problem.whole === true) return problem.message;
  return atKey ? `a key of ${label(path.slice(0, -1))} ${problem.message}` : problem.message;
}

function unknownKey(parent: Path, key: string, { file, places }: Context): Diagnostic {
  const allowed = keysAt(parent);
  const known = `llowed here: ${allowed.join(", ")}`;
  const hint = keyHint(parent, key);
  const where = parent.length === 0 ? "" : ` in ${label(parent)}`;
  return errorAt("GF021", `unknown key ${quote(key)}${where}`, {
    file,
    range: places.keyRangeOf([...parent, key]),
    help: hint === undefined ? `a${known}` : `${hint}. A${known}`.replace("?. A", "? A"),
  });
}

function wrongType(path: Path, { file, places }: Context): Diagnostic {
  const node = places.nodeAt(path);
  const range = places.rangeOf(path);
  const doc = docAt(path);
  const name = label(path);
  if (path.length === 0) {
    return errorAt("GF025", `a description is a map of keys, found ${found(node)}`, {
      file,
      range,
      help: "write `key: value` lines, like `main: ./cmd/orders`",
    });
  }
  if (node?.kind === "scalar" && path.length === 1 && path[0] === "go" && typeof node.value === "number") {
    return unquotedVersion(node.plain ?? String(node.value), node.value, { file, range });
  }
  const isText = schemaAt(path)?._zod.def.type === "string";
  if (node?.kind === "scalar" && node.value === null) {
    const help =
      doc !== undefined && doc.example !== ""
        ? `for example \`${doc.example}\`; leave the key out for the default`
        : isText
          ? `write \`${visible(String(path.at(-1)).slice(0, 60))}: ""\` for empty text`
          : "write a value, or leave the key out";
    return errorAt("GF025", `${name} has no value`, { file, range: places.keyRangeOf(path), help });
  }
  const words = doc?.words ?? (isText ? "text" : "something else");
  const help = literal(path, node) ?? exampleAt(path);
  return errorAt("GF025", `${name} must be ${words}, found ${found(node)}`, { file, range, help });
}

/** What a value of the key looks like, or of the map or list that it stands in. */
function exampleAt(path: Path): string {
  for (let length = path.length; length > 0; length--) {
    const doc = docAt(path.slice(0, length));
    if (doc !== undefined) return `for example \`${doc.example}\``;
  }
  return "leave the key out for the default";
}

function unquotedVersion(
  written: string,
  value: number,
  at: { readonly file: string; readonly range: Range },
): Diagnostic {
  const shown = visible(written.slice(0, 40));
  const help =
    goVersion(written) === undefined
      ? 'write the version in quotes, like `go: "1.26"`'
      : `write \`go: "${shown}"\``;
  return errorAt("GF020", `go: ${shown} is a number (${value}) in YAML`, { ...at, help });
}

function found(node: Node | undefined): string {
  if (node === undefined) return "nothing";
  if (node.kind !== "scalar") return `a ${node.kind}`;
  if (node.value === null) return "nothing";
  if (typeof node.value === "string") return `text ${quote(node.value)}`;
  if (typeof node.value === "number") {
    return `the number ${visible((node.plain ?? String(node.value)).slice(0, 40))}`;
  }
  return `${node.value}`;
}

/** `ports`, `ports[1]`, `env.LOG_LEVEL`: the key as a person would name it; the line says the rest. */
function label(path: Path): string {
  if (path.length === 0) return "the description";
  const last = path.at(-1);
  const before = path.at(-2);
  if (typeof last === "number") return `${String(before)}[${last}]`;
  const parent = schemaAt(path.slice(0, -1))?._zod.def.type;
  const isFree = parent === "record" && path.length > 1;
  return visible(isFree ? `${String(before)}.${String(last).slice(0, 60)}` : String(last).slice(0, 60));
}
