import { createHash } from "node:crypto";
import type { PlatformFacts } from "../facts/index.ts";
import {
  diagnosticError,
  errorAt,
  formatPlatform,
  goMinor,
  authOf,
  type LocatedDescription,
  type Platform,
  type Position,
} from "../description/index.ts";
import { defaultProxies } from "./allowed.ts";
import { planParts } from "./downloads.ts";
import { commandByHand, isQuotable, linkCommand, targetEnv } from "./flags.ts";
import { binaryPath, planImage, templateFiller, withinKey } from "./image.ts";
import type { Inspected, InspectedService } from "./inspect.ts";
import { importedModules, readsGraph, readsModules } from "./imports.ts";
import { PATHS } from "./paths.ts";
import { compiledAlike, compileKey, ofModule, onceFor, serviceNamed } from "./peers.ts";
import { withGroups } from "./deps-groups.ts";
import { type Listing, planListing } from "./listing.ts";
import type { Retries, Scope } from "./retry.ts";
import { stdSet } from "./std.ts";
import { cutOwnPackages, isReusable, type OwnPackages } from "./strata.ts";
import { stubPackage } from "./stub.ts";
import { chooseTarget, targetsOf } from "./targets.ts";
import { needsGit, OLDEST_MINOR } from "./toolchain.ts";
import type {
  AuthPlan,
  BuildRequest,
  DepsPlan,
  ImportedModules,
  LinkPlan,
  ModulesPlan,
  OwnPlan,
  Place,
  Plan,
  ServicePlan,
  VariantPlan,
} from "./types.ts";

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
  every: Inspected,
  request: BuildRequest,
  { scope: asked = "planned", listing: listed }: Learned = {},
): Plan {
  const targets = targetsOf(every.services);
  const target = chooseTarget(request.target, targets, located);
  const exact = serviceNamed(every.services, target.service);
  if (exact === undefined) throw new Error(`target ${target.name} names a service that was not inspected`);
  const scope = exact.facts.complete ? asked : "wide";
  const service = scope === "wide" ? widened(exact) : exact;
  const inspected = scope === "narrow" ? { ...every, services: [service] } : every;
  if (target.output === "image") checkImagePlatforms(located, service, request);
  const epoch = request.epoch ?? 0;
  const modules = planModules(located, inspected, service, request, scope);
  const planned = planService(located, inspected, service, request, listed);
  const listing =
    modules === undefined || modules.imports !== undefined
      ? undefined
      : planListing(service.module, planned, isPlain(service), listed);
  return {
    module: { path: service.module.path, dir: service.module.dir },
    output: target.output,
    target: target.name,
    targets,
    toolchain: service.toolchain,
    buildPlatform: request.buildPlatform,
    modules: modules === undefined || listing === undefined ? modules : planParts(modules, service.module),
    service: planned,
    listing,
    scope,
    retries: planRetries(located, every, exact, request, scope, modules),
    epoch,
    cacheNamespace: request.cacheNamespace,
    project: projectOf(request.cacheNamespace, service.module.path),
  };
}

/** The service with the modules of the tree as a whole in place of the files that it is known to need. */
function widened(service: InspectedService): InspectedService {
  const { facts, module } = service;
  const files = [...new Set([...facts.files, ...module.local.map(({ dir }) => dir)])].toSorted();
  return { ...service, facts: { ...facts, files, complete: false } };
}

function planRetries(
  located: LocatedDescription,
  inspected: Inspected,
  service: InspectedService,
  request: BuildRequest,
  scope: Scope,
  modules: ModulesPlan | undefined,
): Retries {
  const others = modules !== undefined || service.module.vendor !== undefined;
  if (scope === "wide" || !others) return {};
  const imported = { imported: "wide" } as const;
  if (scope === "narrow" || modules === undefined) return imported;
  const alone = planModules(located, { ...inspected, services: [service] }, service, request, "narrow");
  const isNarrower = JSON.stringify(alone?.imports) !== JSON.stringify(modules.imports);
  return isNarrower ? { ...imported, unfetched: "narrow" } : imported;
}

/**
 * The plan that was asked for; without a target in a description of several services, the plan of each:
 * for checking what is not built.
 */
export function planEach(
  located: LocatedDescription,
  inspected: Inspected,
  request: BuildRequest,
): readonly Plan[] {
  const asked = request.target !== undefined && request.target !== "";
  if (asked || inspected.services.length < 2) return [planBuild(located, inspected, request)];
  return inspected.services.map(({ description, name }) =>
    planBuild(located, inspected, { ...request, target: description.key ?? name }),
  );
}

