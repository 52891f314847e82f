// What the scan of the source tree says of a program.
import { formatPlatform, type Platform } from "../description/index.ts";
import { childPath, type PackageFacts, type PlatformFacts } from "../facts/index.ts";
import type { InspectedProgram } from "./inspected.ts";

/** Whether the source tree alone tells what a program is made of. */
export function isPlain(program: InspectedProgram, platforms = program.platforms): boolean {
  const { complete, links } = program.facts;
  const isWhole = (platform: Platform): boolean => {
    const found = onPlatform(program, platform);
    return found?.missing.length === 0 && found.importedBackFiles.length === 0;
  };
  return complete && links.length === 0 && platforms.every(isWhole);
}

/** What the scan found for one platform. */
export function onPlatform(program: InspectedProgram, platform: Platform): PlatformFacts | undefined {
  return program.facts.platforms.find((facts) => isSame(facts.platform, platform));
}

/** What the scan found for one platform of some programs. */
export function factsOn(platform: Platform, programs: readonly InspectedProgram[]): readonly PlatformFacts[] {
  return programs.flatMap((program) => onPlatform(program, platform) ?? []);
}

/** The files in Go that packages are compiled from, on any platform, those with C in them included. */
export function goSources(
  packages: readonly Pick<PackageFacts, "dir" | "goFiles" | "cgoFiles">[],
): readonly string[] {
  const paths = packages.flatMap(({ dir, goFiles, cgoFiles }) =>
    [...goFiles, ...cgoFiles].map((name) => childPath(dir, name)),
  );
  return [...new Set(paths)];
}

/** Whether two platforms are written alike. */
export function isSame(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}
