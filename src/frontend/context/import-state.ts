import type { WireDefinition } from "../../gateway/index.ts";
import { definitionFromPB, newDefinitionOp, type State } from "../../llb/index.ts";

/** A graph that BuildKit or another build handed to us, as a state to build on. */
export function importState(definition: WireDefinition): State {
  return newDefinitionOp(definitionFromPB(definition));
}
