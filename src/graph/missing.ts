import {
  local,
  type MissingCap,
  MissingCapsError,
  platform as onPlatform,
  sessionID,
  withCaps,
} from "../llb/index.ts";
import type { Plan } from "../plan/index.ts";
import { buildGraph } from "./build.ts";

/** Environment that the golang images have: what a graph is made of depends on it. */
const GOLANG_ENV = ["PATH=/go/bin:/usr/local/go/bin:/usr/bin:/bin", "GOPATH=/go"];

/**
 * What a plan's graph needs and a builder lacks, in spite of all that the graph does without. Asks no registry:
 * images stand for themselves.
 *
 * @param caps ids of the capabilities that the builder has
 */
export function missingCapabilities(
  plan: Plan,
  caps: ReadonlySet<string>,
  description: { readonly filename: string; readonly text: string },
): readonly MissingCap[] {
  const { platforms } = buildGraph(plan, {
    toolchain: { reference: plan.toolchain.reference, config: { config: { Env: GOLANG_ENV } } },
    bases: plan.service.images.map((image) =>
      image.base.kind === "image" ? { reference: image.base.reference, config: {} } : undefined,
    ),
    context: { files: () => local("context", sessionID("none")) },
    settings: {
      noCache: undefined,
      networkMode: undefined,
      extraHosts: [],
      proxy: {},
      resolveMode: "default",
      caps,
    },
    description,
  });
  // What one platform's graph lacks, all lack.
  const [first] = platforms;
  if (first === undefined) return [];
  try {
    first.state.marshal(onPlatform(first.platform), withCaps([...caps]));
    return [];
  } catch (error) {
    if (error instanceof MissingCapsError) return error.missing;
    throw error;
  }
}
