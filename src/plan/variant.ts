import { formatPlatform, goMinor, type Platform } from "../description/index.ts";
import { withGroups } from "./deps-groups.ts";
import { targetEnv } from "./flags.ts";
import { compiledAlike, compileKey, onceFor } from "./peers.ts";
import type { Planning } from "./planning.ts";
import { isSame } from "./scanned.ts";
import { stdSet } from "./std.ts";
import { stubPackage } from "./stub.ts";
import { OLDEST_MINOR } from "./toolchain.ts";
import type { DepsPlan, VariantPlan } from "./types.ts";

/**
 * One compile variant. Its caches serve every service of the description that compiles the same way,
 * so the stub imports the union of what those services import.
 */
export function planVariant(of: Planning, platform: Platform): VariantPlan {
  const { inspected, service, request, listing } = of;
  const key = [formatPlatform(platform), formatPlatform(request.buildPlatform), compileKey(service)].join(
    " ",
  );
  const variant = allVariants(inspected.services, key, () => makeVariant(of, platform));
  const { id, deps } = variant;
  return deps === undefined ? variant : { ...variant, deps: withGroups(deps, listing?.[id]?.packages) };
}

const allVariants = onceFor<VariantPlan>();

function makeVariant({ inspected, service, request }: Planning, platform: Platform): VariantPlan {
  const { profile } = service;
  const peers = compiledAlike(inspected.services, service).filter((each) =>
    each.platforms.some((other) => isSame(other, platform)),
  );
  const facts = peers.flatMap((each) =>
    each.facts.platforms.filter((found) => isSame(found.platform, platform)),
  );
  const outside = [...new Set(facts.flatMap((each) => each.outside))].toSorted();
  const imported = [...new Set(facts.flatMap((each) => each.std))].toSorted();
  const set = stdSet(
    imported,
    outside.length > 0,
    goMinor(service.toolchain.atLeast ?? service.toolchain.goVersion) ?? OLDEST_MINOR,
  );
  const extra = imported.filter((path) => !set.has(path) && path !== "C" && path !== "unsafe");
  const env = targetEnv(platform);
  const id = formatPlatform(platform);
  const deps: DepsPlan | undefined =
    outside.length + extra.length === 0
      ? undefined
      : {
          id,
          dir: service.module.dir,
          stub: stubPackage(service.module.dir, [...outside, ...extra]),
          files: service.modFiles,
          imports: [...outside, ...extra],
        };
  return {
    id,
    platform,
    env,
    tags: service.description.build.tags,
    profile,
    vendor: service.facts.vendor,
    ...(service.facts.vendorLinks.length === 0 ? {} : { vendorLinks: service.facts.vendorLinks }),
    std: {
      id,
      packages: set.packages,
      onHelper: profile === undefined && isSame(platform, request.buildPlatform),
    },
    deps,
  };
}
