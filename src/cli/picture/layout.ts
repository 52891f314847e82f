// Where the ops of a picture stand: columns from sources to the result, and in each column an order
// in which edges cross little. Edges that pass a column get a lane of their own there, one for all
// edges of one op, so that none runs behind a box.
import type { GraphView, OpNode } from "../../llb/index.ts";

/** A box, or a lane through which the edges of the op named run. */
export interface Item {
  readonly digest: string;
  readonly node: OpNode | undefined;
  /** The items of the columns before and after that it is connected to. */
  readonly before: Item[];
  readonly after: Item[];
}

const SWEEPS = 6;
/** Beyond this, lanes cost more than they help. */
const MOST_LANES = 5000;

/** The columns of the picture, from left to right, each from top to bottom. */
export function layout(view: GraphView): readonly (readonly Item[])[] {
  const place = placeInColumns(view);
  const columns: Item[][] = [];
  const put = (digest: string, at: number, node: OpNode | undefined): Item => {
    const item: Item = { digest, node, before: [], after: [] };
    (columns[at] ??= []).push(item);
    return item;
  };
  const boxes = new Map(
    view.ops.map((node) => [node.digest, put(node.digest, place.get(node.digest) ?? 0, node)]),
  );
  let lanes = 0;
  const laneEnds = new Map<string, Item[]>();
  for (const { digest, inputs } of view.ops) {
    const to = place.get(digest) ?? 0;
    const box = boxes.get(digest);
    for (const input of new Set(inputs.map((i) => i.digest))) {
      const from = place.get(input);
      const first = boxes.get(input);
      if (from === undefined || first === undefined || box === undefined) continue;
      // The chain of lanes of the op grows as far as its farthest user.
      const chain = laneEnds.get(input) ?? [first];
      laneEnds.set(input, chain);
      while (chain.length < to - from && lanes < MOST_LANES) {
        const lane = put(input, from + chain.length, undefined);
        connect(chain.at(-1), lane);
        chain.push(lane);
        lanes++;
      }
      connect(chain[to - from - 1], box);
    }
  }
  return order(Array.from(columns, (column) => column ?? []));
}

function connect(from: Item | undefined, to: Item): void {
  if (from === undefined) return;
  from.after.push(to);
  to.before.push(from);
}

/**
 * Each op one column right of its last input: the longest way from a source. Sources stand just
 * left of their first user.
 */
function placeInColumns({ ops }: GraphView): ReadonlyMap<string, number> {
  const column = new Map<string, number>();
  const firstUser = new Map<string, number>();
  for (const { digest, inputs } of ops) {
    const at = inputs.reduce((most, input) => Math.max(most, (column.get(input.digest) ?? -1) + 1), 0);
    column.set(digest, at);
    for (const input of inputs) firstUser.set(input.digest, Math.min(firstUser.get(input.digest) ?? at, at));
  }
  for (const { digest, inputs } of ops) {
    const user = inputs.length === 0 ? firstUser.get(digest) : undefined;
    if (user !== undefined) column.set(digest, user - 1);
  }
  return column;
}

/** Sorts each column by the middle of its neighbours, from both sides in turn. */
function order(columns: readonly (readonly Item[])[]): readonly (readonly Item[])[] {
  const row = new Map<Item, number>();
  const remember = (column: readonly Item[]): void => {
    for (const [y, item] of column.entries()) row.set(item, y);
  };
  const ordered = [...columns];
  for (const column of ordered) remember(column);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    for (let i = 0; i < ordered.length; i++) {
      const at = forward ? i : ordered.length - 1 - i;
      const column = ordered[at] ?? [];
      const weights = new Map(
        column.map((item) => [item, middle(forward ? item.before : item.after, row) ?? row.get(item) ?? 0]),
      );
      const sorted = column.toSorted((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
      ordered[at] = sorted;
      remember(sorted);
    }
  }
  return ordered;
}

function middle(items: readonly Item[], row: ReadonlyMap<Item, number>): number | undefined {
  return items.length === 0
    ? undefined
    : items.reduce((sum, item) => sum + (row.get(item) ?? 0), 0) / items.length;
}
