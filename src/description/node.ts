import { isAlias, isMap, isPair, isScalar, isSeq, type Document } from "yaml";
import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { linesOf, type Source } from "./position.ts";
import { quote } from "./visible.ts";

/** Offsets of a value in the text, half-open. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A YAML value as plain data with its place: what the description says before it is checked. */
export type Node = MapNode | ListNode | ScalarNode;

export type MapNode = Span & { readonly kind: "map"; readonly entries: ReadonlyMap<string, Entry> };
export type ListNode = Span & { readonly kind: "list"; readonly items: readonly Node[] };
export type ScalarNode = Span & {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** The characters of an unquoted scalar: `1.20` where the value is 1.2. */
  readonly plain?: string | undefined;
};
export interface Entry {
  readonly key: Span;
  readonly value: Node;
}

/** More values than any description has; the rest of the work is linear in it. */
const MAX_NODES = 10_000;

/**
 * The nodes of a document that {@link readYaml} found sound (its depth is bounded). Reports keys
 * that stand twice (the first is kept), that are no plain text, that are reserved, and too many values.
 */
export function nodesOf(
  source: Source,
  document: Document.Parsed,
): { root: Node; diagnostics: readonly Diagnostic[] } {
  const { filename, text } = source;
  const lines = linesOf(text);
  const diagnostics: Diagnostic[] = [];
  let count = 0;

  const report = (code: Parameters<typeof errorAt>[0], span: Span, message: string, help: string): void => {
    diagnostics.push(
      errorAt(code, message, { file: filename, range: lines.range(span.start, span.end), help }),
    );
  };

  const walk = (node: unknown, fallback: number): Node => {
    count++;
    if (count === MAX_NODES + 1) {
      report(
        "GF028",
        spanOf(node, text, fallback),
        `the description holds more than ${MAX_NODES} values`,
        "check that -f names the description; a real one holds a few hundred values at most",
      );
    }
    const span = spanOf(node, text, fallback);
    if (count > MAX_NODES) return { kind: "scalar", value: null, ...span };
    if (isMap(node)) return { kind: "map", ...span, entries: entriesOf(node.items) };
    if (isSeq(node)) {
      return {
        kind: "list",
        ...span,
        items: node.items.map((item) => walk(isPair(item) ? item.value : item, span.start)),
      };
    }
    if (isScalar(node)) return scalar(node.value, node.type === "PLAIN" ? node.source : undefined, span);
    // Aliases were reported by readYaml; what they stand for is not looked up.
    return { kind: "scalar", value: isAlias(node) ? `*${node.source}` : null, ...span };
  };

  const entriesOf = (
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  ): ReadonlyMap<string, Entry> => {
    const entries = new Map<string, Entry>();
    const firsts = new Map<string, Span>();
    for (const pair of pairs) {
      const key = spanOf(pair.key, text, 0);
      const name = nameOf(pair.key);
      const value = walk(pair.value, key.end);
      if (name === undefined) {
        report("GF026", key, "a key must be plain text", "write one word before the `:`");
        continue;
      }
      if (name === "<<") {
        report("GF024", key, "merge keys are not supported", "write the keys out");
        continue;
      }
      if (name === "__proto__") {
        report("GF044", key, `${quote(name)} cannot be a key`, "choose another name");
        continue;
      }
      const same = name.normalize("NFC");
      const first = firsts.get(same);
      if (first !== undefined) {
        const { line } = lines.position(first.start);
        const merge = value.kind === "map" ? "merge the two blocks" : "remove one of the two";
        report("GF022", key, `${quote(name)} appears twice (first on line ${line})`, merge);
        continue;
      }
      firsts.set(same, key);
      entries.set(name, { key, value });
    }
    return entries;
  };

  return { root: walk(document.contents, 0), diagnostics };
}

function nameOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === "string") return key.value;
  return key.source === undefined || key.source === "" ? undefined : key.source;
}

function scalar(value: unknown, plain: string | undefined, span: Span): ScalarNode {
  const known =
    typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
  return { kind: "scalar", value: known, plain, ...span };
}

/** The value's own range; the range of a block collection ends with its last value, not with the blank lines after it. */
function spanOf(node: unknown, text: string, fallback: number): Span {
  if (typeof node !== "object" || node === null || !("range" in node)) {
    return { start: fallback, end: fallback };
  }
  const range: unknown = node.range;
  if (!Array.isArray(range)) return { start: fallback, end: fallback };
  const start = Number(range[0]);
  const end = start + text.slice(start, Number(range[1])).trimEnd().length;
  return { start, end };
}
