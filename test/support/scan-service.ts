import type { Budget } from "../../src/facts/budget.ts";
import { type OpenTree, scanServices, type ServiceFacts, type ServiceQuery } from "../../src/facts/index.ts";

/** What one service needs of the tree: {@link scanServices} for one. */
export async function scanService(tree: OpenTree, query: ServiceQuery): Promise<ServiceFacts> {
  const [facts] = await scanServices(tree, [query]);
  if (facts === undefined) throw new Error("one query gave no answer");
  return facts;
}

/** What was taken of a tree's budget since an earlier look at it. */
export function usedSince(before: Budget["used"], now: Budget["used"]): Budget["used"] {
  return {
    levels: now.levels - before.levels,
    dirs: now.dirs - before.dirs,
    names: now.names - before.names,
    files: now.files - before.files,
    bytes: now.bytes - before.bytes,
    items: now.items - before.items,
    steps: now.steps - before.steps,
  };
}
