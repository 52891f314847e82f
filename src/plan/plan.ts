import { diagnosticError, errorAt, formatPlatform, type LocatedDescription } from "../description/index.ts";
import { alterationsFor, isAltered } from "./altered.ts";
import { cgoPlatformProblems } from "./c-tools.ts";
import { planParts } from "./downloads.ts";
import { generatedFor, isGenerated } from "./generated.ts";
import { planImage } from "./image.ts";
import type { Inspected, InspectedProgram } from "./inspected.ts";
import { mainLabel } from "./labels.ts";
import { planLink, projectOf } from "./link.ts";
import { type Listing, planListing } from "./listing.ts";
import { planModules } from "./modules.ts";
import { type Peers, peersOf } from "./peers.ts";
import { isImage, planDebugger, serviceFor } from "./outputs.ts";
import type { Planning } from "./planning.ts";
import type { Retries, Scope } from "./retry.ts";
import { instrumentPlatformProblems } from "./instrument.ts";
import { checkLoader } from "./settings.ts";
import { chooseTarget } from "./targets.ts";
import type { BuildRequest, ModulesPlan, Output, Plan, ProgramPlan, ServicePlan } from "./types.ts";

/** What a first plan of a build cannot know. */
export interface Learned {
  /** How exact the plan is; of a tree that could not be followed exactly it is wide in any case. */
  readonly scope?: Scope | undefined;
  /** Packages of other modules, by which their compilation is cut into groups. */
  readonly listing?: Listing | undefined;
}

/**
 * Decides the whole build of one target. Pure: the same description, facts and request give the same
 * plan, and nothing of the machine enters it.
 *
 * @param learned what was learned since the first plan of this build
 * @throws a DiagnosticError for a target that does not exist, a template without a value
 */
export function planBuild(
  located: LocatedDescription,
  { services }: Pick<Inspected, "services">,
  request: BuildRequest,
  learned: Learned = {},
): Plan {
  return planAmong(peersOf(services), located, request, learned);
}

function planAmong(
  all: Peers,
  located: LocatedDescription,
  request: BuildRequest,
  { scope: asked = "planned", listing: listed }: Learned,
): Plan {
  const { targets } = all;
  const target = chooseTarget(request.target, targets, located);
  const found = all.serviceNamed(target.service);
  if (found === undefined) throw new Error(`target ${target.name} names a service that was not inspected`);
  const exact = serviceFor(found, target.output);
  const scope = exact.programs.every(({ facts }) => facts.complete) ? asked : "wide";
  const service = scope === "wide" ? { ...exact, programs: exact.programs.map(widened) } : exact;
  const isAlone = scope === "narrow" || target.output === "debug";
  const peers = isAlone ? { ...peersOf([service]), targets } : all;
  const { build } = (target.output === "symbols" ? found : exact).description;
  const of: Planning = { located, peers, service, request, ships: build, listing: listed };
  const unfit = [
    ...cgoPlatformProblems(service.description, located, request.buildPlatform, service.platforms),
    ...instrumentPlatformProblems(service.description, located, request.buildPlatform, service.platforms),
  ];
  if (unfit.length > 0) throw diagnosticError(unfit);
  if (isImage(target.output)) {
    checkImagePlatforms(of);
    checkLoader(service, located);
  }
  const modules = planModules(of, scope);
  const planned = planService(of, target.output);
  const [first] = service.programs;
  if (first === undefined) throw new Error(`${service.name} has no program`);
  const hasModules = modules.some(({ imports }) => imports === undefined);
  const listing = hasModules ? planListing(service, planned, listed) : undefined;
  return {
    module: { path: first.module.path, dir: first.module.dir },
    output: target.output,
    target: target.name,
    targets,
    toolchain: service.toolchain,
    buildPlatform: request.buildPlatform,
    modules: listing === undefined ? modules : modules.map((download) => planParts(download, first.module)),
    service: planned,
    ...(target.output === "debug" ? { debugger: planDebugger(of) } : {}),
    listing,
    scope,
    retries: planRetries({ ...of, peers: all, service: exact }, scope, modules),
    epoch: request.epoch ?? 0,
    cacheNamespace: request.cacheNamespace,
    project: projectOf(request.cacheNamespace, first.module.path),
  };
}

/** The program with the modules of the tree as a whole in place of the files that it is known to need. */
function widened(program: InspectedProgram): InspectedProgram {
  const { facts, module } = program;
  const files = [...new Set([...facts.files, ...module.local.map(({ dir }) => dir)])].toSorted();
  return { ...program, facts: { ...facts, files, complete: false } };
}

