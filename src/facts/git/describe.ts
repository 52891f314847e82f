import type { Commit } from "./commit.ts";
import { type History, MOST_COMMITS, type Tag } from "./history.ts";
import { insertByTime } from "./newest-first.ts";

export interface Described {
  readonly tag: string;
  /** Commits since the tag. */
  readonly commits: number;
}

/** As many tags as git looks at (git-describe(1), `--candidates`). */
const MOST_CANDIDATES = 10;

/**
 * The tag nearest to a commit, as `git describe --tags` finds it: commits are walked from the newest to the oldest, and of
 * the first ten tags on the way the one wins that the fewest commits are not part of (git/git:builtin/describe.c).
 *
 * @returns "none": no tag is part of the commit's history; undefined: the history is too long, or cannot be read
 */
export async function describeCommit(
  history: History,
  head: string,
  tags: readonly Tag[],
): Promise<Described | "none" | undefined> {
  const named = await namesOf(history, tags);
  const exact = named.get(head);
  if (exact !== undefined) return { tag: exact.name, commits: 0 };
  if (named.size === 0) return "none";
  const first = await history.commit(head);
  if (first === undefined) return undefined;

  const start: Walked = { name: head, commit: first, within: new Set() };
  const queue = [start];
  const seen = new Map([[head, start]]);
  const found: Candidate[] = [];
  let walked = 0;
  let annotated = false;
  let gaveUp: Walked | undefined;

  /** Puts the parents into the queue; false: they cannot be read. */
  const goOn = async ({ commit, within }: Walked): Promise<boolean> => {
    for (const name of commit.parents) {
      const known = seen.get(name);
      if (known === undefined) {
        const parent = await history.commit(name);
        if (parent === undefined || seen.size > MOST_COMMITS) return false;
        const added: Walked = { name, commit: parent, within: new Set(within) };
        seen.set(name, added);
        insertByTime(queue, added);
      } else for (const tag of within) known.within.add(tag);
    }
    return true;
  };

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    walked++;
    if (found.length === MOST_CANDIDATES || found.length === named.size) {
      gaveUp = next;
      break;
    }
    const tag = named.get(next.name);
    if (tag !== undefined) {
      const candidate: Candidate = { name: tag.name, depth: walked - 1 };
      found.push(candidate);
      next.within.add(candidate);
      annotated ||= tag.annotated;
    }
    for (const candidate of found) if (!next.within.has(candidate)) candidate.depth++;
    if (annotated && queue.length === 0) {
      const least = Math.min(...found.map(({ depth }) => depth));
      if (found.every((candidate) => candidate.depth !== least || next.within.has(candidate))) break;
    }
    if (!(await goOn(next))) return undefined;
    // All that is left is part of the nearest one: whatever is found there is further away.
    const nearest = nearestOf(found);
    if (nearest !== undefined && queue.every(({ within }) => within.has(nearest))) break;
  }
  const best = nearestOf(found);
  if (best === undefined) return "none";
  if (gaveUp !== undefined) insertByTime(queue, gaveUp);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (!next.within.has(best)) best.depth++;
    else if (queue.every(({ within }) => within.has(best))) break;
    if (!(await goOn(next))) return undefined;
  }
  return { tag: best.name, commits: best.depth };
}

function nearestOf(found: readonly Candidate[]): Candidate | undefined {
  return found.toSorted((a, b) => a.depth - b.depth)[0];
}

interface Candidate {
  readonly name: string;
  /** Commits that are not part of it. */
  depth: number;
}

interface Walked {
  readonly name: string;
  readonly commit: Commit;
  /** The candidates that it is part of. */
  readonly within: Set<Candidate>;
}

/** The name of each tagged commit: an annotated tag before a light one, and of several such the newest. */
async function namesOf(history: History, tags: readonly Tag[]): Promise<ReadonlyMap<string, Tag>> {
  const names = new Map<string, Tag>();
  for (const tag of tags) {
    const before = names.get(tag.commit);
    const isBetter =
      before === undefined ||
      (tag.annotated && !before.annotated) ||
      (tag.annotated && (await history.tagTime(before)) < (await history.tagTime(tag)));
    if (isBetter) names.set(tag.commit, tag);
  }
  return names;
}