/**
 * @throws GF034: a container image holds a root filesystem that only linux runs as this frontend makes it
 * @throws GF031: Docker's classic image store refuses an image of several platforms once all is compiled
 */
function checkImagePlatforms(
  located: LocatedDescription,
  service: InspectedService,
  request: BuildRequest,
): void {
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

function planService(
  located: LocatedDescription,
  inspected: Inspected,
  service: InspectedService,
  request: BuildRequest,
  listing: Listing | undefined,
): ServicePlan {
  return {
    name: service.name,
    importPath: service.main.importPath,
    files: service.facts.files,
    platforms: service.platforms.map((platform) => ({
      link: planLink(located, inspected, service, platform, request, listing),
      image: planImage(service, platform, located, request),
    })),
    at: { file: located.source.filename, range: service.description.rangeOf(["main"]) },
  };
}

function planLink(
  located: LocatedDescription,
  inspected: Inspected,
  service: InspectedService,
  platform: Platform,
  request: BuildRequest,
  listing: Listing | undefined,
): LinkPlan {
  const { build } = service.description;
  const variant = grouped(planVariant(inspected, service, platform, request), listing);
  const fill = templateFiller(service, platform, located, request);
  const filled = Object.entries(build.vars).map(
    ([name, template]) => [name, fill(template, ["build", "vars", name])] as const,
  );
  const vars = withinKey(filled, ["build", "vars"], service, located).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  for (const [name, value] of vars) {
    if (isQuotable(value)) continue;
    const range = service.description.rangeOf(["build", "vars", name]);
    throw diagnosticError([
      errorAt("GF040", `the value of ${name} holds both kinds of quotes, which the linker's -X cannot take`, {
        file: located.source.filename,
        range,
        help: "leave out one kind of quotes",
      }),
    ]);
  }
  const { module } = service;
  const main = relativeTo(module.dir, service.main.dir);
  const found = onPlatform(service, platform);
  const own = planOwn(inspected, service, platform);
  return {
    variant,
    ...(own === undefined ? {} : { own }),
    reusable: service.facts.complete && found !== undefined && isReusable(found.packages),
    argv: linkCommand(main, {
      tags: build.tags,
      profile: variant.profile === undefined ? undefined : PATHS.profile,
      strip: build.strip,
      vars,
      output: `${PATHS.output}${binaryPath(service.name)}`,
    }),
    dir: module.dir,
    modules: module.local.map((each) => each.path).toSorted(),
    packages: found?.packages.length ?? 0,
    failure: `GF090 go build failed for ${formatPlatform(platform)} (${main})\nhelp: mend what the lines above name; on your machine \`${commandByHand({ dir: module.dir, platform, tags: build.tags, main })}\` shows the same`,
  };
}

/**
 * The own packages in strata, where that pays and the source tree alone tells how: packages that other
 * modules import, symbolic links and what the scan did not find are left to the go command.
 */
function planOwn(inspected: Inspected, service: InspectedService, platform: Platform): OwnPlan | undefined {
  if (!isPlain(service, [platform])) return undefined;
  const own = ownPackages(service, platform);
  const peers = compiledAlike(inspected.services, service);
  const others = packagesOfAll(peers, formatPlatform(platform), () =>
    peers.flatMap((each) => ownPackages(each, platform) ?? []),
  );
  const strata = own === undefined ? [] : cutOwnPackages(own, others);
  return strata.length === 0 ? undefined : { modFiles: service.module.modFiles, strata };
}

const packagesOfAll = onceFor<readonly OwnPackages[]>();

function ownPackages(service: InspectedService, platform: Platform): OwnPackages | undefined {
  const packages = onPlatform(service, platform)?.packages;
  return packages === undefined ? undefined : { main: service.main.importPath, packages };
}

/** Whether the source tree alone tells what a service is made of. */
function isPlain(service: InspectedService, platforms = service.platforms): boolean {
  const { complete, links } = service.facts;
  const isWhole = (platform: Platform): boolean => {
    const found = onPlatform(service, platform);
    return found?.missing.length === 0 && found.importedBackFiles.length === 0;
  };
  return complete && links.length === 0 && platforms.every(isWhole);
}

function onPlatform(service: InspectedService, platform: Platform): PlatformFacts | undefined {
  return service.facts.platforms.find((each) => samePlatform(each.platform, platform));
}

function grouped(variant: VariantPlan, listing: Listing | undefined): VariantPlan {
  const { id, deps } = variant;
  return deps === undefined ? variant : { ...variant, deps: withGroups(deps, listing?.[id]?.packages) };
}

/**
 * One compile variant. Its caches serve every service of the description that compiles the same way,
 * so the stub imports the union of what those services import.
 */
function planVariant(
  inspected: Inspected,
  service: InspectedService,
  platform: Platform,
  request: BuildRequest,
): VariantPlan {
  const key = [formatPlatform(platform), formatPlatform(request.buildPlatform), compileKey(service)].join(
    " ",
  );
  return variants(inspected.services, key, () => makeVariant(inspected, service, platform, request));
}

const variants = onceFor<VariantPlan>();

function makeVariant(
  inspected: Inspected,
  service: InspectedService,
  platform: Platform,
  request: BuildRequest,
): VariantPlan {
  const profile = service.profile;
  const peers = compiledAlike(inspected.services, service).filter((each) =>
    each.platforms.some((p) => formatPlatform(p) === formatPlatform(platform)),
  );
  const facts = peers.flatMap((each) =>
    each.facts.platforms.filter((found) => samePlatform(found.platform, platform)),
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
      onHelper: profile === undefined && samePlatform(platform, request.buildPlatform),
    },
    deps,
  };
}