function planRetries(of: Planning, scope: Scope, modules: readonly ModulesPlan[]): Retries {
  const { service } = of;
  const others = modules.length > 0 || service.programs.some(({ module }) => module.vendor !== undefined);
  if (scope === "wide" || !others) return {};
  const imported = { imported: "wide" } as const;
  if (scope === "narrow" || modules.length === 0) return imported;
  const alone = planModules({ ...of, peers: peersOf([service]) }, "narrow");
  const isNarrower =
    JSON.stringify(alone.map(({ imports }) => imports)) !==
    JSON.stringify(modules.map(({ imports }) => imports));
  return isNarrower ? { ...imported, unfetched: "narrow" } : imported;
}

/**
 * The plan that was asked for; without a target in a description of several services, the plan of each:
 * for checking what is not built.
 */
export function planEach(
  located: LocatedDescription,
  { services }: Pick<Inspected, "services">,
  request: BuildRequest,
): readonly Plan[] {
  const peers = peersOf(services);
  const asked = request.target !== undefined && request.target !== "";
  if (asked || services.length < 2) return [planAmong(peers, located, request, {})];
  return services.map(({ description, name }) =>
    planAmong(peers, located, { ...request, target: description.key ?? name }, {}),
  );
}

/**
 * @throws GF034: a container image holds a root filesystem that only linux runs as this frontend makes it
 * @throws GF031: Docker's classic image store refuses an image of several platforms once all is compiled
 */
function checkImagePlatforms({ located, service, request }: Planning): void {
  const place = { file: located.source.filename, range: service.description.rangeOf(["platforms"]) };
  if (request.classicStore === true && service.platforms.length > 1) {
    const names = service.platforms.map(formatPlatform);
    const native = formatPlatform(request.buildPlatform);
    const single = names.includes(native) ? native : (names[0] ?? native);
    throw diagnosticError([
      errorAt(
        "GF031",
        `the classic image store of this Docker Engine holds images of one platform, and this is for ${names.join(", ")}`,
        {
          ...place,
          help: `build for one, --platform ${single}; or for all with the containerd image store or on another builder: docker buildx create --use`,
        },
      ),
    ]);
  }
  const others = service.platforms.filter((platform) => platform.os !== "linux").map(formatPlatform);
  if (others.length === 0) return;
  throw diagnosticError([
    errorAt("GF034", `images are made for linux, not for ${others.join(", ")}`, {
      ...place,
      help: `build the bare executable: --target ${service.description.key === undefined ? "" : `${service.description.key}.`}binary`,
    }),
  ]);
}

function planService(of: Planning, output: Output): ServicePlan {
  const { located, service, request } = of;
  const inImage = isImage(output)
    ? service.imageFiles.flatMap((entry) => entry.files.map(({ source }) => source))
    : [];
  const programs = service.programs.map((program) => ({ program, plan: planProgram(of, program) }));
  const plans = programs.map(({ plan }) => plan);
  const files =
    plans.length === 1
      ? (plans[0]?.files ?? [])
      : [...new Set(plans.flatMap((program) => program.files))].toSorted();
  const generated = generatedFor(service, files, inImage);
  const vendored = service.programs.flatMap(({ facts: { vendor, vendorLinks } }) => [
    ...(vendor === undefined ? [] : [vendor]),
    ...vendorLinks.map(({ from }) => from),
  ]);
  const altered = alterationsFor(service.alterations, [...files, ...vendored, ...inImage]);
  const sent = altered === undefined ? files : files.filter((path) => !isAltered(altered, path));
  return {
    name: service.name,
    programs: plans,
    files: generated === undefined ? sent : sent.filter((path) => !isGenerated(generated, path)),
    ...(generated === undefined ? {} : { generated }),
    ...(altered === undefined ? {} : { altered }),
    platforms: service.platforms.map((platform) => ({
      id: formatPlatform(platform),
      platform,
      links: programs.map(({ program, plan }) => planLink({ ...of, program }, plan, platform)),
      image: planImage(service, platform, located, request),
    })),
    at: { file: located.source.filename, range: service.description.rangeOf(service.programs[0]?.at ?? []) },
  };
}

function planProgram({ located, peers }: Planning, program: InspectedProgram): ProgramPlan {
  return {
    name: program.name,
    importPath: program.main.importPath,
    main: mainLabel(peers.labels, program),
    path: program.path,
    files: program.facts.files,
    at: { file: located.source.filename, range: program.description.rangeOf(program.at) },
  };
}
