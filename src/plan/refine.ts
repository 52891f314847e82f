// The second pass of planning: once the go command has said which packages the other modules hold,
// their compilation is cut into groups. Without that knowledge the plan stands as it is, in one group.
import { type GoModule, minorOf } from "../facts/index.ts";
import { type Group, groupPackages, type ListedPackage } from "./groups.ts";
import { moduleFiles, moduleSubset, type ModuleVersion } from "./subset.ts";
import type {
  DepsGroup,
  DepsPlan,
  InlineFile,
  PlatformPlan,
  ListingPlan,
  Plan,
  ServicePlan,
} from "./types.ts";

/** Below this many required modules a new version of one recompiles little anyway. */
const FEW_MODULES = 10;

/** Below this many packages a step of its own for each group costs more than it ever spares. */
const FEW_PACKAGES = 40;

/**
 * Whether to list the packages of other modules, decided from go.mod alone. Modules before Go 1.17 do
 * not name all their dependencies there, workspaces and replaced modules have several sources of truth:
 * they are compiled in one group.
 */
export function planListing(module: GoModule, service: ServicePlan, plain: boolean): ListingPlan | undefined {
  const { goMod } = module;
  const simple =
    module.workspace === undefined &&
    module.vendor === undefined &&
    goMod.replace.length === 0 &&
    goMod.exclude.length === 0;
  if (!simple || goMod.require.length < FEW_MODULES || minorOf(module.go) < 17) return undefined;
  const first = service.platforms[0]?.link;
  const deps = first?.variant.deps;
  if (first === undefined || deps === undefined) return undefined;
  const stub = deps.stub.path.slice(0, deps.stub.path.lastIndexOf("/"));
  return {
    dir: deps.dir,
    stub: `./${deps.dir === "." ? stub : stub.slice(deps.dir.length + 1)}`,
    // Every platform's imports: a package that one platform does not have is left out by the go command.
    files: [...deps.files, mergedStub(service, deps)],
    modules: first.modules,
    tags: first.variant.tags,
    platforms: service.platforms.map(({ link: { variant } }) => ({ id: variant.id, env: variant.env })),
    plain,
  };
}

/** What the listing step says of each platform, by its id. */
export type Listing = Readonly<Record<string, PlatformListing>>;

export interface PlatformListing {
  readonly packages: readonly ListedPackage[];
  /** Packages of the source tree that other modules import. */
  readonly back: readonly string[];
  /** Packages of which no Go file is left without cgo, and the first of their files that imports C. */
  readonly cgo?: readonly { readonly path: string; readonly file: string; readonly line: number }[];
  /** Whether the sources of all of them were kept, with nothing in doubt. */
  readonly kept?: boolean;
}

/** Packages of the source tree that only other modules import: their files belong to the build too. */
export function importedBack(listing: Listing): readonly string[] {
  return [...new Set(Object.values(listing).flatMap((each) => each.back))].toSorted();
}

/**
 * Puts groups into a plan.
 *
 * @param listing what the listing step gave
 */
export function refinePlan(plan: Plan, listing: Listing): Plan {
  const platforms = plan.service.platforms.map((platform): PlatformPlan => {
    const { link } = platform;
    const { variant } = link;
    const packages = listing[variant.id]?.packages;
    const isFew = packages === undefined || packages.length < FEW_PACKAGES;
    if (variant.deps === undefined || isFew) return platform;
    const groups = planGroups(variant.deps, packages);
    if (groups.length < 2) return platform;
    return { ...platform, link: { ...link, variant: { ...variant, deps: { ...variant.deps, groups } } } };
  });
  const refined = { ...plan, service: { ...plan.service, platforms } };
  if (plan.listing === undefined || !plan.listing.plain) return refined;
  const exact = plan.listing.platforms.every(({ id }) => listing[id]?.kept === true);
  return exact ? { ...refined, listing: { ...plan.listing, exact } } : refined;
}

function planGroups(deps: DepsPlan, packages: readonly ListedPackage[]): readonly DepsGroup[] {
  const { goMod, goSum } = moduleFiles(deps);
  // Packages that no listed module holds (standard ones) are compiled with whatever imports them.
  return groupPackages(packages).map((group, index, groups) => {
    const own = new Set(group.modules.map(({ path }) => path));
    const without = new Set(group.without);
    const readSince = groups[index - 1]?.without.filter((each) => !without.has(each)) ?? [];
    return {
      name: nameOf(group),
      packages: group.packages,
      files: moduleSubset(group.closure, goMod, goSum),
      modulePaths: [...group.modules.flatMap(cachePaths), ...readSince.map(packagePath)],
      withoutPaths: group.without.filter(({ module }) => own.has(module)).map(packagePath),
      partial: group.partial,
    };
  });
}

/** Where the module cache keeps one module (golang/go:src/cmd/go/internal/modfetch/cache.go). */
function cachePaths({ path, version }: ModuleVersion): readonly string[] {
  const [name, at] = [escapeCapitals(path), escapeCapitals(version)];
  return [
    `${name}@${at}`,
    ...["mod", "info", "ziphash"].map((kind) => `cache/download/${name}/@v/${at}.${kind}`),
  ];
}

/** Folder of a package in the module cache. */
function packagePath({ path, module, version }: ListedPackage): string {
  return `${escapeCapitals(module)}@${escapeCapitals(version)}/${path.slice(module.length + 1)}`;
}

/** Capitals as `!` and the small letter (golang/mod:module/module.go, EscapePath). */
function escapeCapitals(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** A name for the progress display: the first module, and how many others. */
function nameOf(group: Group): string {
  const [first] = group.modules;
  if (first === undefined) return "what nothing else imports";
  const others = group.modules.length - 1;
  return `${first.path}${others > 0 ? ` and ${others} more` : ""}`;
}

function mergedStub(service: ServicePlan, deps: DepsPlan): InlineFile {
  const lines = new Set(
    service.platforms.flatMap(
      ({ link }) => link.variant.deps?.stub.text.split("\n").filter((line) => line.startsWith("\t_ ")) ?? [],
    ),
  );
  return {
    path: deps.stub.path,
    text: `package deps\n\nimport (\n${[...lines]
      .toSorted()
      .map((line) => `${line}\n`)
      .join("")})\n`,
  };
}
