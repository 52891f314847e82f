// Ops that combine trees without touching their files: merge, diff, passthrough, build
// (moby/buildkit:client/llb/merge.go, diff.go, passthrough.go, llbbuild/llbbuild.go).
import {
  applyConstraints,
  emptyConstraints,
  type ConstraintsOpt,
  type HasConstraints,
} from "../graph/constraints.ts";
import { newPassthroughOp, type PassthroughInput } from "./passthrough.ts";
import { newState, scratch, type State, type StateOption } from "./state.ts";
import { stateOption } from "./state-options.ts";

/**
 * Lays trees on each other, later ones on top. Scratch is left out; what carries over is the
 * first tree's env, dir and so on.
 */
export function merge(inputs: readonly State[], ...options: readonly ConstraintsOpt[]): State {
  const given = inputs.filter((state) => state.output !== undefined);
  const [first, second] = given;
  if (first === undefined) return scratch();
  if (second === undefined) return first;
  const outputs = given.flatMap(({ output }) => (output === undefined ? [] : [output]));
  return first.withOutput({
    vertex: { kind: "merge", inputs: outputs, constraints: applyConstraints(options) },
    platform: undefined,
    index: 0,
  });
}

/** What `upper` adds to `lower` and removes from it; for use in merge. */
export function diff(lower: State, upper: State, ...options: readonly ConstraintsOpt[]): State {
  if (lower.output === undefined) return upper.output === undefined ? scratch() : upper;
  return lower.withOutput({
    vertex: {
      kind: "diff",
      lower: lower.output,
      upper: upper.output,
      constraints: applyConstraints(options),
    },
    platform: undefined,
    index: 0,
  });
}

/** An op that forwards inputs once all of them are built; the state is its first output. */
export function newPassthrough(
  id: string,
  inputs: readonly PassthroughInput[],
  ...options: readonly ConstraintsOpt[]
): State {
  return newState(newPassthroughOp(id, inputs, ...options).outputAt(0));
}

/** What the options of build fill in. */
export interface BuildInfo extends HasConstraints {
  definitionFilename: string;
}

export type BuildOption = (info: BuildInfo) => void;

/** The file of the state that holds the definition; default `buildkit.llb.definition`. */
export const withFilename =
  (filename: string): BuildOption =>
  (info) => {
    info.definitionFilename = filename;
  };

/** Builds the definition that is a file of the state; Go's llbbuild.Build. Experimental in BuildKit. */
export function build(...options: readonly BuildOption[]): StateOption {
  const info: BuildInfo = { constraints: emptyConstraints, definitionFilename: "" };
  for (const option of options) option(info);
  return stateOption((state) =>
    state.withOutput({
      vertex: {
        kind: "build",
        source: state.output,
        filename: info.definitionFilename,
        constraints: info.constraints,
      },
      platform: undefined,
      index: 0,
    }),
  );
}
