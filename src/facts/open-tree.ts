import { BOUNDS, type Bounds } from "./bounds.ts";
import { budgetOf, type Budget } from "./budget.ts";
import { contentsOf, type Contents } from "./contents.ts";
import { directoriesOf, type Directories } from "./directories.ts";
import { once } from "./once.ts";
import { inRounds } from "./rounds.ts";
import type { FileRange, IgnoreRule, SourceTree } from "./source-tree.ts";

export type { Listing } from "./directories.ts";

/**
 * A source tree and all that was read of it. Every function of this room asks one, as if each answer were at hand;
 * what is asked in one turn of the event loop goes out together, so the number of round trips is the depth of what is
 * followed and not its size. A description's services, its platforms and plans that are made again share what was read.
 */
export interface OpenTree extends Directories, Contents {
  /** Bytes of a file, which are not remembered. */
  read(range: FileRange): Promise<Uint8Array>;
  ignoredBy(path: string): IgnoreRule | undefined;
  /**
   * What all who ask about the tree share, made where it is first asked for.
   *
   * @param key one for each kind of value, with all that the value depends on
   */
  share<T>(key: string, make: () => T): T;
  readonly budget: Budget;
  /** What it was opened from, to be opened anew with something over it. */
  readonly source: SourceTree;
}

/** @param bounds how much is read and held of it */
export function openTree(tree: SourceTree, bounds: Bounds = BOUNDS): OpenTree {
  const budget = budgetOf(bounds);
  const rounds = inRounds(tree, () => budget.take("levels", 1));
  const shared = new Map<string, unknown>();
  return {
    ...directoriesOf(rounds, tree.listPackages !== undefined, budget),
    ...contentsOf(rounds, budget),
    read: (range) => rounds.read(range),
    ignoredBy: (path) => tree.ignoredBy?.(path),
    // A key belongs to one kind of value, so the type is its maker's.
    share: <T>(key: string, make: () => T) => once(shared, key, make) as T,
    budget,
    source: tree,
  };
}
