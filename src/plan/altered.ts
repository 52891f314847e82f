// What of the source tree is not as the build context has it, before any step runs: other texts of some files, and
// directories that the client hands in beside the context.
import { isWithin } from "../facts/index.ts";
import type { Alterations } from "./types.ts";

/** The tree as the context has it. */
export const UNCHANGED: Alterations = { texts: [], removed: [], contexts: [], reads: [] };

/** One set of alterations after another: what the later one says of a file holds. */
export function alsoAltered(before: Alterations, after: Partial<Alterations>): Alterations {
  const { texts = [], removed = [], contexts = [], reads = [] } = after;
  const changed = new Set([...texts.map(({ path }) => path), ...removed]);
  return {
    texts: [...before.texts.filter(({ path }) => !changed.has(path)), ...texts],
    removed: [...before.removed.filter((path) => !changed.has(path)), ...removed],
    contexts: [...before.contexts, ...contexts],
    reads: [...before.reads, ...reads],
  };
}

/**
 * What of the alterations some files of a service see.
 *
 * @param files of the tree; directories where they are taken whole
 * @returns undefined where that is nothing
 */
export function alterationsFor(
  all: Alterations | undefined,
  files: readonly string[],
): Alterations | undefined {
  if (all === undefined) return undefined;
  const { texts, removed, contexts } = all;
  const isRead = (path: string): boolean => files.some((file) => isWithin(path, file));
  const seen: Alterations = {
    texts: texts.filter(({ path }) => isRead(path)),
    removed: removed.filter(isRead),
    contexts: contexts.filter(({ path }) => files.some((file) => isWithin(file, path))),
    reads: [],
  };
  const { length } = [...seen.texts, ...seen.removed, ...seen.contexts];
  return length === 0 ? undefined : seen;
}

/** Whether a path of the tree is not the build context's: another text stands there, or another directory. */
export function isAltered({ texts, removed, contexts }: Alterations, path: string): boolean {
  return (
    texts.some((text) => text.path === path) ||
    removed.includes(path) ||
    contexts.some((context) => isWithin(path, context.path))
  );
}
