import { type Diagnostic, sortDiagnostics } from "./diagnostic.ts";
import { lineText, type Range, type Source } from "./position.ts";
import { short, visible } from "./visible.ts";

/** More are counted, not printed. */
const MOST = 20;

/** Columns of an excerpt: wider lines are cut around the place they are shown for. */
const WIDTH = 80;

const TAB_STOP = 4;

/**
 * The first line, complete on its own because CI summaries and old clients cut there:
 * `service.yaml:7:7: GF003 main points outside the build context`. No line break.
 */
export function firstLine(diagnostic: Diagnostic): string {
  return `${place(diagnostic)}${diagnostic.code} ${warningWord(diagnostic)}${visible(diagnostic.message)}`;
}

/** One diagnostic as text: first line, the line of the file with a caret, help. No line break at the end. */
export function formatDiagnostic(diagnostic: Diagnostic, sources: readonly Source[]): string {
  return [
    firstLine(diagnostic),
    ...excerpt(diagnostic.file, diagnostic.range, sources),
    `help: ${visible(diagnostic.help)}`,
  ].join("\n");
}

/** All diagnostics by place, a blank line between two, 20 at most; the rest is counted in one line. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], sources: readonly Source[]): string {
  const sorted = sortDiagnostics(diagnostics);
  const blocks = sorted.slice(0, MOST).map((diagnostic) => formatDiagnostic(diagnostic, sources));
  const rest = sorted.length - MOST;
  if (rest > 0) blocks.push(`… and ${rest} more`);
  return blocks.join("\n\n");
}

function warningWord(diagnostic: Diagnostic): string {
  return diagnostic.severity === "warning" ? "warning: " : "";
}

function place(at: { readonly file?: string | undefined; readonly range?: Range | undefined }): string {
  if (at.file === undefined) return "";
  const name = visible(short(at.file));
  return at.range === undefined ? `${name}: ` : `${name}:${at.range.start.line}:${at.range.start.column}: `;
}

/** The line of the file and a caret under the range, or nothing when the text is not at hand. */
function excerpt(
  file: string | undefined,
  range: Range | undefined,
  sources: readonly Source[],
): readonly string[] {
  const source = sources.find((candidate) => candidate.filename === file);
  if (source === undefined || range === undefined) return [];
  const text = lineText(source.text, range.start.line);
  if (text.trim() === "") return [];
  const first = range.start.column - 1;
  const last = range.end.line === range.start.line ? range.end.column - 1 : text.length;
  const drawn = draw(text, first, Math.max(last, first));
  const number = String(range.start.line);
  const gutter = " ".repeat(number.length);
  return [
    `${number} | ${drawn.text}`.trimEnd(),
    `${gutter} | ${" ".repeat(drawn.start)}${"^".repeat(Math.max(1, drawn.end - drawn.start))}`,
  ];
}

/** Renders a line into terminal cells; `start` and `end` are the cells of the marked units. */
function draw(text: string, first: number, last: number): { text: string; start: number; end: number } {
  // A hostile line may be as long as the file: only the part around the mark is walked.
  const from = text.length <= WIDTH || first <= WIDTH / 2 ? 0 : first - Math.floor(WIDTH / 3);
  let out = from > 0 ? "…" : "";
  let cells = out.length;
  let start: number | undefined;
  let end: number | undefined;
  let at = from;
  for (const point of text.slice(from, from + 2 * WIDTH)) {
    if (start === undefined && at >= first) start = cells;
    if (end === undefined && at >= last) end = cells;
    if (cells >= WIDTH) {
      out += "…";
      break;
    }
    const shown = point === "\t" ? " ".repeat(TAB_STOP - (cells % TAB_STOP)) : visible(point);
    out += shown;
    cells += shown === point ? cellsOf(point) : shown.length;
    at += point.length;
  }
  start ??= cells;
  return { text: out, start, end: Math.max(end ?? cells, start) };
}

/** Terminal columns of a code point: 0 for combining marks, 2 for East Asian wide characters and emoji. */
function cellsOf(point: string): number {
  const code = point.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (code === 0x200d || /^[\p{Mn}\p{Me}]$/u.test(point)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x20000 && code <= 0x3fffd) ||
    /^\p{Emoji_Presentation}$/u.test(point);
  return wide ? 2 : 1;
}
