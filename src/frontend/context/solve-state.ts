import type { Reference } from "../../gateway/index.ts";
import type { State } from "../../llb/index.ts";

/** Has BuildKit solve a state on the platform where steps run. The result is lazy. */
export type SolveState = (state: State) => Promise<Reference>;
