import { existsSync } from "node:fs";
import { daemonState, removeState, stopDaemon } from "./daemon.ts";
import { liveLeases } from "./leases.ts";
import { withLock } from "./lock.ts";
import { rigNames, rigPaths, type RigPaths } from "./paths.ts";
import { isAlive } from "./process.ts";
import { ownRegistryFolder, sharedRegistryFolder, stopRegistry } from "./registry.ts";
import { logToStderr, type Log } from "./text.ts";

/** Does `work` while no other process starts or stops a rig of this cache folder. */
export const whileNoneStarts = async <T>(log: Log, work: () => Promise<T>): Promise<T> =>
  withLock("daemons", "starting or stopping a rig", log, work);

/** Whether another rig's running daemon uses the shared registry. */
const sharedRegistryInUse = (except: string): boolean =>
  rigNames()
    .filter((name) => name !== except)
    .some((name) => {
      const state = daemonState(rigPaths(name));
      return state !== undefined && !state.ownRegistry && isAlive(state.process);
    });

async function stop(paths: RigPaths): Promise<void> {
  const hasRegistry = daemonState(paths)?.ownRegistry ?? existsSync(ownRegistryFolder(paths.stateDir));
  await stopDaemon(paths);
  if (hasRegistry) await stopRegistry(ownRegistryFolder(paths.stateDir));
  if (!sharedRegistryInUse(paths.name)) await stopRegistry(sharedRegistryFolder());
}

/**
 * Stops a rig: no process, mount or socket of it stays, its build cache does. The shared registry stops with
 * the last rig that uses it.
 */
export async function down(name = "default", log: Log = logToStderr): Promise<void> {
  const paths = rigPaths(name);
  await whileNoneStarts(log, async () => stop(paths));
}

/** Stops a rig and removes all it has stored, its build cache and its own registry's content. */
export async function reset(name = "default", log: Log = logToStderr): Promise<void> {
  const paths = rigPaths(name);
  await whileNoneStarts(log, async () => {
    await stop(paths);
    removeState(paths);
  });
}

/** Stops a rig that was not started to stay and that nobody uses any more. */
export async function stopUnused(name: string, log: Log = logToStderr): Promise<void> {
  const paths = rigPaths(name);
  await whileNoneStarts(log, async () => {
    if (liveLeases(paths) > 0 || daemonState(paths)?.persistent === true) return;
    await stop(paths);
  });
}
