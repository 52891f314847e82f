// Unified diffs, as `git diff` and `diff -u` write them, and what they make of texts. Nothing is guessed: what a hunk
// takes away and what stands around it has to be there, letter by letter; only its line numbers may be off.

/** What a patch says of a file. */
export interface FilePatch {
  /** Where it is before; absent: it is a new file. */
  readonly from?: string | undefined;
  /** Where it is afterwards; absent: it is removed. */
  readonly to?: string | undefined;
  readonly hunks: readonly Hunk[];
  /** The line of the patch that it begins in, from 1. */
  readonly line: number;
}

/** Lines with what ends them: the last one of a file may have no line break. */
interface Hunk {
  /** The number of the first line that it takes, from 1; of the line before it where it takes none. */
  readonly start: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly line: number;
}

/** What is wrong, at a line of the patch. */
export interface PatchProblem {
  readonly line: number;
  /** What it does, to be put behind the patch's name. */
  readonly message: string;
}

type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: PatchProblem };

/** Reads a patch. Text between files, such as the head of a mail, is passed over. */
export function readPatch(text: string): Read<readonly FilePatch[]> {
  const lines = text.split("\n");
  const files: FilePatch[] = [];
  let renamed: Pick<FilePatch, "from" | "to"> = {};
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const next = lines[at + 1] ?? "";
    if (line.startsWith("diff --git ")) renamed = {};
    const rename = /^rename (from|to) (.+)$/.exec(line);
    if (rename !== null) {
      renamed = { ...renamed, [rename[1] ?? ""]: rename[2] };
      const follows = (lines[at + 1] ?? "").startsWith("index ");
      if (rename[1] === "to" && !follows) files.push({ ...renamed, hunks: [], line: at + 1 });
    }
    const problem = problemOf(line) ?? emptyFile(lines.slice(at, at + 3));
    if (problem !== undefined) return failed(at, problem);
    if (!line.startsWith("--- ") || !next.startsWith("+++ ")) {
      at++;
      continue;
    }
    const names = { from: renamed.from ?? nameOf(line, "a/"), to: renamed.to ?? nameOf(next, "b/") };
    if (names.from === undefined && names.to === undefined) return failed(at, "names no file");
    const read = readHunks(lines, at + 2);
    if (!read.ok) return read;
    if (read.value.hunks.length === 0) return failed(at, "names a file and has no hunk for it");
    files.push({ ...names, hunks: read.value.hunks, line: at + 1 });
    at = read.value.end;
    renamed = {};
  }
  return files.length === 0 ? failed(0, "holds no hunk") : { ok: true, value: files };
}

function failed(at: number, message: string): { readonly ok: false; readonly problem: PatchProblem } {
  return { ok: false, problem: { line: at + 1, message } };
}

function problemOf(line: string): string | undefined {
  if (line === "GIT binary patch" || /^Binary files .* differ$/.test(line)) return "changes a binary file";
  if (line.startsWith("copy from ")) return "copies a file";
  if (/^(?:new file|deleted file|old|new) mode 1[26]0000\r?$/.test(line)) {
    return "changes a link or a submodule";
  }
  return line.startsWith("@@ -") ? "has a hunk without the names of its file" : undefined;
}

/** What git writes of a file without a byte: it has no hunk, and would be passed over. */
function emptyFile([mode = "", index = "", names = ""]: readonly string[]): string | undefined {
  const isWhole = /^(?:new|deleted) file mode /.test(mode) && index.startsWith("index ");
  return !isWhole || /^(?:--- |GIT binary patch|Binary files )/.test(names)
    ? undefined
    : "makes or removes an empty file";
}

/** The name behind `--- ` or `+++ `; undefined: no file. What follows a tab is a time. */
function nameOf(line: string, prefix: string): string | undefined {
  const name = (line.slice(4).split("\t")[0] ?? "").replace(/\r$/, "");
  if (name === "/dev/null") return undefined;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function readHunks(
  lines: readonly string[],
  from: number,
): Read<{ readonly hunks: readonly Hunk[]; readonly end: number }> {
  const hunks: Hunk[] = [];
  let at = from;
  while ((lines[at] ?? "").startsWith("@@ -")) {
    const head = /^@@ -(\d{1,7})(?:,(\d{1,7}))? \+\d{1,7}(?:,(\d{1,7}))? @@/.exec(lines[at] ?? "");
    if (head === null) return failed(at, "has a hunk whose head cannot be read");
    const [, start, takes = "1", gives = "1"] = head;
    const line = at + 1;
    const before: string[] = [];
    const after: string[] = [];
    at++;
    while (before.length < Number(takes) || after.length < Number(gives)) {
      const content = lines[at];
      if (content === undefined) return failed(at - 1, "ends within a hunk");
      // Some mailers leave out the space of an empty line.
      const sign = content.slice(0, 1) || " ";
      if (!" +-".includes(sign)) {
        return failed(at, "has a line in a hunk that begins with none of ` `, `+` and `-`");
      }
      if (sign !== "+") before.push(`${content.slice(1)}\n`);
      if (sign !== "-") after.push(`${content.slice(1)}\n`);
      at++;
      // "\ No newline at end of file"
      if (lines[at]?.startsWith("\\ ") !== true) continue;
      if (sign !== "+") before.push((before.pop() ?? "").slice(0, -1));
      if (sign !== "-") after.push((after.pop() ?? "").slice(0, -1));
      at++;
    }
    if (before.length !== Number(takes) || after.length !== Number(gives)) {
      return failed(line - 1, "has a hunk with more lines than its head says");
    }
    hunks.push({ start: Number(start), before, after, line });
  }
  return { ok: true, value: { hunks, end: at } };
}

/** How many lines may still be compared: lines that are all alike would make the search for a hunk slow. */
export interface PatchWork {
  left: number;
}

/** The text that hunks make of one. */
export function applyHunks(text: string, hunks: readonly Hunk[], work: PatchWork): Read<string> {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const parts: string[] = [];
  let done = 0;
  let shift = 0;
  for (const { start, before, after, line } of hunks) {
    const wanted = start - (before.length === 0 ? 0 : 1) + shift;
    const at = placeOf(before, lines, wanted, done, work);
    if (at === undefined) {
      return failed(line - 1, work.left < 0 ? "takes too long to be placed" : "does not fit");
    }
    parts.push(...lines.slice(done, at), ...after);
    done = at + before.length;
    shift = at - wanted + shift;
  }
  return { ok: true, value: [...parts, ...lines.slice(done)].join("") };
}

/** Where some lines stand, nearest to the place where they should; undefined: nowhere. */
function placeOf(
  wanted: readonly string[],
  lines: readonly string[],
  at: number,
  least: number,
  work: PatchWork,
): number | undefined {
  const most = lines.length - wanted.length;
  const fits = (place: number): boolean =>
    place >= least &&
    place <= most &&
    wanted.every((line, index) => work.left-- > 0 && lines[place + index] === line);
  if (wanted.length === 0) return at >= least && at <= most ? at : undefined;
  const furthest = Math.max(at - least, most - at);
  for (let off = 0; off <= furthest && work.left >= 0; off++) {
    if (fits(at + off)) return at + off;
    if (fits(at - off)) return at - off;
  }
  return undefined;
}
