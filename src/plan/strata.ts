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

/** As much, where programs of one service share them: they are linked at the same time, and would compile each twice. */
const MANY_BESIDE = 8;

/** A stratum without the name of its step. */
export interface Cut extends Omit<Stratum, "name"> {
  /** Whether other services have it too. */
  readonly shared: boolean;
}

/** One program's packages on one platform. */
export interface OwnPackages {
  /** Import path of the main package, which the link step compiles. */
  readonly main: string;
  /** Whose program it is; absent: its own. */
  readonly service?: string | undefined;
  readonly packages: readonly PackageFacts[];
}

/** The strata of a program, each after those it needs; none when its packages are few. */
export type Cutter = (program: OwnPackages) => readonly Cut[];

/**
 * Cuts programs into strata. Of a small program only what it shares with others of its service is in them.
 *
 * A package stands as high as what imports it allows: an edit then compiles as little as may be, and
 * a new import of a package that stands lower moves nothing. What all large programs of the
 * description need is cut first and alike for each of them, so they share those steps.
 *
 * @param alike programs that are compiled the same way; whether the one that is cut is among them does not matter
 */
export function cutterOf(alike: readonly OwnPackages[]): Cutter {
  const programs = alike.map((program) => ({ ...program, byPath: ownPackages(program) }));
  const found = findCutPrograms(programs);
  return (program) => cutProgram(program, found);
}

function cutProgram(program: OwnPackages, { all, everywhere }: CutPrograms): readonly Cut[] {
  const byPath = ownPackages(program);
  const isLarge = byPath.size >= MANY_PACKAGES;
  const isCut = isLarge || all.some(({ packages }) => packages === program.packages);
  if (!isCut) return [];
  const isPeer = all.some(({ packages }) => packages !== program.packages);
  const common = isPeer ? [...byPath.keys()].filter((path) => everywhere.has(path)) : [];
  const shared = new Set(common.length < (isLarge ? MANY_SHARED : MANY_BESIDE) ? [] : common);
  const isShared = (path: string): boolean => shared.has(path);
  const below = cut(byPath, isShared, MOST_WHEN_SHARED);
  // What shared packages import is shared: nothing in the first part needs the second.
  const rest = isLarge
    ? cut(byPath, (path) => !isShared(path), shared.size === 0 ? MOST_STRATA : MOST_WHEN_SHARED)
    : [];
  // An import cycle is for the go command to report.
  return [...below, ...rest].flat().length === (isLarge ? byPath.size : shared.size)
    ? [...stack(below, byPath, true), ...stack(rest, byPath, false)]
    : [];
}

/** Whether Go's cache keys of packages hold all that compiling them reads. */
export function isReusable(packages: readonly PackageFacts[]): boolean {
  return !packages.some(({ opensUnlisted }) => opensUnlisted);
}

type Packages = ReadonlyMap<string, PackageFacts>;

/** All but commands, which nothing imports and `go build` would link. */
function ownPackages({ main, packages }: OwnPackages): Packages {
  return new Map(
    packages
      .filter(({ importPath, name }) => importPath !== main && name !== "main")
      .map((facts) => [facts.importPath, facts]),
  );
}

/** A program with its packages by path. */
interface Program extends OwnPackages {
  readonly byPath: Packages;
}

/** The programs that are cut, and what all of them need. */
interface CutPrograms {
  readonly all: readonly OwnPackages[];
  readonly everywhere: ReadonlySet<string>;
}

/** Those that are large, and those that share many packages with another one of their service. */
function findCutPrograms(programs: readonly Program[]): CutPrograms {
  const services = Map.groupBy(programs, (program): unknown => program.service ?? program);
  const shares = new Set([...services.values()].flatMap(sharing));
  const all = programs.filter((program) => program.byPath.size >= MANY_PACKAGES || shares.has(program));
  const counts = countPackages(all);
  return {
    all,
    everywhere: new Set([...counts].flatMap(([path, count]) => (count === all.length ? [path] : []))),
  };
}

/** Programs of one service that share many packages with another one of it. */
function sharing(programs: readonly Program[]): readonly Program[] {
  if (programs.length < 2) return [];
  const counts = countPackages(programs);
  return programs.filter(
    ({ byPath }) => [...byPath.keys()].filter((path) => (counts.get(path) ?? 0) > 1).length >= MANY_BESIDE,
  );
}

/** How many programs need a package. */
function countPackages(programs: readonly Program[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const path of programs.flatMap(({ byPath }) => [...byPath.keys()])) {
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
}

function cut(
  byPath: Packages,
  wanted: (path: string) => boolean,
  most: number,
): readonly (readonly string[])[] {
  const chosen = new Map([...byPath].filter(([path]) => wanted(path)));
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

function stack(parts: readonly (readonly string[])[], byPath: Packages, shared: boolean): readonly Cut[] {
  return parts.map((paths) => {
    const packages = paths.toSorted();
    const facts = packages.flatMap((path) => byPath.get(path) ?? []);
    const files = new Set(facts.flatMap((compiled) => compiled.files));
    return { packages, files: [...files].toSorted(), reusable: isReusable(facts), shared };
  });
}
