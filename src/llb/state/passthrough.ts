// Passthrough ops (moby/buildkit:client/llb/passthrough.go).
import { applyConstraints, type ConstraintsOpt } from "../graph/constraints.ts";
import type { Output, PassthroughVertex } from "../graph/vertex.ts";

/** One input of a passthrough, and whether the op yields it. */
export interface PassthroughInput {
  /** A State, or all that is read of one. */
  readonly state: { readonly output: Output | undefined };
  readonly output: boolean;
}

/** An op that forwards inputs once all of them are built. */
export interface PassthroughOp {
  /** Its output number `index`, in the order of the inputs that are outputs; for newState. */
  readonly outputAt: (index: number) => Output;
}

/** The op itself, for all its outputs; newPassthrough gives the state of the first. */
export function newPassthroughOp(
  id: string,
  inputs: readonly PassthroughInput[],
  ...options: readonly ConstraintsOpt[]
): PassthroughOp {
  const given = inputs.flatMap(({ state, output }) =>
    state.output === undefined ? [] : [{ source: state.output, output }],
  );
  const vertex: PassthroughVertex = {
    kind: "passthrough",
    id,
    inputs: given.map(({ source }) => source),
    outputs: given.flatMap(({ output }, i) => (output ? [i] : [])),
    constraints: applyConstraints(options),
  };
  return {
    outputAt: (index) => ({
      vertex,
      platform: undefined,
      index: index in vertex.outputs ? index : { error: `the op has no output ${index}` },
    }),
  };
}
