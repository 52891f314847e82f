import {
  addMount,
  args,
  asPersistentCacheDir,
  cacheMountShared,
  dir,
  mkdir,
  readonly,
  scratch,
  type State,
  withCreatedTime,
  withParents,
} from "../llb/index.ts";
import { type LinkPlan, PATHS, type ServicePlan, type VariantPlan } from "../plan/index.ts";
import { type Cooked, vendorTree } from "./caches.ts";
import {
  cacheId,
  EPOCH,
  goEnvironment,
  type GraphContext,
  keyedByDefinition,
  sandbox,
  throwAway,
  withoutIndex,
  withoutNetwork,
} from "./context.ts";
import type { Helper } from "./helper.ts";
import { withWorkSum } from "./modules.ts";
import { cookStrata } from "./strata.ts";
import { named } from "./name.ts";

/**
 * Compiles the service's own packages, or of a large service what its strata leave, and links the
 * binary. The vertex sees the exact files of the
 * service's closure and no others; a README, a test or another service's file is not in its key.
 *
 * The build cache is a cache mount whose first content is the cooked layer: on a builder that starts
 * empty it is that layer, on a warm one it also holds the own packages of earlier builds. Its id and
 * sharing are not part of the vertex's key (moby/buildkit:solver/llbsolver/ops/exec.go), so both
 * kinds of builder find each other's results: so what the mount may hold is what the key names, and a
 * service of which that cannot be said has none (see docs/architecture.md, "What another build can write").
 */
export function linkService(
  context: GraphContext,
  helper: Helper,
  service: ServicePlan,
  link: LinkPlan,
  cooked: Cooked,
): State {
  const { variant } = link;
  const files = withWorkSum(context, source(context, service, variant), cooked.modules);
  const ahead = cookStrata(context, helper, link, cooked, files);
  const own = [
    helper.path,
    "link",
    `-modules=${link.modules.join(",")}`,
    `-out=${PATHS.output}`,
    `-time=${context.plan.epoch}`,
    `-failure=${link.failure}`,
    "--",
  ];
  const run = context.toolchain.run(
    args([...own, ...link.argv]),
    ...goEnvironment(variant),
    withoutIndex(),
    dir(`${PATHS.source}/${link.dir}`),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, files, readonly),
    ...(variant.vendor === undefined || variant.vendorLinks === undefined
      ? []
      : [addMount(`${PATHS.source}/${variant.vendor}`, vendorTree(context, variant), readonly)]),
    ...cooked.linkMounts,
    ...cooked.profileMount,
    link.reusable
      ? addMount(
          PATHS.buildCache,
          ahead,
          asPersistentCacheDir(cacheId(context, link, "build"), cacheMountShared),
          keyedByDefinition(context),
        )
      : throwAway(context, PATHS.buildCache, ahead),
    withoutNetwork(),
    ...context.step(
      "build",
      `[${service.name} ${variant.id}] go build ${link.argv.at(-1) ?? ""}`,
      service.at,
    ),
  );
  return run.addMount(PATHS.output, scratch());
}

/** The closure's exact files, and the vendor directory as a whole: go checks it against go.mod. */
function source(context: GraphContext, service: ServicePlan, variant: VariantPlan): State {
  const { vendor, vendorLinks } = variant;
  const role = `source-${service.name}`;
  const { files } = context.resolved.context;
  if (vendor === undefined) return files(service.files, role);
  if (vendorLinks === undefined) return files([...service.files, vendor], role);
  // Links are followed in a tree of its own, which is mounted here.
  const place = mkdir(`/${vendor}`, 0o755, withParents(true), withCreatedTime(EPOCH));
  return files(service.files, role).file(place, named("[internal] place of the vendor directory"));
}
