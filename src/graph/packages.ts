import { addEnv, addMount, args, dir, readonly, scratch, type State } from "../llb/index.ts";
import { type ListingPlan, PATHS } from "../plan/index.ts";
import { goEnv, type GraphContext, inlineFiles, sandbox, throwAway, withoutNetwork } from "./context.ts";
import type { Helper } from "./helper.ts";
import { platformFlag } from "./modules.ts";

/** File in the listing step's result; see {@link listPackages}. */
export const LISTING_FILE = "packages.json";

export interface ListedPackages {
  /** A few kilobytes: a builder that has it in its registry cache reads it without pulling the toolchain or a module. */
  readonly listing: State;
  /** A module cache with the sources of those packages and no others. */
  readonly kept: State;
}

/** Asks the go command which packages of other modules are needed, on every platform. */
export function listPackages(
  context: GraphContext,
  helper: Helper,
  modules: State,
  plan: ListingPlan,
): ListedPackages {
  const run = context.toolchain.run(
    args([
      helper.path,
      "packages",
      `-out=${PATHS.output}/${LISTING_FILE}`,
      `-keep=${PATHS.kept}`,
      `-tags=${plan.tags.join(",")}`,
      `-stub=${plan.stub}`,
      `-modules=${plan.modules.join(",")}`,
      ...plan.platforms.map(platformFlag),
    ]),
    ...Object.entries({ ...goEnv({}), GOPROXY: "off", GOCACHE: "/tmp/gocache" }).map(([name, value]) =>
      addEnv(name, value),
    ),
    dir(`${PATHS.source}/${plan.dir}`),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, inlineFiles(plan.files, [], "[internal] module files and imports"), readonly),
    throwAway(context, PATHS.moduleCache, modules),
    withoutNetwork(),
    ...context.step("deps", "[deps] go list (packages of other modules)", context.plan.service.at),
  );
  return { listing: run.addMount(PATHS.output, scratch()), kept: run.addMount(PATHS.kept, scratch()) };
}
