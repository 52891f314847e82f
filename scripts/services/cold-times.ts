import { createHash } from "node:crypto";
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
  const file = join(folder, `${fileName(modules)}.json`);
  if (measured !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(measured));
    return measured;
  }
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ColdTime) : undefined;
}

/** As people would name it; versions that it has no room for count as well. */
function fileName(modules: readonly string[]): string {
  const name = modules.join(" ").replaceAll(/[^\w.@-]/g, "_");
  if (name.length <= 120) return name;
  return `${name.slice(0, 100)}-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}
