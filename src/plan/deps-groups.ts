// The packages of other modules as groups of steps, once the go command has listed them. Without that knowledge, and
// where there is little to compile, they are compiled in one step.
import { type Group, groupPackages, type ListedPackage } from "./groups.ts";
import { moduleFiles, moduleSubset, type ModuleVersion } from "./subset.ts";
import type { DepsGroup, DepsPlan } from "./types.ts";

/** Below this many packages a step of its own for each group costs more than it ever spares. */
const FEW_PACKAGES = 40;

/**
 * A service that needs less than half of what all services need is cut by itself; others are cut alike, so that they
 * share their groups.
 *
 * @param listed what was listed for the platform; undefined: nothing
 * @param usesC whether C is compiled, which may open any file of its module
 */
export function withGroups(
  deps: DepsPlan,
  listed: readonly ListedPackage[] | undefined,
  usesC: boolean,
): DepsPlan {
  if (listed === undefined) return deps;
  const packages = deps.isAll ? listed : neededOf(listed, deps);
  if (packages.length < FEW_PACKAGES) return deps;
  const groups = planGroups(deps, packages, usesC);
  return groups.length < 2 ? deps : { ...deps, groups };
}

function neededOf(listed: readonly ListedPackage[], deps: DepsPlan): readonly ListedPackage[] {
  const needed = reached(deps, listed);
  return needed.length * 2 < listed.length ? needed : listed;
}

/** The packages that the service's own imports lead to. */
function reached({ parts }: DepsPlan, listed: readonly ListedPackage[]): readonly ListedPackage[] {
  const imports = new Map(listed.map(({ path, imports: needed }) => [path, needed ?? []]));
  const found = new Set(parts.flatMap((part) => part.imports));
  // A set is walked in the order of insertion, with what is added on the way.
  for (const path of found) for (const next of imports.get(path) ?? []) found.add(next);
  return listed.filter(({ path }) => found.has(path));
}

function planGroups(
  deps: DepsPlan,
  packages: readonly ListedPackage[],
  usesC: boolean,
): readonly DepsGroup[] {
  const { goMod, goSum } = moduleFiles(deps);
  // Packages that no listed module holds (standard ones) are compiled with whatever imports them.
  const cut = groupPackages(packages);
  const seen = usesC ? cut.map((group) => ({ ...group, without: [], partial: false })) : cut;
  return seen.map((group, index, groups) => {
    const modules = new Set(group.modules.map(({ path }) => path));
    const without = new Set(group.without);
    const readSince = groups[index - 1]?.without.filter((added) => !without.has(added)) ?? [];
    return {
      name: nameOf(group),
      packages: group.packages,
      files: moduleSubset(group.closure, goMod, goSum),
      modulePaths: [...group.modules.flatMap(cachePaths), ...readSince.map(packagePath)],
      withoutPaths: group.without.filter(({ module }) => modules.has(module)).map(packagePath),
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
