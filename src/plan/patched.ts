// Changes of the source tree by patches that stand in it (`patches`).
import { type Diagnostic, errorAt, type LocatedDescription, quote } from "../description/index.ts";
import {
  ancestors,
  applyHunks,
  type FilePatch,
  type FileWords,
  findNamedFile,
  isWithin,
  joinPath,
  type OpenTree,
  type PatchProblem,
  type PatchWork,
  readPatch,
} from "../facts/index.ts";
import { toDiagnostic } from "./finding.ts";
import type { Alterations } from "./types.ts";

export interface Patched {
  readonly changes: Pick<Alterations, "texts" | "removed" | "reads">;
  readonly problems: readonly Diagnostic[];
}

/** All of what is changed travels in the graph; no patch of a person is as large. */
const MOST = { file: 1 << 20, files: 500, texts: 4 << 20, comparisons: 10_000_000 } as const;

/** Files that were changed, with their texts; undefined: it was removed. */
type Changed = Map<string, string | undefined>;

/** The files that the description's patches change, one patch after the other. */
export async function patchedFiles(located: LocatedDescription, tree: OpenTree): Promise<Patched> {
  const { patches = [] } = located.description;
  const changed: Changed = new Map();
  const problems: Diagnostic[] = [];
  const work: PatchWork = { left: MOST.comparisons };
  for (const [index, path] of patches.entries()) {
    problems.push(...(await applyPatch(located, tree, index, path, changed, work)));
    // What comes after a patch that was not made would fail for its lack.
    if (problems.length > 0) break;
  }
  const texts = [...changed].flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]));
  const removed = [...changed].flatMap(([path, text]) => (text === undefined ? [path] : []));
  return {
    changes: { texts, removed, reads: problems.length === 0 ? [...new Set(patches)] : [] },
    problems,
  };
}

async function applyPatch(
  located: LocatedDescription,
  tree: OpenTree,
  index: number,
  patch: string,
  changed: Changed,
  work: PatchWork,
): Promise<readonly Diagnostic[]> {
  const found = await findNamedFile(tree, ".", patch, PATCH);
  if (!found.ok) {
    const range = located.rangeOf(["patches", index]);
    return [toDiagnostic(found.diagnostic, located.source.filename, range)];
  }
  const wrong = (problem: PatchProblem): readonly Diagnostic[] => [patchError(patch, problem)];
  if (found.size > MOST.file) return wrong({ line: 1, message: `has more than ${MOST.file >> 20} MiB` });
  const text = textOf(await tree.read({ path: found.path, offset: 0, length: found.size + 1 }));
  if (text === undefined) return wrong({ line: 1, message: "is no text in UTF-8" });
  const read = readPatch(text);
  if (!read.ok) return wrong(read.problem);
  for (const file of read.value) {
    const problem = await applyToFile(tree, file, changed, work);
    if (problem !== undefined) return wrong(problem);
  }
  return [];
}

const PATCH: FileWords = {
  what: "patch",
  whenOutside: "name a file of the build context",
  whenDirectory: "name the patches in it, in the order in which they are applied",
  whenAbsent: "correct the path, which is relative to the build context, or remove it",
};

function patchError(patch: string, { line, message }: PatchProblem): Diagnostic {
  const start = { line, column: 1, offset: 0 };
  return errorAt("GF058", `the patch ${patch} ${message}`, {
    file: patch,
    range: { start, end: start },
    help: "make it again from the tree as it is: `git diff >FILE`, or `git format-patch`",
  });
}

async function applyToFile(
  tree: OpenTree,
  { from, to, hunks, line }: FilePatch,
  changed: Changed,
  work: PatchWork,
): Promise<PatchProblem | undefined> {
  const failed = (message: string): PatchProblem => ({ line, message });
  for (const path of [from, to]) {
    if (path === undefined || isPlainPath(path)) continue;
    return failed(`names ${quote(path)}, which is no path of a file below the build context`);
  }
  const before = from === undefined ? "" : await currentText(tree, from, changed);
  if (typeof before !== "string") return failed(`changes ${quote(from ?? "")}, ${before.why}`);
  if (to !== undefined && to !== from && (await isTaken(tree, to, changed))) {
    return failed(`makes ${quote(to)}, where something is already`);
  }
  const after = applyHunks(before, hunks, work);
  if (!after.ok) {
    return { ...after.problem, message: `${after.problem.message} (${quote(to ?? from ?? "")})` };
  }
  if (from !== undefined && from !== to) changed.set(from, undefined);
  if (to !== undefined) changed.set(to, after.value);
  const bytes = [...changed.values()].reduce((sum, text = "") => sum + text.length, 0);
  return changed.size > MOST.files || bytes > MOST.texts
    ? failed(`is, with those before it, of more than ${MOST.files} files or ${MOST.texts >> 20} MiB of text`)
    : undefined;
}

/** A clean path below the root, of a file that git would take. */
function isPlainPath(path: string): boolean {
  return (
    path !== "." && joinPath(".", path) === path && !isWithin(path, ".git") && !/["\\\p{Cc}]/u.test(path)
  );
}

async function currentText(
  tree: OpenTree,
  path: string,
  changed: Changed,
): Promise<string | { readonly why: string }> {
  const known = changed.get(path);
  if (known !== undefined) return known;
  const place = await tree.resolve(path);
  if (changed.has(path) || place.kind !== "file") return { why: "which is no file of the build context" };
  if (place.links.length > 0) return { why: "which lies behind a link" };
  if (place.size > MOST.file) return { why: `which has more than ${MOST.file >> 20} MiB` };
  return (
    textOf(await tree.read({ path, offset: 0, length: place.size + 1 })) ?? {
      why: "which is no text in UTF-8",
    }
  );
}

/** Whether a new file has no place: something is there, or a link or a file stands on the way. */
async function isTaken(tree: OpenTree, path: string, changed: Changed): Promise<boolean> {
  const others = [...changed].flatMap(([other, text]) => (text === undefined ? [] : [other]));
  if (others.some((other) => isWithin(other, path) || isWithin(path, other))) return true;
  const [place, ...above] = await Promise.all([path, ...ancestors(path)].map((at) => tree.resolve(at)));
  const isThere = place !== undefined && (place.kind !== "absent" || place.links.length > 0);
  return (
    (isThere && !changed.has(path)) || above.some(({ kind, links }) => kind === "file" || links.length > 0)
  );
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
