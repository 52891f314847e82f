import type { Commit } from "./commit.ts";

/** Puts a commit where it belongs in a queue that has the newest first; of the same second they stay in the order in which they came. */
export function insertByTime<Queued extends { readonly commit: Commit }>(
  queue: Queued[],
  added: Queued,
): void {
  const at = queue.findIndex(({ commit }) => commit.time < added.commit.time);
  if (at < 0) queue.push(added);
  else queue.splice(at, 0, added);
}
