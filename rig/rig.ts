import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  daemonState,
  healthyDaemon,
  removeState,
  startDaemon,
  stopDaemon,
  writeDaemonState,
  type DaemonState,
} from "./daemon.ts";
import { liveLeases, takeLease } from "./leases.ts";
import { withLock } from "./lock.ts";
import { unreachableHosts, standInHosts } from "./mirrors.ts";
import { requireRoot } from "./needs.ts";
import { cacheFolder, rigPaths, type RigPaths } from "./paths.ts";
import { isAlive } from "./process.ts";
import { startReaper } from "./reaper-start.ts";
import { ensureRegistry, runningRegistry, sharedRegistryFolder, stopRegistry } from "./registry.ts";
import { ensureRunc } from "./runc.ts";
import { ensureStandIns } from "./standins/index.ts";
import { logToStderr, secondsSince, type Log } from "./text.ts";
import { ensureTools, type Tools } from "./tools.ts";
import type { RigInstance } from "./types.ts";
import { defaultTools } from "./versions.ts";

export type UpOptions = Readonly<{
  /** Which rig; each name has its own daemon and build cache. Default: `default`. */
  name?: string;
  log?: Log;
  /**
   * The daemon lives as long as somebody uses it: it ends with `release()`, and in any case when this process
   * ends, however it ends. A daemon that was started to stay is used and left alone.
   */
  ephemeral?: boolean;
  /** `shared` (default): the registry of all rigs; `own`: an empty one, which goes with the rig (`reset`). */
  registry?: "shared" | "own";
  /** A registry's other address to tell the daemon (`localhost:PORT` of a throttle in front of it). */
  registryHost?: string;
  /** When the loopback registry answers for docker.io, gcr.io and ghcr.io: when they cannot be reached (default), or always or never. */
  mirrors?: "auto" | "always" | "never";
  /** Whether to put the stand-ins into the registry where it answers for others. Default: true. */
  standIns?: boolean;
}>;

const describe = (
  paths: RigPaths,
  state: DaemonState,
  tools: Tools,
  started: boolean,
  release: () => Promise<void>,
): RigInstance => {
  const buildkitHost = `unix://${paths.socket}`;
  return {
    name: paths.name,
    buildkitHost,
    registry: state.registry,
    mirrored: state.mirrored,
    stateDir: paths.stateDir,
    logFile: paths.log,
    pid: state.process.pid,
    tools,
    env: {
      BUILDKIT_HOST: buildkitHost,
      BUILDX_CONFIG: paths.buildx,
      GO_FRONTEND_REGISTRY: state.registry,
      PATH: [join(paths.stateDir, "bin"), process.env["PATH"] ?? ""].join(delimiter),
    },
    started,
    release,
  };
};

/** One folder with all tools under their own names, for PATH. */
const linkTools = (paths: RigPaths, tools: Tools): void => {
  const bin = join(paths.stateDir, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, path] of Object.entries(tools)) {
    rmSync(join(bin, name), { force: true });
    symlinkSync(path, join(bin, name));
  }
};

const ownRegistryFolder = (paths: RigPaths): string => join(paths.stateDir, "registry");

const isPersistent = (options: UpOptions): boolean => options.ephemeral !== true;

/** The registry itself, where the daemon may have been told another address (a throttle's). */
const registryOf = (paths: RigPaths, state: DaemonState): string =>
  runningRegistry(state.ownRegistry ? ownRegistryFolder(paths) : sharedRegistryFolder())?.host ??
  state.registry;

/** Starts what is not running; the caller holds the lock. */
const start = async (
  paths: RigPaths,
  options: UpOptions,
  tools: Tools,
  log: Log,
): Promise<[DaemonState, boolean]> => {
  const begin = Date.now();
  const own =
    options.registry === "own" ||
    (options.registry === undefined && daemonState(paths)?.ownRegistry === true);
  const registry = await ensureRegistry(
    own ? ownRegistryFolder(paths) : sharedRegistryFolder(),
    tools.registry,
    log,
  );
  const healthy = await healthyDaemon(paths);
  // A registry that came back on another port is one that the running daemon was not told about.
  if (healthy !== undefined && healthy.registry === (options.registryHost ?? registry.host)) {
    const state = { ...healthy, persistent: healthy.persistent || isPersistent(options) };
    writeDaemonState(paths, state);
    linkTools(paths, tools);
    return [state, false];
  }
  if (healthy !== undefined) await stopDaemon(paths);
  const runc = await ensureRunc(log);
  const mode = options.mirrors ?? "auto";
  const mirrored = mode === "always" ? standInHosts : mode === "never" ? [] : await unreachableHosts(log);
  const state = await startDaemon(paths, {
    buildkitd: tools.buildkitd,
    buildctl: tools.buildctl,
    runc,
    registry: options.registryHost ?? registry.host,
    mirrored,
    ownRegistry: own,
    persistent: isPersistent(options),
  });
  linkTools(paths, tools);
  log(`rig ${paths.name}: buildkitd runs (${secondsSince(begin)}), registry ${state.registry}`);
  return [state, true];
};

