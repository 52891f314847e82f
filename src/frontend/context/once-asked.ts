import type { FindCommit } from "../../plan/index.ts";

/** The answer is the same for all plans of a build. */
export function onceAsked(find: FindCommit): FindCommit {
  let found: ReturnType<FindCommit> | undefined;
  return () => (found ??= find());
}
