import { STEP_ID } from "../graph/index.ts";
import { type Definition, dump, viewDefinition } from "../llb/index.ts";
import type { PlanStage } from "../plan/index.ts";
import { opStages } from "./op-stages.ts";

/**
 * The ops of any graph as stages: named by the ids of our steps, or else by their vertex names, with
 * what they do as inputs.
 */
export function definitionStages(definition: Definition): readonly PlanStage[] {
  const ids = new Map(
    viewDefinition(definition).ops.map(({ digest, metadata }) => [
      digest,
      metadata?.description.get(STEP_ID),
    ]),
  );
  return opStages(
    dump(definition).ops.map(({ digest, kind, name, platform = "", inputs = [], ...op }) => ({
      digest,
      kind,
      name: ids.get(digest) ?? name,
      platform,
      inputs,
      body: op[kind],
    })),
  );
}
