import { mkdirSync, renameSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { buildkitConfig } from "./config.ts";
import { isRecord, readJson, readText, writeJson, writeText } from "./files.ts";
import { isProcessId } from "./lock.ts";
import { processesInCgroup, removeCgroup, unmountBelow } from "./mounts.ts";
import type { RigPaths } from "./paths.ts";
import {
  isAlive,
  runCommand,
  signal,
  startDetached,
  stopProcess,
  waitFor,
  type ProcessId,
} from "./process.ts";
import { rigError } from "./text.ts";

/** What is remembered of a running daemon, in its state.json. */
export interface DaemonState {
  readonly process: ProcessId;
  readonly registry: string;
  readonly mirrored: readonly string[];
  /** The folder of the registry when it is this rig's own. */
  readonly ownRegistry: boolean;
  /** Started to stay (`rig up`), or only for as long as somebody holds a lease. */
  readonly persistent: boolean;
}

const isDaemonState = (value: unknown): value is DaemonState =>
  isRecord(value) &&
  isProcessId(value["process"]) &&
  typeof value["registry"] === "string" &&
  Array.isArray(value["mirrored"]) &&
  value["mirrored"].every((host) => typeof host === "string") &&
  typeof value["ownRegistry"] === "boolean" &&
  typeof value["persistent"] === "boolean";

/** The remembered state of a rig, whether it runs or not. */
export const daemonState = (paths: RigPaths): DaemonState | undefined => readJson(paths.state, isDaemonState);

export const writeDaemonState = (paths: RigPaths, state: DaemonState): void => writeJson(paths.state, state);

const accepts = async (socket: string): Promise<boolean> =>
  await new Promise((resolve) => {
    const connection = connect(socket);
    connection.on("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.on("error", () => resolve(false));
  });

/** The state of a rig whose daemon runs and takes connections; undefined when it does not. */
export async function healthyDaemon(paths: RigPaths): Promise<DaemonState | undefined> {
  const state = daemonState(paths);
  return state !== undefined && isAlive(state.process) && (await accepts(paths.socket)) ? state : undefined;
}

/**
 * Starts buildkitd and waits until it answers.
 *
 * @throws RigError with the end of its log when it does not
 */
export async function startDaemon(
  paths: RigPaths,
  options: Readonly<{ buildkitd: string; buildctl: string; runc: string }> & Omit<DaemonState, "process">,
): Promise<DaemonState> {
  await cleanAfterDaemon(paths);
  for (const folder of [paths.root, paths.temp, paths.leases]) mkdirSync(folder, { recursive: true });
  const { registry, mirrored, ownRegistry, persistent } = options;
  writeText(
    paths.config,
    buildkitConfig({
      root: paths.root,
      socket: paths.socket,
      runc: options.runc,
      cgroup: paths.cgroup,
      registry,
      mirrored,
    }),
  );
  const state = await launchDaemon(paths, {
    command: [options.buildkitd, "--config", paths.config],
    // TMPDIR: buildkitd mounts what it reads below it; so every mount is below the state folder.
    env: { TMPDIR: paths.temp },
    state: { registry, mirrored, ownRegistry, persistent },
  });
  await runCommand(options.buildctl, [
    "--addr",
    `unix://${paths.socket}`,
    "--timeout",
    "20",
    "debug",
    "workers",
  ]);
  return state;
}

/**
 * Starts a daemon as a rig's, and waits until it takes connections.
 *
 * @throws RigError with the end of its log when it does not
 */
export async function launchDaemon(
  paths: RigPaths,
  {
    command: [program, ...args],
    env,
    state: about,
  }: Readonly<{
    command: readonly [string, ...(readonly string[])];
    env: NodeJS.ProcessEnv;
    state: Omit<DaemonState, "process">;
  }>,
): Promise<DaemonState> {
  const id = await startDetached(program, args, {
    logFile: paths.log,
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", ...env },
  });
  const state: DaemonState = { process: id, ...about };
  writeDaemonState(paths, state);
  const answers = async (): Promise<boolean> => !isAlive(id) || (await accepts(paths.socket));
  if ((await waitFor(answers, 60)) && isAlive(id)) return state;
  await stopDaemon(paths);
  throw rigError(
    `${basename(program)} did not start; the end of its log:\n${(readText(paths.log) ?? "").slice(-3000)}`,
  );
}

/** Takes away what a daemon may have left: containers, mounts, cgroups, its socket. */
export async function cleanAfterDaemon(paths: RigPaths): Promise<void> {
  await removeCgroup(paths.cgroup);
  await unmountBelow(paths.stateDir);
  for (const folder of [paths.temp, paths.exec]) await unmountBelow(folder);
  for (const folder of [paths.temp, paths.exec]) rmSync(folder, { recursive: true, force: true });
  rmSync(paths.socket, { force: true });
}

// On SIGTERM buildkitd waits for its clients, and those for their steps: steps that still run are ended first.
async function endDaemon(paths: RigPaths, id: ProcessId): Promise<void> {
  const patience = setTimeout(() => {
    for (const step of processesInCgroup(paths.cgroup)) signal(step, "SIGKILL");
  }, 1000);
  try {
    await stopProcess(id, 6);
  } finally {
    clearTimeout(patience);
  }
}

/** Stops a rig's daemon and leaves no process, mount or socket of it; its build cache stays. */
export async function stopDaemon(paths: RigPaths): Promise<void> {
  const state = daemonState(paths);
  if (state !== undefined) await endDaemon(paths, state.process);
  await cleanAfterDaemon(paths);
  rmSync(paths.state, { force: true });
}

/** Removes all that a stopped rig has stored. */
export function removeState(paths: RigPaths): void {
  // Renamed first, so that an interrupted removal never leaves half a build cache under the name in use.
  const doomed = join(paths.stateDir, "..", `.removed-${paths.name}-${process.pid}`);
  try {
    renameSync(paths.stateDir, doomed);
  } catch {
    return; // it does not exist
  }
  rmSync(doomed, { recursive: true, force: true });
}
