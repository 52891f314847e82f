import type { Node, ScalarNode } from "./node.ts";
import type { Path } from "./position.ts";
import { schemaAt } from "./schema-walk.ts";

/**
 * What to write for the slips of type that are made most: text where a list or a map belongs, a map where text does.
 * What it gives is valid YAML. Undefined where the meaning of the text is not clear.
 */
export function literal(path: Path, node: Node | undefined): string | undefined {
  const key = String(path.at(-1));
  const written = fix(path, key, node);
  return written === undefined || written.length > 120 ? undefined : `write \`${written}\``;
}

function fix(path: Path, key: string, node: Node | undefined): string | undefined {
  const type = schemaAt(path)?._zod.def.type;
  if (node?.kind === "scalar") {
    const text = textOf(node);
    if (text === undefined) return undefined;
    switch (type) {
      case "array": {
        const items = text.split(/[\s,;]+/).filter((item) => item !== "");
        return all(items, word, (words) => `${key}: [${words.join(", ")}]`);
      }
      case "object":
        return mapOf(path, key, text);
      default:
        return undefined;
    }
  }
  if ((type === "string" || type === "union") && isFree(path)) return freeText(node);
  if (node?.kind !== "list") return undefined;
  const texts = node.items.map((item) => (item.kind === "scalar" ? textOf(item) : undefined));
  if (texts.length === 0 || texts.length > 4) return undefined;
  if (path.length === 1 && key === "services") {
    return all(
      texts,
      (text) =>
        text !== undefined && /^[a-z][a-z0-9-]*$/.test(text) ? `${text}: { main: ./cmd/${text} }` : undefined,
      (pairs) => `services: { ${pairs.join(", ")} }`,
    );
  }
  return type === "record" ? all(texts, pair, (pairs) => `${key}: { ${pairs.join(", ")} }`) : undefined;
}

/** Text where a map belongs, as compose files and short forms of other tools have it. */
function mapOf(path: Path, key: string, text: string): string | undefined {
  const value = word(text);
  if (value === undefined) return undefined;
  const isService = path[0] === "services" && path.length === 2;
  if (isService) return `${key}: { main: ${value} }`;
  if (path[0] === "modules" && path[1] === "auth" && path.length === 3) return `${key}: { token: ${value} }`;
  switch (key) {
    case "image":
      return `image: { base: ${value} }`;
    case "build":
      // Compose's `build` is the directory.
      return path.length === 1 ? `module: ${value}` : undefined;
    default:
      return undefined;
  }
}

/** An item of a list, or a value of a map whose keys are free. */
function isFree(path: Path): boolean {
  return typeof path.at(-1) === "number" || schemaAt(path.slice(0, -1))?._zod.def.type === "record";
}

/** A map `a: b` in a list is text with a `:`; a list in a list is its items. */
function freeText(node: Node | undefined): string | undefined {
  if (node?.kind === "list") {
    const texts = node.items.map((item) => (item.kind === "scalar" ? textOf(item) : undefined));
    return texts.length === 0
      ? undefined
      : all(
          texts,
          (text) => (text === undefined ? undefined : word(text)),
          (words) => words.join(", "),
        );
  }
  if (node?.kind !== "map" || node.entries.size !== 1) return undefined;
  const [name = ""] = node.entries.keys();
  const value = node.entries.get(name)?.value;
  const text = value?.kind === "scalar" ? textOf(value) : undefined;
  return text === undefined || !/^[\w ./@+-]+$/.test(name + text) ? undefined : `"${name}: ${text}"`;
}

function textOf(node: ScalarNode): string | undefined {
  const isText = typeof node.value === "string" || typeof node.value === "number";
  const text = node.plain ?? String(node.value);
  return isText && text !== "" && text.length <= 60 ? text : undefined;
}

/** `LOG=info` as a pair of a map. */
function pair(text: string | undefined): string | undefined {
  const [, name, value] = /^([\w.]{1,40})=([\w./-]{0,40})$/.exec(text ?? "") ?? [];
  return name === undefined ? undefined : `${name}: ${value === "" ? '""' : (value ?? "")}`;
}

/** A word as it can stand in `[…]` and `{…}`, with quotes where YAML needs them. */
function word(text: string): string | undefined {
  if (!/^[\w.,:;/@=+*&!%#-]+$/.test(text)) return undefined;
  return /^[\w./-][\w./@=+-]*(?::[\w./@=+-]+)*$/.test(text) ? text : `'${text}'`;
}

function all<T>(
  items: readonly T[],
  textOf: (item: T) => string | undefined,
  join: (words: readonly string[]) => string,
): string | undefined {
  const words = items.map(textOf);
  return words.includes(undefined) ? undefined : join(words.filter((word) => word !== undefined));
}
