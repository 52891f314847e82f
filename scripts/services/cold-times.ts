import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../rig/index.ts";
import type { ColdTime } from "./record.ts";

/**
 * The cold time of a service: of this build where it was cold, or else of the build of the same modules that was. That one
 * may have no row, since a check failed after it.
 *
 * @param modules names the service and its versions
 */
export function keepColdTime(
  modules: readonly string[],
  measured: ColdTime | undefined,
): ColdTime | undefined {
  const folder = join(cacheFolder(), "services-cold");
  const file = join(
    folder,
    `${modules
      .join(" ")
      .slice(0, 120)
      .replaceAll(/[^\w.@-]/g, "_")}.json`,
  );
  if (measured !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(measured));
    return measured;
  }
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ColdTime) : undefined;
}
