/** One bar: a median with its spread. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly highlight: boolean;
}

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const width = 720;
const left = 130;
const right = 90;
const row = 26;
const top = 44;

/**
 * Draws horizontal bars with whiskers from the least to the greatest value.
 *
 * @returns an SVG file's text
 */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const height = top + bars.length * row + 16;
  const largest = Math.max(...bars.map(({ max }) => max), Number.MIN_VALUE);
  const x = (value: number): number => left + (value / largest) * (width - left - right);
  const rows = bars.flatMap(({ label, value, min, max, highlight }, index) => {
    const y = top + index * row;
    const middle = y + row / 2 - 3;
    return [
      `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${escapeText(label)}</text>`,
      `<rect x="${left}" y="${y}" width="${(x(value) - left).toFixed(1)}" height="${row - 6}" rx="2" fill="${highlight ? "#00838f" : "#b0bec5"}"/>`,
      `<path d="M${x(min).toFixed(1)} ${middle}H${x(max).toFixed(1)}M${x(min).toFixed(1)} ${middle - 4}v8M${x(max).toFixed(1)} ${middle - 4}v8" stroke="#37474f" fill="none"/>`,
      `<text x="${(x(max) + 6).toFixed(1)}" y="${middle + 4}">${value.toFixed(value < 10 ? 2 : 1)} ${escapeText(unit)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" fill="#263238">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="600">${escapeText(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
