import type { Entry, MapNode, Node, Span } from "./node.ts";
import { linesOf, type Path, type Range, type Source } from "./position.ts";
import type { Description } from "./schema.ts";

/** A checked description that knows where each value stands. */
export interface LocatedDescription {
  /** What is written, checked, deep-frozen; maps have no prototype. Nothing is filled in. */
  readonly description: Description;
  readonly source: Source;
  /** Whether the path is written in the file. */
  readonly has: (path: Path) => boolean;
  /**
   * Where a value stands: a scalar, or a collection in the line of its key, as it is; another
   * collection at its key. For what is not written, the nearest parent; without one, the first line.
   */
  readonly rangeOf: (path: Path) => Range;
  /** Where the key of a value stands, with the same fallback; an item of a list has no key and gives its value. */
  readonly keyRangeOf: (path: Path) => Range;
}

/** The place-keeping part of {@link LocatedDescription}, which works for unchecked descriptions too. */
export type Places = Pick<LocatedDescription, "has" | "rangeOf" | "keyRangeOf"> & {
  readonly nodeAt: (path: Path) => Node | undefined;
};

/** Makes places from the root of a description; an undefined root is a file of comments. */
export function placesOf(source: Source, root: MapNode | undefined): Places {
  const lines = linesOf(source.text);
  const range = (span: Span): Range => lines.range(span.start, span.end);

  const steps = (path: Path): readonly Step[] => {
    const found: Step[] = [];
    let node: Node | undefined = root;
    for (const step of path) {
      const next: Step | undefined = node === undefined ? undefined : stepInto(node, step);
      if (next === undefined) break;
      found.push(next);
      node = next.value;
    }
    return found;
  };
  const nearest = (path: Path, of: (step: Step) => Range): Range => {
    const last = steps(path).at(-1);
    if (last !== undefined) return of(last);
    const end = /\r?\n|$/.exec(source.text)?.index ?? 0;
    return lines.range(0, end);
  };
  const valueRange = ({ key, value }: Step): Range => {
    const whole = range(value);
    const empty = value.start === value.end;
    if (key === undefined) return whole;
    const below = value.kind !== "scalar" && range(key).end.line !== whole.end.line;
    return empty || below ? range(key) : whole;
  };

  return {
    has: (path) => steps(path).length === path.length,
    nodeAt: (path) => (path.length === 0 ? root : steps(path)[path.length - 1]?.value),
    rangeOf: (path) => nearest(path, valueRange),
    keyRangeOf: (path) =>
      nearest(path, (step) => (step.key === undefined ? valueRange(step) : range(step.key))),
  };
}

interface Step {
  readonly key?: Span | undefined;
  readonly value: Node;
}

function stepInto(node: Node, step: string | number): Step | undefined {
  if (node.kind === "map") {
    const entry: Entry | undefined = node.entries.get(String(step));
    return entry;
  }
  if (node.kind === "list" && typeof step === "number") {
    const value = node.items[step];
    return value === undefined ? undefined : { value };
  }
  return undefined;
}
