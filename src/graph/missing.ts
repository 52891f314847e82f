import {
  local,
  type MissingCap,
  MissingCapsError,
  platform as onPlatform,
  scratch,
  sessionID,
  withCaps,
} from "../llb/index.ts";
import { type Plan, stepsOf, unresolved } from "../plan/index.ts";
import { render } from "./render.ts";

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
  const build = stepsOf(plan, unresolved(plan, description, { caps }));
  const state = render(build, {
    context: () => local("context", sessionID("none")),
    image: () => scratch(),
  });
  // What one platform's graph lacks, all lack.
  const [first] = build.results;
  if (first === undefined) return [];
  try {
    state(first.tree).marshal(onPlatform(first.platform), withCaps([...caps]));
    return [];
  } catch (error) {
    if (error instanceof MissingCapsError) return error.missing;
    throw error;
  }
}
