import { type ConstraintsOpt, withCustomName } from "../llb/index.ts";
import { visible } from "../description/index.ts";

/** The name under which clients show a step. It may quote a name of the source tree, and clients print it unchanged. */
export function named(name: string): ConstraintsOpt {
  return withCustomName(visible(name));
}
