// A definition as a picture, without Graphviz: columns from sources to the result, ordered so that
// edges cross little.
import type { Definition } from "./definition.ts";
import { kindColors } from "./dot.ts";
import { viewDefinition, type GraphView, type OpNode } from "./view.ts";

const box = { width: 260, height: 48, gapX: 90, gapY: 18, margin: 20 } as const;
const sweeps = 4;

/**
 * The graph as an SVG document.
 *
 * @throws LlbError when the definition is broken.
 */
export function toSvg(definition: Definition): string {
  const view = viewDefinition(definition);
  const columns = orderColumns(view, placeInColumns(view));
  const places = new Map<string, Place>();
  for (const [x, column] of columns.entries()) {
    for (const [y, { digest }] of column.entries()) {
      places.set(digest, {
        x: box.margin + x * (box.width + box.gapX),
        y: box.margin + y * (box.height + box.gapY),
      });
    }
  }
  const rows = columns.reduce((most, column) => Math.max(most, column.length), 1);
  const width = 2 * box.margin + columns.length * (box.width + box.gapX) - box.gapX;
  const height = 2 * box.margin + rows * (box.height + box.gapY) - box.gapY;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.max(width, 1)}" height="${height}" font-family="monospace" font-size="11">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...view.ops.flatMap((node) => drawEdges(node, places)),
    ...view.ops.map((node) => drawBox(node, places, node.digest === view.head?.digest)),
    "</svg>\n",
  ].join("\n");
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * Each op one column right of its last input: the longest way from a source. Sources stand just
 * left of their first user, so that no edge runs behind the boxes between.
 */
function placeInColumns({ ops }: GraphView): readonly (readonly OpNode[])[] {
  const column = new Map<string, number>();
  const firstUser = new Map<string, number>();
  for (const node of ops) {
    const at = node.inputs.reduce((most, { digest }) => Math.max(most, (column.get(digest) ?? -1) + 1), 0);
    column.set(node.digest, at);
    for (const { digest } of node.inputs) firstUser.set(digest, Math.min(firstUser.get(digest) ?? at, at));
  }
  const last = [...column.values()].reduce((most, at) => Math.max(most, at), 0);
  const columns: OpNode[][] = Array.from({ length: last + 1 }, () => []);
  for (const node of ops) {
    const user = node.inputs.length === 0 ? firstUser.get(node.digest) : undefined;
    columns[user === undefined ? (column.get(node.digest) ?? 0) : user - 1]?.push(node);
  }
  return columns;
}

/** Sorts each column by where its neighbours are, from both sides in turn. */
function orderColumns(
  { ops }: GraphView,
  columns: readonly (readonly OpNode[])[],
): readonly (readonly OpNode[])[] {
  const users = new Map<string, string[]>();
  for (const { digest, inputs } of ops) {
    for (const input of inputs) {
      const list = users.get(input.digest);
      if (list === undefined) users.set(input.digest, [digest]);
      else list.push(digest);
    }
  }
  const row = new Map<string, number>();
  const remember = (column: readonly OpNode[]): void => {
    for (const [y, { digest }] of column.entries()) row.set(digest, y);
  };
  const ordered = [...columns];
  for (const column of ordered) remember(column);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (let i = 0; i < ordered.length; i++) {
      const at = forward ? i : ordered.length - 1 - i;
      const neighbours = (node: OpNode): readonly string[] =>
        forward ? node.inputs.map(({ digest }) => digest) : (users.get(node.digest) ?? []);
      const weights = new Map(
        (ordered[at] ?? []).map((node) => [node, middle(neighbours(node), row) ?? row.get(node.digest) ?? 0]),
      );
      const sorted = (ordered[at] ?? []).toSorted((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
      ordered[at] = sorted;
      remember(sorted);
    }
  }
  return ordered;
}

function middle(digests: readonly string[], row: ReadonlyMap<string, number>): number | undefined {
  const rows = digests.flatMap((digest) => row.get(digest) ?? []);
  return rows.length === 0 ? undefined : rows.reduce((sum, y) => sum + y, 0) / rows.length;
}

function drawBox(
  { digest, kind, name, platform }: OpNode,
  places: ReadonlyMap<string, Place>,
  isHead: boolean,
): string {
  const { x, y } = places.get(digest) ?? { x: 0, y: 0 };
  const head = platform === "" ? kind : `${kind} ${platform}`;
  return [
    `<g><title>${escape(`${head}\n${name}\n${digest}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${kindColors[kind]}" stroke="#374151" stroke-width="${isHead ? 3 : 1}"/>`,
    `<text x="${x + 8}" y="${y + 18}" fill="#6b7280">${escape(cut(head))}</text>`,
    `<text x="${x + 8}" y="${y + 36}">${escape(cut(name))}</text></g>`,
  ].join("");
}

function drawEdges({ digest, inputs }: OpNode, places: ReadonlyMap<string, Place>): readonly string[] {
  const to = places.get(digest) ?? { x: 0, y: 0 };
  return inputs.map((input, i) => {
    const from = places.get(input.digest);
    const y2 = to.y + ((i + 1) * box.height) / (inputs.length + 1);
    if (from === undefined) return `<text x="${to.x - 60}" y="${y2}" fill="#b91c1c">missing</text>`;
    const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
    const bend = Math.max(30, (to.x - x1) / 2);
    const uses = [...(input.index === 0 ? [] : [`#${input.index}`]), ...input.uses].join(" ");
    const path = `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`;
    return `<path d="${path}" fill="none" stroke="#9ca3af"><title>${escape(uses)}</title></path>`;
  });
}

const cut = (text: string): string => (text.length <= 36 ? text : `${text.slice(0, 35)}…`);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: string): string =>
  text.toWellFormed().replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
