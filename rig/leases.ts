import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "./files.ts";
import { isProcessId, self } from "./lock.ts";
import type { RigPaths } from "./paths.ts";
import { isAlive } from "./process.ts";

const leaseFile = (paths: RigPaths, lease: string): string => join(paths.leases, `${lease}.json`);

/**
 * Notes that this process uses the rig: a rig started for a while stays up until the last user ends.
 *
 * @returns the lease's name; one process can have several
 */
export function takeLease(paths: RigPaths): string {
  mkdirSync(paths.leases, { recursive: true });
  const lease = `${process.pid}-${randomUUID()}`;
  writeJson(leaseFile(paths, lease), self());
  return lease;
}

export const dropLease = (paths: RigPaths, lease: string): void =>
  rmSync(leaseFile(paths, lease), { force: true });

/** How many running processes use the rig; leases of ended ones are removed. */
export function liveLeases(paths: RigPaths): number {
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
}
