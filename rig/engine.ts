import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cleanAfterDaemon, type DaemonState, healthyDaemon, launchDaemon, stopDaemon } from "./daemon.ts";
import { writeJson } from "./files.ts";
import { takeLease } from "./leases.ts";
import { unreachableHosts } from "./mirrors.ts";
import { requireRoot } from "./needs.ts";
import { rigPaths, type RigPaths } from "./paths.ts";
import { startReaper } from "./reaper-start.ts";
import { ensureRegistry, sharedRegistryFolder } from "./registry.ts";
import { whileNoneStarts } from "./stop.ts";
import { secondsSince, type Log } from "./text.ts";

/** What an engine of the demo's own is made of. */
export type EnginePrograms = Readonly<
  Record<"dockerd" | "containerd" | "containerd-shim-runc-v2" | "registry" | "runc", string>
>;

/** A running Docker Engine of the demo's own, with containerd's image store, and the registry beside it. */
export interface EngineInstance {
  /** `unix://…`, as DOCKER_HOST. */
  readonly dockerHost: string;
  /** `localhost:PORT`. */
  readonly registry: string;
  /** `docker.io` when the registry answers for it. */
  readonly mirrored: readonly string[];
  /** Ends this process's use, and the engine with its last user. */
  readonly release: () => Promise<void>;
}

export interface EngineOptions {
  readonly name: string;
  readonly programs: EnginePrograms;
  readonly log: Log;
  /** Where the engine keeps images: containerd's store (default), or the classic one, Docker's default until Engine 29. */
  readonly store?: "containerd" | "classic";
  /** Default: when docker.io cannot be reached, the registry answers for it. */
  readonly mirrors?: "auto" | "always";
}

/**
 * Starts a Docker Engine, or finds it running, as a rig of this name whose daemon is dockerd: it ends with its last
 * user, however that ends, and its build cache stays. It has no bridge and changes nothing of this machine's network:
 * steps that need one are given the host's (`--network=host`).
 *
 * @throws RigError with the end of its log
 */
export async function upEngine(options: EngineOptions): Promise<EngineInstance> {
  const { log } = options;
  const paths = rigPaths(options.name);
  requireRoot();
  const release = startReaper(paths, takeLease(paths));
  try {
    const state = await whileNoneStarts(log, async () => start(paths, options));
    return {
      dockerHost: `unix://${paths.socket}`,
      registry: state.registry,
      mirrored: state.mirrored,
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The caller holds the lock. */
async function start(paths: RigPaths, options: EngineOptions): Promise<DaemonState> {
  const { programs, log, store = "containerd" } = options;
  const begin = Date.now();
  const registry = (await ensureRegistry(sharedRegistryFolder(), programs.registry, log)).host;
  const healthy = await healthyDaemon(paths);
  if (healthy?.registry === registry) return healthy;
  if (healthy !== undefined) await stopDaemon(paths);
  await cleanAfterDaemon(paths);
  // A Docker Engine asks mirrors for docker.io alone.
  const mirrored =
    options.mirrors === "always"
      ? ["docker.io"]
      : (await unreachableHosts(log)).filter((host) => host === "docker.io");
  for (const folder of [paths.root, paths.temp, paths.leases]) mkdirSync(folder, { recursive: true });
  writeJson(paths.config, settings(paths, registry, mirrored, store));
  const state = await launchDaemon(paths, {
    command: [programs.dockerd, "--config-file", paths.config],
    env: { PATH: [linked(paths, programs), process.env["PATH"] ?? ""].join(delimiter) },
    state: { registry, mirrored, ownRegistry: false, persistent: false },
  });
  log(`Docker Engine runs (${secondsSince(begin)}), registry ${registry}`);
  return state;
}

/** One folder with what dockerd looks for in PATH. */
function linked(paths: RigPaths, programs: EnginePrograms): string {
  const bin = join(paths.stateDir, "engine-bin");
  mkdirSync(bin, { recursive: true });
  for (const [program, path] of Object.entries(programs)) {
    rmSync(join(bin, program), { force: true });
    symlinkSync(path, join(bin, program));
  }
  return bin;
}

/** daemon.json (docker/docs:reference/cli/dockerd.md). */
const settings = (
  paths: RigPaths,
  registry: string,
  mirrored: readonly string[],
  store: "containerd" | "classic",
): object => ({
  hosts: [`unix://${paths.socket}`],
  "data-root": paths.root,
  "exec-root": paths.exec,
  pidfile: join(paths.stateDir, "dockerd.pid"),
  bridge: "none",
  iptables: false,
  ip6tables: false,
  "ip-forward": false,
  "ip-masq": false,
  "userland-proxy": false,
  "cgroup-parent": `/${paths.cgroup}`,
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  features: store === "containerd" ? { "containerd-snapshotter": true } : { buildkit: true },
  "registry-mirrors": mirrored.length === 0 ? [] : [`http://${registry}`],
  builder: { gc: { enabled: true, defaultKeepStorage: "40GB" } },
});
