import { copy, scratch, withCreatedTime } from "../llb/index.ts";
import { binaryPath, executableName, type LinkPlan, type Plan } from "../plan/index.ts";
import { cook, type Cooked, cookStd, type Prepared } from "./caches.ts";
import { EPOCH, type GraphContext, graphContext } from "./context.ts";
import { buildHelper, type Helper } from "./helper.ts";
import { imageConfig, imageState } from "./image.ts";
import { linkService } from "./link.ts";
import { downloadModules } from "./modules.ts";
import { listPackages } from "./packages.ts";
import type { Graph, PlatformResult, Preparation, Resolved } from "./types.ts";
import { named } from "./name.ts";

/**
 * Turns a plan into LLB, one state for each platform, with the images' configurations.
 *
 * ```
 * toolchain ─ helper ─┬─ modules ───────────┐
 *                     ├─ std ── deps ───────┴─ own ── build ─┐
 *                     └─ rootfs ─────────────────────────────┴─ image
 * ```
 *
 * Everything left of `own` and `build` is keyed on no line of the service's own code.
 */
export function buildGraph(plan: Plan, resolved: Resolved): Graph {
  const context = graphContext(plan, resolved);
  const helper = buildHelper(context);
  const prepared = prepare(context, helper);
  const cooked = plan.service.links.map((link) => cook(context, helper, prepared, link.variant));
  const platforms = plan.service.links.flatMap((link, index) => {
    const caches = cooked[index];
    return caches === undefined ? [] : [platformResult(context, helper, caches, link, index)];
  });
  return { platforms };
}

/** The part of a build's graph that the frontend may ask for before its plan is complete. */
export function buildPreparation(plan: Plan, resolved: Resolved): Preparation {
  const context = graphContext(plan, resolved);
  const helper = buildHelper(context);
  const { modules, listed } = prepare(context, helper);
  const std = plan.service.links.map(({ variant }) => cookStd(context, helper, variant));
  return { download: modules, listing: listed?.listing, std };
}

function prepare(context: GraphContext, helper: Helper): Prepared {
  const { plan } = context;
  const modules = plan.modules === undefined ? undefined : downloadModules(context, helper, plan.modules);
  const listed =
    modules === undefined || plan.listing === undefined
      ? undefined
      : listPackages(context, helper, modules, plan.listing);
  return { modules, listed };
}

function platformResult(
  context: GraphContext,
  helper: Helper,
  cooked: Cooked,
  link: LinkPlan,
  index: number,
): PlatformResult {
  const { plan, resolved } = context;
  const { platform } = link.variant;
  const binary = linkService(context, helper, plan.service, link, cooked);
  const image = plan.service.images[index];
  if (plan.output === "binary" || image === undefined) {
    const state = scratch().file(
      copy(
        binary,
        binaryPath(plan.service.name),
        `/${executableName(plan.service.name, platform)}`,
        withCreatedTime(EPOCH),
      ),
      named(`[${plan.service.name} ${link.variant.id}] executable`),
    );
    return { platform, state, config: undefined, baseConfig: undefined };
  }
  const base = resolved.bases[index];
  return {
    platform,
    state: imageState(context, helper, image, platform, base, binary),
    config: imageConfig(context, image, platform, base?.config),
    baseConfig: base?.config,
  };
}
