import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  daemonState,
  healthyDaemon,
  startDaemon,
  stopDaemon,
  writeDaemonState,
  type DaemonState,
} from "./daemon.ts";
import { takeLease } from "./leases.ts";
import { unreachableHosts, standInHosts } from "./mirrors.ts";
import { requireRoot } from "./needs.ts";
import { rigPaths, type RigPaths } from "./paths.ts";
import { startReaper } from "./reaper-start.ts";
import { ensureRegistry, ownRegistryFolder, runningRegistry, sharedRegistryFolder } from "./registry.ts";
import { ensureRunc } from "./runc.ts";
import { ensureStandIns } from "./standins/index.ts";
import { whileNoneStarts } from "./stop.ts";
import { logToStderr, secondsSince, type Log } from "./text.ts";
import { ensureTools, type Tools } from "./tools.ts";
import type { RigInstance } from "./types.ts";
import { defaultTools } from "./versions.ts";

export interface UpOptions {
  /** Which rig; each name has its own daemon and build cache. Default: `default`. */
  readonly name?: string;
  readonly log?: Log;
  /**
   * The daemon lives as long as somebody uses it: it ends with `release()`, and in any case when this process
   * ends, however it ends. A daemon that was started to stay is used and left alone.
   */
  readonly ephemeral?: boolean;
  /** `shared` (default): the registry of all rigs; `own`: an empty one, which goes with the rig (`reset`). */
  readonly registry?: "shared" | "own";
  /** A registry's other address to tell the daemon (`localhost:PORT` of a throttle in front of it). */
  readonly registryHost?: string;
  /** When the loopback registry answers for docker.io, gcr.io and ghcr.io: when they cannot be reached (default), or always or never. */
  readonly mirrors?: "auto" | "always" | "never";
  /** Whether to put the stand-ins into the registry where it answers for others. Default: true. */
  readonly standIns?: boolean;
  /** Programs to start it with. Default: the pinned ones, compiled. */
  readonly tools?: Tools;
  /** The program that runs the steps. Default: the one of this system, or of Debian's package. */
  readonly runc?: string;
}

function describe(
  paths: RigPaths,
  state: DaemonState,
  tools: Tools,
  started: boolean,
  release: () => Promise<void>,
): RigInstance {
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
}

/** One folder with all tools under their own names, for PATH. */
function linkTools(paths: RigPaths, tools: Tools): void {
  const bin = join(paths.stateDir, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, path] of Object.entries(tools)) {
    rmSync(join(bin, name), { force: true });
    symlinkSync(path, join(bin, name));
  }
}

/** The tools that {@link linkTools} linked last. */
function linkedTools(paths: RigPaths): Tools | undefined {
  const links = defaultTools.map((name) => [name, join(paths.stateDir, "bin", name)] as const);
  if (!links.every(([, link]) => existsSync(link))) return undefined;
  return Object.fromEntries(links.map(([name, link]) => [name, realpathSync(link)])) as Tools;
}

/** The registry itself, where the daemon may have been told another address (a throttle's). */
const registryOf = (paths: RigPaths, state: DaemonState): string =>
  runningRegistry(state.ownRegistry ? ownRegistryFolder(paths.stateDir) : sharedRegistryFolder())?.host ??
  state.registry;

/** Starts what is not running; the caller holds the lock. */
async function start(
  paths: RigPaths,
  options: UpOptions,
  tools: Tools,
  log: Log,
): Promise<[DaemonState, boolean]> {
  const begin = Date.now();
  const isOwnRegistry =
    options.registry === "own" ||
    (options.registry === undefined && daemonState(paths)?.ownRegistry === true);
  const registry = await ensureRegistry(
    isOwnRegistry ? ownRegistryFolder(paths.stateDir) : sharedRegistryFolder(),
    tools.registry,
    log,
  );
  const healthy = await healthyDaemon(paths);
  // A registry that came back on another port is one that the running daemon was not told about.
  if (healthy !== undefined && healthy.registry === (options.registryHost ?? registry.host)) {
    linkTools(paths, tools);
    return [healthy, false];
  }
  if (healthy !== undefined) await stopDaemon(paths);
  const runc = options.runc ?? (await ensureRunc(log));
  const mode = options.mirrors ?? "auto";
  const mirrored = mode === "always" ? standInHosts : mode === "never" ? [] : await unreachableHosts(log);
  const state = await startDaemon(paths, {
    buildkitd: tools.buildkitd,
    buildctl: tools.buildctl,
    runc,
    registry: options.registryHost ?? registry.host,
    mirrored,
    ownRegistry: isOwnRegistry,
    persistent: false,
  });
  linkTools(paths, tools);
  log(`rig ${paths.name}: buildkitd runs (${secondsSince(begin)}), registry ${state.registry}`);
  return [state, true];
}

/** Marks a rig as started to stay. */
const keep = async (paths: RigPaths, log: Log): Promise<void> =>
  whileNoneStarts(log, async () => {
    const state = daemonState(paths);
    if (state !== undefined) writeDaemonState(paths, { ...state, persistent: true });
  });

/**
 * Starts a rig, or finds it running; safe to call from several processes and checkouts at once. Interrupted in
 * the middle, it leaves nothing running that it started.
 *
 * @throws RigError that says what is missing: Go, root, runc, a package
 */
export async function up(options: UpOptions = {}): Promise<RigInstance> {
  const log = options.log ?? logToStderr;
  const paths = rigPaths(options.name ?? "default");
  requireRoot();
  const tools = options.tools ?? (await ensureTools(defaultTools, log));
  const release = startReaper(paths, takeLease(paths));
  try {
    const [state, started] = await whileNoneStarts(log, async () => start(paths, options, tools, log));
    if (state.mirrored.length > 0 && options.standIns !== false) {
      await ensureStandIns({
        registry: registryOf(paths, state),
        mirrored: state.mirrored,
        crane: tools.crane,
        log,
      });
    }
    if (options.ephemeral === true) return describe(paths, state, tools, started, release);
    await keep(paths, log);
    await release();
    return describe(paths, state, tools, started, async () => undefined);
  } catch (error) {
    await release();
    throw error;
  }
}

/** A running rig without starting anything of it; undefined when it does not run. */
export async function attach(name = "default", log: Log = logToStderr): Promise<RigInstance | undefined> {
  const paths = rigPaths(name);
  const state = await healthyDaemon(paths);
  if (state === undefined) return undefined;
  const tools = linkedTools(paths) ?? (await ensureTools(defaultTools, log));
  return describe(paths, state, tools, false, async () => undefined);
}
