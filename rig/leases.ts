import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "./files.ts";
import { isProcessId, self } from "./lock.ts";
import type { RigPaths } from "./paths.ts";
import { isAlive } from "./process.ts";

const lease = (paths: RigPaths, pid: number | string): string => join(paths.leases, `${pid}.json`);

/** Notes that this process uses the rig: a rig started for a while stays up until the last user ends. */
export const takeLease = (paths: RigPaths): void => {
  mkdirSync(paths.leases, { recursive: true });
  writeJson(lease(paths, process.pid), self());
};

/** Forgets the lease of a process. */
export const dropLeaseOf = (paths: RigPaths, pid: number | string): void =>
  rmSync(lease(paths, pid), { force: true });

/** How many running processes use the rig; leases of ended ones are removed. */
export const liveLeases = (paths: RigPaths): number => {
  let names: readonly string[];
  try {
    names = readdirSync(paths.leases);
  } catch {
    return 0;
  }
  return names.filter((name) => {
    const file = join(paths.leases, name);
    const owner = readJson(file, isProcessId);
    if (owner !== undefined && isAlive(owner)) return true;
    rmSync(file, { force: true });
    return false;
  }).length;
};
