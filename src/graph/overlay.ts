import { type ConstraintsOpt, copy, merge, scratch, type State } from "../llb/index.ts";
import type { GraphContext } from "./context.ts";

/**
 * Lays trees on each other, later ones on top: merged where the builder can, else copied one onto the other. A copy
 * leaves the same layer as a merge does: owners, modes and times are the source's, those of directories that are
 * there already included (tonistiigi/fsutil:copy/copy.go).
 */
export function overlay(
  context: GraphContext,
  trees: readonly State[],
  ...options: readonly ConstraintsOpt[]
): State {
  const { merge: canMerge, replaceOnCopy } = context.abilities;
  if (canMerge) return merge(trees, ...options);
  const [lowest = scratch(), ...others] = trees;
  return others.reduce(
    (below, tree) =>
      below.file(
        copy(tree, "/", "/", { copyDirContentsOnly: true, alwaysReplaceExistingDestPaths: replaceOnCopy }),
        ...options,
      ),
    lowest,
  );
}
