import { fetchReleased, releasedRunc, releasedTools } from "./released.ts";
import type { Log } from "./text.ts";
import { compiledTools, type Tools } from "./tools.ts";
import type { DefaultTool } from "./versions.ts";

/** Programs, and where they come from. */
export interface ToolKit<Name extends DefaultTool = DefaultTool> {
  readonly tools: Tools<Name>;
  readonly from: "compiled" | "released";
  /** The runc that came with them. */
  readonly runc?: string;
}

function released<Name extends DefaultTool>(tools: Tools<Name>, names: readonly Name[]): ToolKit<Name> {
  const runc = names.some((name) => name === "buildkitd") ? releasedRunc() : undefined;
  return { tools, from: "released", ...(runc === undefined ? {} : { runc }) };
}

/** The programs when they are at hand: compiled before, or fetched before. */
export async function toolsAtHand<Name extends DefaultTool>(
  names: readonly Name[],
): Promise<ToolKit<Name> | undefined> {
  const compiled = await compiledTools(names);
  if (compiled !== undefined) return { tools: compiled, from: "compiled" };
  const fetched = releasedTools(names);
  return fetched === undefined ? undefined : released(fetched, names);
}

/**
 * The programs without a compiler: those at hand, or else the ones that their projects publish.
 *
 * @returns undefined when neither can be had
 */
export async function quickTools<Name extends DefaultTool>(
  names: readonly Name[],
  log: Log,
): Promise<ToolKit<Name> | undefined> {
  const atHand = await toolsAtHand(names);
  if (atHand !== undefined) return atHand;
  const fetched = await fetchReleased(names, { log });
  return fetched === undefined ? undefined : released(fetched, names);
}
