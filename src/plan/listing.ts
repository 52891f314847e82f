// When it pays to ask the go command which packages the other modules hold, and what it answers.
import { minorOf } from "../facts/index.ts";
import type { ListedPackage } from "./groups.ts";
import { lookingEnv } from "./flags.ts";
import { fileTags } from "./instrument.ts";
import type { InspectedService } from "./inspected.ts";
import { compileKey } from "./peers.ts";
import { isPlain } from "./scanned.ts";
import type { DepsPlan, InlineFile, ListingPlan, ServicePlan } from "./types.ts";

/** Below this many required modules a new version of one recompiles little anyway. */
const FEW_MODULES = 10;

/**
 * Whether to list the packages of other modules, decided from go.mod alone. Modules before Go 1.17 do
 * not name all their dependencies there, workspaces and replaced modules have several sources of truth:
 * they are compiled in one group. So are those of programs that are not compiled alike.
 *
 * @param listing the answer, where it is there already
 */
export function planListing(
  { programs }: InspectedService,
  service: ServicePlan,
  listing: Listing | undefined,
): ListingPlan | undefined {
  const [program] = programs;
  if (program === undefined || new Set(programs.map(compileKey)).size > 1) return undefined;
  const { module } = program;
  const { goMod } = module;
  const plain = programs.every((program) => isPlain(program));
  const simple =
    module.workspace === undefined &&
    module.vendor === undefined &&
    goMod.replace.length === 0 &&
    goMod.exclude.length === 0;
  if (!simple || goMod.require.length < FEW_MODULES || minorOf(module.go) < 17) return undefined;
  const first = service.platforms[0]?.links[0];
  const deps = first?.variant.deps;
  if (first === undefined || deps === undefined) return undefined;
  const stub = deps.stub.path.slice(0, deps.stub.path.lastIndexOf("/"));
  const platforms = service.platforms.flatMap(({ links }) =>
    links.slice(0, 1).map(({ variant }) => ({ id: variant.id, env: lookingEnv(variant.env) })),
  );
  return {
    dir: deps.dir,
    stub: `./${deps.dir === "." ? stub : stub.slice(deps.dir.length + 1)}`,
    // Every platform's imports: a package that one platform does not have is left out by the go command.
    files: [...deps.files, mergedStub(service, deps)],
    modules: first.modules,
    tags: fileTags(first.variant),
    platforms,
    plain,
    ...(plain && isExact(platforms, listing) ? { exact: true } : {}),
  };
}

/** What the listing step says of each platform, by its id. */
export type Listing = Readonly<Record<string, PlatformListing>>;

export interface PlatformListing {
  readonly packages: readonly ListedPackage[];
  /** Packages of the source tree that other modules import. */
  readonly back: readonly string[];
  /** Packages of which no Go file is left without cgo, and the first of their files that imports C. */
  readonly cgo?:
    | readonly { readonly path: string; readonly file: string; readonly line: number }[]
    | undefined;
  /** Whether the sources of all of them were kept, with nothing in doubt. */
  // oxlint-disable-next-line house-style/named-thing -- our program calls it so in its answer (src/plan/helper/packages.go)
  readonly kept?: boolean | undefined;
}

/** Packages of the source tree that only other modules import: their files belong to the build too. */
export function importedBack(listing: Listing): readonly string[] {
  return [...new Set(Object.values(listing).flatMap((platform) => platform.back))].toSorted();
}

/** Whether an answer names all packages that the service needs, and all their sources are there. */
function isExact(platforms: ListingPlan["platforms"], listing: Listing | undefined): boolean {
  return listing !== undefined && platforms.every(({ id }) => listing[id]?.kept === true);
}

function mergedStub(service: ServicePlan, deps: DepsPlan): InlineFile {
  const lines = new Set(
    service.platforms.flatMap(
      ({ links }) =>
        links[0]?.variant.deps?.stub.text.split("\n").filter((line) => line.startsWith("\t_ ")) ?? [],
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
