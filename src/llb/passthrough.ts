// Outputs of passthrough ops (moby/buildkit:client/llb/passthrough.go).
import { applyConstraints, type ConstraintsOpt } from "./constraints.ts";
import type { State } from "./state.ts";
import type { Output } from "./vertex.ts";

/** One input of a passthrough, and whether the op yields it. */
export interface PassthroughInput {
  readonly state: State;
  readonly output: boolean;
}

/** Output `index` of a passthrough op; Go's NewPassthroughOp with OutputAt. */
export function passthroughOutput(
  id: string,
  inputs: readonly PassthroughInput[],
  options: readonly ConstraintsOpt[],
  index = 0,
): Output {
  const given = inputs.flatMap(({ state, output }) =>
    state.output === undefined ? [] : [{ source: state.output, output }],
  );
  const outputs = given.flatMap(({ output }, i) => (output ? [i] : []));
  return {
    vertex: {
      kind: "passthrough",
      id,
      inputs: given.map(({ source }) => source),
      outputs,
      constraints: applyConstraints(options),
    },
    platform: undefined,
    index: index >= 0 && index < outputs.length ? index : { error: `passthrough has no output ${index}` },
  };
}