/**
 * Starts a rig, or finds it running; safe to call from several processes and checkouts at once.
 *
 * @throws RigError that says what is missing: Go, root, runc, a package
 */
export const up = async (options: UpOptions = {}): Promise<RigInstance> => {
  const log = options.log ?? logToStderr;
  const paths = rigPaths(options.name ?? "default");
  requireRoot();
  const tools = await ensureTools(defaultTools, log);
  let release = async (): Promise<void> => undefined;
  if (options.ephemeral === true) {
    takeLease(paths);
    release = startReaper(paths);
  }
  try {
    const [state, started] = await withLock("daemons", "starting or stopping a rig", log, async () =>
      start(paths, options, tools, log),
    );
    if (state.mirrored.length > 0 && options.standIns !== false) {
      await ensureStandIns({
        registry: registryOf(paths, state),
        mirrored: state.mirrored,
        crane: tools.crane,
        log,
      });
    }
    return describe(paths, state, tools, started, release);
  } catch (error) {
    await release();
    throw error;
  }
};

/** A running rig without starting anything of it; undefined when it does not run. */
export const attach = async (name = "default", log: Log = logToStderr): Promise<RigInstance | undefined> => {
  const paths = rigPaths(name);
  const state = await healthyDaemon(paths);
  if (state === undefined) return undefined;
  return describe(paths, state, await ensureTools(defaultTools, log), false, async () => undefined);
};

/** Whether another rig's running daemon uses the shared registry. */
const sharedRegistryInUse = (except: string): boolean => {
  const rigs = join(cacheFolder(), "rig");
  if (!existsSync(rigs)) return false;
  return readdirSync(rigs)
    .filter((name) => !name.startsWith(".") && name !== except)
    .some((name) => {
      const state = daemonState(rigPaths(name));
      return state !== undefined && !state.ownRegistry && isAlive(state.process);
    });
};

const stop = async (paths: RigPaths): Promise<void> => {
  const own = daemonState(paths)?.ownRegistry ?? existsSync(ownRegistryFolder(paths));
  await stopDaemon(paths);
  if (own) await stopRegistry(ownRegistryFolder(paths));
  if (!sharedRegistryInUse(paths.name)) await stopRegistry(sharedRegistryFolder());
};

/**
 * Stops a rig: no process, mount or socket of it stays, its build cache does. The shared registry stops with
 * the last rig that uses it.
 */
export const down = async (name = "default", log: Log = logToStderr): Promise<void> => {
  const paths = rigPaths(name);
  await withLock("daemons", "starting or stopping a rig", log, async () => stop(paths));
};

/** Stops a rig and removes all it has stored, its build cache and its own registry's content. */
export const reset = async (name = "default", log: Log = logToStderr): Promise<void> => {
  const paths = rigPaths(name);
  await withLock("daemons", "starting or stopping a rig", log, async () => {
    await stop(paths);
    removeState(paths);
  });
};

/** Stops a rig that was not started to stay and that nobody uses any more. */
export const releaseUnused = async (name: string, log: Log = logToStderr): Promise<void> => {
  const paths = rigPaths(name);
  await withLock("daemons", "starting or stopping a rig", log, async () => {
    if (liveLeases(paths) > 0 || daemonState(paths)?.persistent === true) return;
    await stop(paths);
  });
};

export type RigStatus = Readonly<{
  name: string;
  running: boolean;
  pid?: number;
  buildkitHost?: string;
  registry?: string;
  mirrored?: readonly string[];
  stateDir: string;
}>;

/** What a rig is doing. */
export const status = async (name = "default"): Promise<RigStatus> => {
  const paths = rigPaths(name);
  const state = await healthyDaemon(paths);
  if (state === undefined) return { name, running: false, stateDir: paths.stateDir };
  return {
    name,
    running: true,
    pid: state.process.pid,
    buildkitHost: `unix://${paths.socket}`,
    registry: state.registry,
    mirrored: state.mirrored,
    stateDir: paths.stateDir,
  };
};

/** The names of all rigs of this cache folder, running or not. */
export const rigNames = (): readonly string[] => {
  const rigs = join(cacheFolder(), "rig");
  return existsSync(rigs) ? readdirSync(rigs).filter((name) => !name.startsWith(".")) : [];
};
