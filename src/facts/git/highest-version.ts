import { compareVersions } from "../version.ts";
import { type History, MOST_COMMITS } from "./history.ts";
import { insertByTime } from "./newest-first.ts";

/** A commit that a version names. */
export interface Versioned {
  readonly commit: string;
  readonly version: string;
}

/**
 * The highest version in the history of a commit. Commits are walked from the newest to the oldest, as far as one that is
 * not found yet may still come: none comes behind commits that are older than it is.
 *
 * @returns without a version where none is part of it; undefined: the history is too long, or cannot be read
 */
export async function highestBefore(
  history: History,
  head: string,
  versions: readonly Versioned[],
): Promise<{ readonly version?: string | undefined } | undefined> {
  const first = await history.commit(head);
  if (first === undefined) return undefined;
  const times = await Promise.all(
    versions.map(async (versioned) => ({
      ...versioned,
      time: (await history.commit(versioned.commit))?.time ?? Infinity,
    })),
  );
  // The highest first: what is found makes all below it needless.
  const wanted = times.toSorted((a, b) => compareVersions(b.version, a.version));
  const queue = [{ name: head, commit: first }];
  const seen = new Set([head]);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { time } = next.commit;
    const possible = wanted.filter(
      (versioned) => seen.has(versioned.commit) || versioned.time <= time + SKEW,
    );
    const [best] = possible;
    if (best === undefined) return {};
    if (seen.has(best.commit)) return { version: best.version };
    wanted.splice(0, wanted.length, ...possible);
    for (const name of next.commit.parents) {
      if (seen.has(name)) continue;
      const commit = await history.commit(name);
      if (commit === undefined || seen.size > MOST_COMMITS) return undefined;
      seen.add(name);
      insertByTime(queue, { name, commit });
    }
  }
  return { version: wanted.find(({ commit }) => seen.has(commit))?.version };
}

/** Clocks of those who commit differ by so many seconds. */
const SKEW = 86_400;
