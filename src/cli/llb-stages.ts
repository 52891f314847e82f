import { type Definition, dump, type Json } from "../llb/index.ts";
import type { PlanStage } from "../plan/index.ts";
import { opStages } from "./op-stages.ts";

/** A graph's ops as stages, whoever made the graph: named by their vertex names, with what they do as inputs. */
export function definitionStages(definition: Definition): readonly PlanStage[] {
  const { ops } = dump(definition) as unknown as { readonly ops: readonly Op[] };
  return opStages(
    ops.map(({ platform = "", inputs = [], ...op }) => ({ ...op, platform, inputs, body: op[op.kind] })),
  );
}

interface Op {
  readonly digest: string;
  readonly kind: string;
  readonly name: string;
  readonly platform?: string | undefined;
  readonly inputs?: readonly string[] | undefined;
  readonly [body: string]: Json | undefined;
}
