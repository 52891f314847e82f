import type { GatewayClient, Reference } from "../gateway/index.ts";
import type { Definition } from "../llb/index.ts";
import type { Options } from "./options/options.ts";

/** Gives a graph to BuildKit. Its result is lazy: no step runs before something of it is asked for. */
export type Solve = (definition: Definition, how?: SolveOptions) => Promise<Reference>;

interface SolveOptions {
  readonly cacheImports?: Options["cacheImports"] | undefined;
  /** Whether all steps are run at once, and waited for. */
  readonly evaluate?: boolean | undefined;
}

/** Solves graphs over the gateway; a graph that BuildKit refuses rejects with its error. */
export function solver(client: GatewayClient): Solve {
  return async (definition, how = {}) => {
    const { ref } = await client.solve({ definition, ...how });
    if (ref === undefined) throw new Error("BuildKit solved a definition to no reference");
    return ref;
  };
}
