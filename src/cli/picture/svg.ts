// A definition as a picture, without Graphviz.
import { type Definition, type InputView, kindColors, viewDefinition } from "../../llb/index.ts";
import { layout, type Item } from "./layout.ts";

const box = { width: 260, height: 48, lane: 8, gapX: 90, gapY: 18, margin: 20 } as const;

/**
 * The graph as an SVG document.
 *
 * @throws LlbError when the definition is broken.
 */
export function toSvg(definition: Definition): string {
  const view = viewDefinition(definition);
  const columns = layout(view);
  const places = new Map<Item, Place>();
  let bottom: number = box.margin;
  for (const [i, column] of columns.entries()) {
    let y: number = box.margin;
    for (const item of column) {
      const height = item.node === undefined ? box.lane : box.height;
      places.set(item, { x: box.margin + i * (box.width + box.gapX), y, height });
      y += height + box.gapY;
    }
    bottom = Math.max(bottom, y - box.gapY);
  }
  const width =
    Math.max(box.margin, columns.length * (box.width + box.gapX) - box.gapX + box.margin) + box.margin;
  const items = columns.flat();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + box.margin}" font-family="monospace" font-size="11">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...items.flatMap((item) => drawEdges(item, places)),
    ...items.flatMap((item) => drawBox(item, places, view.head?.digest)),
    "</svg>\n",
  ].join("\n");
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

const nowhere: Place = { x: 0, y: 0, height: 0 };

function drawBox(
  item: Item,
  places: ReadonlyMap<Item, Place>,
  headDigest: string | undefined,
): readonly string[] {
  if (item.node === undefined) return [];
  const { digest, kind, name, platform } = item.node;
  const { x, y } = places.get(item) ?? nowhere;
  const border = digest === headDigest ? 3 : 1;
  const head = platform === "" ? kind : `${kind} ${platform}`;
  const parts = [
    `<g><title>${escape(`${head}\n${name}\n${digest}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${kindColors[kind]}" stroke="#374151" stroke-width="${border}"/>`,
    `<text x="${x + 8}" y="${y + 18}" fill="#6b7280">${escape(cut(head))}</text>`,
    `<text x="${x + 8}" y="${y + 36}">${escape(cut(name))}</text></g>`,
  ];
  return [parts.join("")];
}

/** The edges into a box or a lane, and the way through the lane. */
function drawEdges(item: Item, places: ReadonlyMap<Item, Place>): readonly string[] {
  const to = places.get(item) ?? nowhere;
  const { node } = item;
  if (node === undefined) {
    const y = to.y + to.height / 2;
    return [
      ...item.before.map((from) => curve(places.get(from), to.x, y, "")),
      line(`M${to.x} ${y}H${to.x + box.width}`, ""),
    ];
  }
  const sources = new Map(item.before.map((from) => [from.digest, from]));
  const step = box.height / (node.inputs.length + 1);
  return node.inputs.map((input, i) => {
    const from = sources.get(input.digest);
    const y = to.y + (i + 1) * step;
    if (from === undefined) return `<text x="${to.x - 60}" y="${y}" fill="#b91c1c">missing</text>`;
    return curve(places.get(from), to.x, y, uses(input));
  });
}

const uses = ({ index, uses: places }: InputView): string =>
  [...(index === 0 ? [] : [`#${index}`]), ...places].join(" ");

function curve(from: Place | undefined, x2: number, y2: number, title: string): string {
  const { x, y, height } = from ?? nowhere;
  const [x1, y1] = [x + box.width, y + height / 2];
  const bend = Math.max(30, (x2 - x1) / 2);
  return line(`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, title);
}

const line = (path: string, title: string): string =>
  `<path d="${path}" fill="none" stroke="#9ca3af">${title === "" ? "" : `<title>${escape(title)}</title>`}</path>`;

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
