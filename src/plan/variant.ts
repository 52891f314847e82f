import { formatPlatform, goMinor, type Platform } from "../description/index.ts";
import { withGroups } from "./deps-groups.ts";
import { targetEnv } from "./flags.ts";
import { moduleLabel, profileLabel, stepName } from "./labels.ts";
import { compiledAlike, compileKey, onceFor } from "./peers.ts";
import type { InspectedProgram } from "./inspect.ts";
import type { ProgramPlanning } from "./planning.ts";
import { isSame } from "./scanned.ts";
import { type StdSet, stdSet } from "./std.ts";
import { stubPackage } from "./stub.ts";
import { OLDEST_MINOR } from "./toolchain.ts";
import type { DepsPlan, VariantPlan } from "./types.ts";

/**
 * One compile variant. Its caches serve every program of the description that compiles the same way,
 * so the stub imports the union of what those programs import.
 */
export function planVariant(of: ProgramPlanning, platform: Platform): VariantPlan {
  const { inspected, service, program, request, listing } = of;
  const beside = service.programs.map(compileKey).toSorted();
  const key = JSON.stringify([
    formatPlatform(platform),
    formatPlatform(request.buildPlatform),
    compileKey(program),
    ...new Set(beside),
  ]);
  const variant = allVariants(inspected.services, key, () => makeVariant(of, platform));
  const { id, deps } = variant;
  return deps === undefined ? variant : { ...variant, deps: withGroups(deps, listing?.[id]?.packages) };
}

const allVariants = onceFor<VariantPlan>();

function makeVariant(of: ProgramPlanning, platform: Platform): VariantPlan {
  const { inspected, program, request } = of;
  const { profile, module } = program;
  const { outside, std: imported } = importsOfAlike(of, [program], platform);
  const set = standardSet(of, platform);
  const extra = imported.filter((path) => !set.has(path) && path !== "C" && path !== "unsafe");
  const env = targetEnv(platform);
  const id = formatPlatform(platform);
  const deps: DepsPlan | undefined =
    outside.length + extra.length === 0
      ? undefined
      : {
          id,
          dir: module.dir,
          stub: stubPackage(module.dir, [...outside, ...extra]),
          files: program.modFiles,
          imports: [...outside, ...extra],
        };
  const { services } = inspected;
  const { vendor, vendorLinks } = program.facts;
  return {
    id,
    platform,
    module: module.dir,
    label: stepName(moduleLabel(services, program), profileLabel(services, program)),
    env,
    tags: program.description.build.tags,
    profile,
    vendor,
    ...(vendorLinks.length === 0 ? {} : { vendorLinks }),
    std: {
      id,
      label: profileLabel(services, program),
      packages: set.packages,
      onHelper: profile === undefined && isSame(platform, request.buildPlatform),
    },
    deps,
  };
}

interface Imports {
  readonly outside: readonly string[];
  readonly std: readonly string[];
}

/** What programs import that are compiled like some of these, on one platform. */
function importsOfAlike(
  { inspected }: ProgramPlanning,
  programs: readonly InspectedProgram[],
  platform: Platform,
): Imports {
  const alike = new Set(programs.flatMap((each) => compiledAlike(inspected.services, each)));
  const facts = [...alike].flatMap((each) =>
    each.facts.platforms.filter((found) => isSame(found.platform, platform)),
  );
  return {
    outside: [...new Set(facts.flatMap((each) => each.outside))].toSorted(),
    std: [...new Set(facts.flatMap((each) => each.std))].toSorted(),
  };
}

/** What all programs of the service start with: one step for them all. */
function standardSet(of: ProgramPlanning, platform: Platform): StdSet {
  const { outside, std } = importsOfAlike(of, of.service.programs, platform);
  const { atLeast, goVersion } = of.service.toolchain;
  return stdSet(std, outside.length > 0, goMinor(atLeast ?? goVersion) ?? OLDEST_MINOR);
}