function planModules(
  located: LocatedDescription,
  inspected: Inspected,
  service: InspectedService,
  request: BuildRequest,
  scope: Scope,
): ModulesPlan | undefined {
  const sameModule = ofModule(inspected.services, service.module.dir);
  const needed = neededModules(sameModule, "", () => ({ any: sameModule.some(readsModules) })).any;
  if (!needed || service.module.vendor !== undefined) return undefined;
  const byImports = scope === "narrow" || (scope === "planned" && readsGraph(service));
  const importing = compiledAlike(inspected.services, service);
  const { modules } = located.description;
  const at = (path: readonly (string | number)[]): Place => ({
    file: located.source.filename,
    range: located.rangeOf(path),
  });
  const argument = (name: string): Record<string, string> =>
    request.buildArgs[name] === undefined ? {} : { [name]: request.buildArgs[name] };
  return {
    files: service.modFiles,
    dir: service.module.dir,
    private: modules?.private ?? [],
    proxy: modules?.proxy?.join(",") ?? request.buildArgs["GOPROXY"] ?? defaultProxies(request),
    env: {
      ...argument("GOSUMDB"),
      ...argument("GONOSUMDB"),
      ...argument("GONOPROXY"),
      ...argument("GOINSECURE"),
    },
    auth: authOf(located).map((auth): AuthPlan => {
      switch (auth.kind) {
        case "netrc":
          return { kind: "netrc", secret: auth.secret, at: at(auth.path) };
        case "token":
          return { kind: "token", host: auth.host, user: auth.user, secret: auth.secret, at: at(auth.path) };
        case "ssh":
          return {
            kind: "ssh",
            host: auth.host,
            user: auth.user,
            port: auth.port,
            agent: auth.agent,
            knownHosts: auth.knownHosts,
            at: at(auth.path),
          };
      }
    }),
    git: needsGit(located, request),
    ...(byImports ? { imports: importsOfAll(importing, service) } : {}),
    ...(service.module.workspace === undefined ? {} : { workspace: service.module.workspace.dir }),
    at: located.has(["modules"])
      ? at(["modules"])
      : { file: service.module.goMod.file, range: requirements(service) },
  };
}

const neededModules = onceFor<{ readonly any: boolean }>();

const allImports = onceFor<ImportedModules>();

function importsOfAll(importing: readonly InspectedService[], service: InspectedService): ImportedModules {
  const key = [...service.platforms.map(formatPlatform), compileKey(service)].join(" ");
  return allImports(importing, key, () =>
    importedModules(
      service,
      importing.map((each) => ({
        service: each,
        onPlatform: (platform: Platform) => onPlatform(each, platform),
      })),
    ),
  );
}

/** More lines than these are no excerpt. */
const FEW_LINES = 12;

/** The lines of go.mod that name modules; its first one where they are many. */
function requirements({ module }: InspectedService): Place["range"] {
  const lines = module.goMod.require.map(({ at }) => at.line);
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  const isShort = lines.length > 0 && last - first < FEW_LINES;
  const at = (line: number): Position => ({ line, column: 1, offset: 0 });
  return isShort ? { start: at(first), end: at(last) } : { start: at(1), end: at(1) };
}

/** A module within a client's namespace. */
function projectOf(namespace: string, modulePath: string): string {
  return createHash("sha256")
    .update(JSON.stringify([namespace, modulePath]))
    .digest("hex")
    .slice(0, 32);
}

function relativeTo(dir: string, path: string): string {
  if (dir === ".") return path === "." ? "." : `./${path}`;
  if (path === dir) return ".";
  return `./${path.slice(dir.length + 1)}`;
}

function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}
