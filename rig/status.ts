import { healthyDaemon } from "./daemon.ts";
import { rigPaths } from "./paths.ts";

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
