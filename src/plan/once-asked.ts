import type { FindCommit } from "./commit.ts";

/** The answer is the same for all services and all plans of a build. */
export function onceAsked(find: FindCommit): FindCommit {
  let found: ReturnType<FindCommit> | undefined;
  return () => (found ??= find());
}
