import { formatPlatform, goMinor, type Platform } from "../description/index.ts";
import { planCTools, RUNTIME_CGO } from "./c-tools.ts";
import { withGroups } from "./deps-groups.ts";
import { cutImports, type Importer } from "./deps-parts.ts";
import { chosenEnv, targetEnv } from "./flags.ts";
import { instrumentOf, runtimeOf } from "./instrument.ts";
import { moduleLabel, profileLabel, stepName } from "./labels.ts";
import { compileKey, othersKey, type Peers } from "./peers.ts";
import type { InspectedProgram, InspectedService } from "./inspected.ts";
import type { ProgramPlanning } from "./planning.ts";
import { factsOn, isSame } from "./scanned.ts";
import { type StdSet, stdSet } from "./std.ts";
import { stubPackage } from "./stub.ts";
import { OLDEST_MINOR, oldestRelease } from "./toolchain.ts";
import type { DepsPlan, VariantPlan } from "./types.ts";

/** One compile variant: what programs of the service that are compiled alike have in common. */
export function planVariant(of: ProgramPlanning, platform: Platform): VariantPlan {
  const { peers, service, program, request, listing } = of;
  const names = [service.name, formatPlatform(platform), formatPlatform(request.buildPlatform)];
  const key = JSON.stringify([...names, compileKey(program)]);
  const variant = peers.shared.variants(key, () => makeVariant(of, platform));
  const { id, deps } = variant;
  return deps === undefined
    ? variant
    : { ...variant, deps: withGroups(deps, listing?.[id]?.packages, variant.cTools !== undefined) };
}

function makeVariant(of: ProgramPlanning, platform: Platform): VariantPlan {
  const { located, peers, service, program, request } = of;
  const { profile, profiles, module } = program;
  const { build } = program.description;
  const set = standardSet(service, platform);
  const env = chosenEnv(platform, build);
  const instrument = instrumentOf(build);
  const hasFlags =
    build.gcflags.length + build.asmflags.length > 0 || build.mode !== "exe" || instrument !== undefined;
  const isDefault =
    !hasFlags && JSON.stringify({ ...env, CGO_ENABLED: "0" }) === JSON.stringify(targetEnv(platform));
  const cTools = planCTools(program.description, located, request.buildPlatform, platform);
  const id = formatPlatform(platform);
  const deps = planDeps(of, platform);
  const { labels } = peers;
  const { vendor, vendorLinks } = program.facts;
  return {
    id,
    platform,
    module: module.dir,
    label: stepName(moduleLabel(labels, program), profileLabel(labels, program)),
    env,
    ...(cTools === undefined ? {} : { cTools }),
    ...(module.isUnlisted ? { passesWorkspace: true } : {}),
    tags: build.tags,
    ...(build.gcflags.length === 0 ? {} : { gcflags: build.gcflags }),
    ...(build.asmflags.length === 0 ? {} : { asmflags: build.asmflags }),
    ...(build.mode === "exe" ? {} : { mode: build.mode }),
    ...(instrument === undefined ? {} : { instrument }),
    ...(build.cover === false ? {} : { cover: build.cover === true ? [] : build.cover }),
    profile,
    ...(profiles === undefined ? {} : { profiles }),
    vendor,
    ...(vendorLinks.length === 0 ? {} : { vendorLinks }),
    std: {
      id,
      label: profileLabel(labels, program),
      packages: [
        ...set.packages,
        ...(cTools === undefined ? [] : [RUNTIME_CGO]),
        ...(instrument === undefined ? [] : [runtimeOf(instrument)]),
      ].toSorted(),
      onHelper:
        isDefault &&
        profile === undefined &&
        profiles === undefined &&
        isSame(platform, request.buildPlatform),
    },
    deps,
  };
}

/** What the service imports of other modules, cut so that services which are compiled alike share what they both import. */
function planDeps({ peers, service, program }: ProgramPlanning, platform: Platform): DepsPlan | undefined {
  const id = formatPlatform(platform);
  const { imports, parts } = peers.shared.deps(JSON.stringify([id, othersKey(program)]), () => {
    const importers = importersOf(peers, program, platform);
    const every = new Set(importers.flatMap((importer) => [...importer.imports]));
    return { imports: [...every].toSorted(), parts: cutImports(importers) };
  });
  const needed = parts.get(service.name);
  if (needed === undefined) return undefined;
  const { dir } = program.module;
  return {
    id,
    dir,
    stub: stubPackage(dir, imports),
    files: program.modFiles,
    isAll: needed.reduce((sum, part) => sum + part.imports.length, 0) === imports.length,
    parts: needed.map((part) => ({ ...part, stub: stubPackage(dir, part.imports) })),
  };
}

/** Services whose packages of other modules are compiled like this one's on the platform, and what those import. */
function importersOf(peers: Peers, program: InspectedProgram, platform: Platform): readonly Importer[] {
  const alike = Map.groupBy(peers.othersAlike(program), (peer) => peer.service);
  return [...alike].flatMap(([name, programs]) => {
    const found = peers.serviceNamed(name);
    const facts = factsOn(platform, programs);
    if (found === undefined || facts.length === 0) return [];
    const set = standardSet(found, platform);
    const extra = facts
      .flatMap(({ std }) => std)
      .filter((path) => !set.has(path) && path !== "C" && path !== "unsafe");
    return [{ service: name, imports: new Set([...facts.flatMap(({ outside }) => outside), ...extra]) }];
  });
}

/** What all programs of a service start with: one step for them all. */
function standardSet({ programs, toolchain }: InspectedService, platform: Platform): StdSet {
  const facts = factsOn(platform, programs);
  return stdSet(
    [...new Set(facts.flatMap(({ std }) => std))],
    facts.some(({ outside }) => outside.length > 0),
    goMinor(oldestRelease(toolchain)) ?? OLDEST_MINOR,
  );
}
