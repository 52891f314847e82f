// What the scan of the source tree says of a service.
import { formatPlatform, type Platform } from "../description/index.ts";
import type { PlatformFacts } from "../facts/index.ts";
import type { InspectedService } from "./inspect.ts";

/** Whether the source tree alone tells what a service is made of. */
export function isPlain(service: InspectedService, platforms = service.platforms): boolean {
  const { complete, links } = service.facts;
  const isWhole = (platform: Platform): boolean => {
    const found = onPlatform(service, platform);
    return found?.missing.length === 0 && found.importedBackFiles.length === 0;
  };
  return complete && links.length === 0 && platforms.every(isWhole);
}

/** What the scan found for one platform. */
export function onPlatform(service: InspectedService, platform: Platform): PlatformFacts | undefined {
  return service.facts.platforms.find((each) => isSame(each.platform, platform));
}

export function isSame(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}
