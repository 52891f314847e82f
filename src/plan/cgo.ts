// What the listing of other modules' packages says of cgo, before any of them is compiled.
import { outsideNeedsCgo, stubProblem, type FactsDiagnostic } from "../facts/index.ts";
import type { Diagnostic } from "../description/index.ts";
import type { ListedPackage } from "./groups.ts";
import { toDiagnostic } from "./finding.ts";
import type { InspectedService } from "./inspected.ts";
import type { Listing } from "./listing.ts";

/**
 * Packages of other modules that need cgo, each at the import of the service's own that leads to it: an error where
 * Go refuses the package, a warning where it fails when it is used. What the service imports itself was told before.
 *
 * @param description name of the description's file
 */
export function cgoProblems(
  service: InspectedService,
  listing: Listing,
  description: string,
): readonly Diagnostic[] {
  const { programs, description: settings } = service;
  if (settings.build.cgo !== undefined) return [];
  const outsideAt = Object.fromEntries(
    programs.toReversed().flatMap(({ facts }) => Object.entries(facts.outsideAt)),
  );
  const found = Object.values(listing).flatMap(({ packages, cgo = [] }): readonly FactsDiagnostic[] => {
    const importer = importersFrom(Object.keys(outsideAt), packages);
    const chainTo = (path: string): readonly string[] => {
      const chain: string[] = [];
      for (let at = importer.get(path); at !== undefined; at = importer.get(at)) chain.unshift(at);
      return chain;
    };
    const placeOf = (path: string) => outsideAt[chainTo(path)[0] ?? path];
    return [
      ...cgo.flatMap(({ path, file, line }) => {
        const place = placeOf(path);
        return place === undefined
          ? []
          : [outsideNeedsCgo(path, `${file} line ${line}`, chainTo(path), place)];
      }),
      ...packages.flatMap(({ path }) => {
        const place = importer.get(path) === undefined ? undefined : placeOf(path);
        return place === undefined ? [] : stubProblem(path, chainTo(path), place);
      }),
    ];
  });
  const different = new Map(found.map((problem) => [problem.message, problem]));
  return [...different.values()].map((problem) =>
    toDiagnostic(problem, description, service.description.rangeOf(programs[0]?.at ?? ["main"])),
  );
}

/** Of each package that can be reached, the one that imports it on a shortest way; `undefined` for the first ones. */
function importersFrom(
  first: readonly string[],
  packages: readonly ListedPackage[],
): ReadonlyMap<string, string | undefined> {
  const imports = new Map(packages.map((listed) => [listed.path, listed.imports ?? []]));
  const importer = new Map<string, string | undefined>(first.map((path) => [path, undefined]));
  // A map is walked in the order of insertion, with what is added on the way.
  for (const path of importer.keys()) {
    for (const imported of imports.get(path) ?? []) if (!importer.has(imported)) importer.set(imported, path);
  }
  return importer;
}
