import { healthyDaemon } from "./daemon.ts";
import { rigPaths } from "./paths.ts";

export interface RigStatus {
  readonly name: string;
  readonly running: boolean;
  readonly pid?: number;
  readonly buildkitHost?: string;
  readonly registry?: string;
  readonly mirrored?: readonly string[];
  readonly stateDir: string;
}

/** What a rig is doing. */
export async function status(name = "default"): Promise<RigStatus> {
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
}
