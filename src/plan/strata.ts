// Cuts the packages of a large service into strata that are compiled apart, before the step that links.
// Each is keyed on the content of its own packages and those below, so that on a builder with nothing
// but a registry cache an edit compiles its stratum and what stands on it, and not the whole tree.
import type { PackageFacts } from "../facts/index.ts";
import type { Stratum } from "./types.ts";

/**
 * A step costs some 0.3 s, and compiling a package some 0.1 s on two processors: with this many, two
 * steps more in an edit below save several seconds in one above.
 */
export const MANY_PACKAGES = 60;

/** Packages in a stratum, about; with more strata than these the steps' own cost shows. */
const PER_STRATUM = 50;
const MOST_STRATA = 5;
/** Of what services share, and as many again of the rest. */
const MOST_WHEN_SHARED = 4;

/** Below this number, packages that services share are not worth steps of their own. */
const MANY_SHARED = 20;

/** A stratum without the name of its step. */
export interface Cut extends Omit<Stratum, "name"> {
  /** Whether other services have it too. */
  readonly shared: boolean;
}

/** One program's packages on one platform. */
export interface OwnPackages {
  /** Import path of the main package, which the link step compiles. */
  readonly main: string;
  readonly packages: readonly PackageFacts[];
}

/**
 * The strata of a service, each after those it needs; none when its packages are few.
 *
 * A package stands as high as what imports it allows: an edit then compiles as little as may be, and
 * a new import of a package that stands lower moves nothing. What all large services of the
 * description need is cut first and alike for each of them, so they share those steps.
 *
 * @param others services that are compiled the same way; whether this one is among them does not matter
 */
export function cutOwnPackages(service: OwnPackages, others: readonly OwnPackages[]): readonly Cut[] {
  const own = ownPackages(service);
  if (own.size < MANY_PACKAGES) return [];
  const isPeer = others.some(
    (each) => each.packages !== service.packages && ownPackages(each).size >= MANY_PACKAGES,
  );
  const everywhere = isPeer ? commonPackages(others) : new Set<string>();
  const common = [...own.keys()].filter((path) => everywhere.has(path));
  const shared = new Set(common.length < MANY_SHARED ? [] : common);
  const isShared = (path: string): boolean => shared.has(path);
  const below = cut(own, isShared, MOST_WHEN_SHARED);
  // What shared packages import is shared: nothing in the first part needs the second.
  const rest = cut(own, (path) => !isShared(path), shared.size === 0 ? MOST_STRATA : MOST_WHEN_SHARED);
  // An import cycle is for the go command to report.
  return [...below, ...rest].flat().length === own.size
    ? [...stack(below, own, true), ...stack(rest, own, false)]
    : [];
}

/** Whether Go's cache keys of packages hold all that compiling them reads. */
export function isReusable(packages: readonly PackageFacts[]): boolean {
  return !packages.some(({ opensUnlisted }) => opensUnlisted);
}

type Packages = ReadonlyMap<string, PackageFacts>;

const ownOf = new WeakMap<OwnPackages["packages"], Packages>();

/** All but commands, which nothing imports and `go build` would link. */
function ownPackages({ main, packages }: OwnPackages): Packages {
  const found =
    ownOf.get(packages) ??
    new Map(
      packages
        .filter(({ importPath, name }) => importPath !== main && name !== "main")
        .map((each) => [each.importPath, each]),
    );
  ownOf.set(packages, found);
  return found;
}

const commonOf = new WeakMap<readonly OwnPackages[], ReadonlySet<string>>();

/** What all large services need. */
function commonPackages(services: readonly OwnPackages[]): ReadonlySet<string> {
  const found = commonOf.get(services) ?? findCommon(services);
  commonOf.set(services, found);
  return found;
}

function findCommon(services: readonly OwnPackages[]): ReadonlySet<string> {
  const large = services.map(ownPackages).filter((each) => each.size >= MANY_PACKAGES);
  const counts = new Map<string, number>();
  for (const path of large.flatMap((each) => [...each.keys()])) counts.set(path, (counts.get(path) ?? 0) + 1);
  return new Set([...counts].flatMap(([path, count]) => (count === large.length ? [path] : [])));
}

function cut(own: Packages, wanted: (path: string) => boolean, most: number): readonly (readonly string[])[] {
  const chosen = new Map([...own].filter(([path]) => wanted(path)));
  const levels = levelsOf(chosen);
  let size = PER_STRATUM;
  while (chosen.size > size * most) size *= 2;
  const parts: string[][] = [];
  // From below, so that a package more or less moves no boundary under it.
  for (const level of levels.toReversed()) {
    const last = parts.at(-1);
    if (last === undefined || isFull(last.length, level.length, size)) parts.push([...level]);
    else last.push(...level);
  }
  return parts;
}

/** A wide level, such as that of a program's plugins, does not take what it stands on with it. */
function isFull(filled: number, next: number, size: number): boolean {
  return filled >= size || (filled * 2 >= size && filled + next >= size * 2);
}

/** Packages by the longest chain of importers above them; those in an import cycle, which go refuses, are left out. */
function levelsOf(packages: Packages): readonly (readonly string[])[] {
  const importers = new Map([...packages.keys()].map((path) => [path, 0]));
  const importsOf = (path: string): readonly string[] =>
    (packages.get(path)?.imports ?? []).filter((other) => packages.has(other));
  for (const path of packages.keys()) {
    for (const other of importsOf(path)) importers.set(other, (importers.get(other) ?? 0) + 1);
  }
  const levels: string[][] = [];
  let ready = [...importers].flatMap(([path, count]) => (count === 0 ? [path] : []));
  while (ready.length > 0) {
    levels.push(ready);
    const next: string[] = [];
    for (const path of ready) {
      for (const other of importsOf(path)) {
        const left = (importers.get(other) ?? 0) - 1;
        importers.set(other, left);
        if (left === 0) next.push(other);
      }
    }
    ready = next;
  }
  return levels;
}

function stack(parts: readonly (readonly string[])[], own: Packages, shared: boolean): readonly Cut[] {
  return parts.map((paths) => {
    const packages = paths.toSorted();
    const facts = packages.flatMap((path) => own.get(path) ?? []);
    const files = new Set(facts.flatMap((each) => each.files));
    return { packages, files: [...files].toSorted(), reusable: isReusable(facts), shared };
  });
}
