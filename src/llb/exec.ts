// Options of State.run: arguments, exit codes, hosts, limits, proxies
// (moby/buildkit:client/llb/exec.go).
import type { HasConstraints } from "./constraints.ts";
import { splitShell } from "./shlex.ts";
import type { State, StateOption } from "./state.ts";
import { addMeta, changeMeta } from "./state-options.ts";
import type { UlimitName } from "./meta.ts";
import type { Mount } from "./mount.ts";
import type { CDIDeviceInfo, SecretInfo, SSHInfo } from "./secret.ts";

/** What run options fill in. */
export interface ExecInfo extends HasConstraints {
  state: State;
  mounts: readonly Mount[];
  readonlyRootFS: boolean;
  proxyEnv: ProxyEnv | undefined;
  secrets: readonly SecretInfo[];
  ssh: readonly SSHInfo[];
  cdiDevices: readonly CDIDeviceInfo[];
}

/** An option of State.run. Constraint options and state options are run options too. */
export type RunOption = (info: ExecInfo) => void;

/** The command, one argument an element; nothing is parsed by a shell. */
export const args = (list: readonly string[]): StateOption => changeMeta({ args: [...list] });

/**
 * The command as one line, split by shell-like rules (no variables, no globs).
 *
 * @throws LlbError on an unfinished quote or escape.
 */
export const shlex = (line: string): StateOption => args(splitShell(line));

/** Exit codes that count as success; default 0 only. */
export const validExitCodes = (...codes: readonly number[]): StateOption =>
  changeMeta({ validExitCodes: codes });

/** Adds a line to /etc/hosts; the address is written in Go's canonical form. */
export const addExtraHost = (host: string, ip: string): StateOption => addMeta("extraHosts", { host, ip });

/** Limits a resource of the process, as ulimit does. */
export const addUlimit = (name: UlimitName, soft: number | bigint, hard: number | bigint): StateOption =>
  addMeta("ulimits", { name, soft, hard });

/** The parent cgroup of the container. */
export const withCgroupParent = (parent: string): StateOption => changeMeta({ cgroupParent: parent });

/** Makes the root read-only; the root of the ExecState is then the unchanged input. */
export const readonlyRootFS = (): RunOption => (info) => {
  info.readonlyRootFS = true;
};

/** Proxy variables of the process that do not change its cache key. */
export interface ProxyEnv {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly ftpProxy?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly allProxy?: string | undefined;
}

export const withProxy =
  (proxy: ProxyEnv): RunOption =>
  (info) => {
    info.proxyEnv = proxy;
  };
