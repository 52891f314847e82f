// Parts of a service's modules that are downloaded apart, so that on a builder with nothing but a registry
// cache a new version of one module fetches its part again, and the others come from the cache.
import { moduleSubset, type ModuleVersion } from "./subset.ts";
import type { DownloadPart } from "./types.ts";

/** Four steps instead of one cost a build without a change some milliseconds; fewer modules are not worth it. */
const PARTS = 4;
const MANY_MODULES = 24;

/**
 * The parts, or none where there are few modules. A module's part depends on its path alone: a module
 * more or less, or another version, moves no other.
 *
 * @param modules all that go.mod requires; since Go 1.17 that is all a build needs
 */
export function downloadParts(
  modules: readonly ModuleVersion[],
  goMod: string,
  goSum: string,
): readonly DownloadPart[] {
  if (modules.length < MANY_MODULES) return [];
  return Array.from({ length: PARTS }, (_, index) => index).flatMap((index) => {
    const own = modules
      .filter(({ path }) => partOf(path) === index)
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return own.length === 0 ? [] : [{ number: index + 1, files: moduleSubset(own, goMod, goSum) }];
  });
}

/** FNV-1a: any function would do that spreads paths evenly and never changes. */
function partOf(path: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % PARTS;
}
