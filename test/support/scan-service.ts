import { type OpenTree, scanServices, type ServiceFacts, type ServiceQuery } from "../../src/facts/index.ts";

/** What one service needs of the tree: {@link scanServices} for one. */
export async function scanService(tree: OpenTree, query: ServiceQuery): Promise<ServiceFacts> {
  const [facts] = await scanServices(tree, [query]);
  if (facts === undefined) throw new Error("one query gave no answer");
  return facts;
}
