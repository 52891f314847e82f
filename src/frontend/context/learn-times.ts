import { includedPaths } from "../../graph/index.ts";
import { transferListing } from "../../gateway/index.ts";
import type { ContextStep } from "../../plan/index.ts";
import type { FileTimes } from "./file-times.ts";
import type { FetchLocal } from "./local-request.ts";

/** Bytes of a listing, some hundred for each name: little beside what planning has read. */
const MAX_LISTING = 4 << 20;

/**
 * Learns the times of files that steps ask for and planning has not listed: those of a directory that is taken whole,
 * such as a vendor directory. Their names are asked for, by the patterns that they will be sent by, and no content: some
 * hundred bytes for each. What a listing of that size cannot hold is asked for once, stays unknown, and is sent in every
 * build.
 */
export function timesLearner(
  fetch: FetchLocal,
  times: FileTimes,
): (steps: readonly ContextStep[]) => Promise<void> {
  const asked = new Set<string>();
  return async (steps) => {
    for (const { paths, exclude } of steps) {
      const unknown = times.unknown(paths).filter((path) => !asked.has(path));
      if (times.areSet() || unknown.length === 0) continue;
      const include = includedPaths(unknown);
      const reference = await fetch({
        include,
        exclude,
        content: [],
        role: `times-${asked.size}`,
        anew: false,
      });
      unknown.forEach((path) => asked.add(path));
      const listing = await transferListing(reference, MAX_LISTING);
      if (listing !== undefined) times.noteWhole(unknown, listing);
    }
  };
}
