// Options of State.run: arguments, exit codes, hosts, limits, proxies
// (moby/buildkit:client/llb/exec.go).
import type { ProxyEnv } from "../graph/exec.ts";
import type { UlimitName } from "../graph/meta.ts";
import { splitShell } from "../names/shlex.ts";
import type { RunOption, StateOption } from "./state.ts";
import { changeMeta, stateOption } from "./state-options.ts";

/** The command, one argument an element; nothing is parsed by a shell. */
export const args = (list: readonly string[]): StateOption => stateOption((state) => state.args(list));

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
export const addExtraHost = (host: string, ip: string): StateOption =>
  stateOption((state) => state.addExtraHost(host, ip));

/** Limits a resource of the process, as ulimit does. */
export const addUlimit = (name: UlimitName, soft: number | bigint, hard: number | bigint): StateOption =>
  stateOption((state) => state.addUlimit(name, soft, hard));

/** The parent cgroup of the container. */
export const withCgroupParent = (parent: string): StateOption =>
  stateOption((state) => state.withCgroupParent(parent));

/** Makes the root read-only; the root of the ExecState is then the unchanged input. */
export const readonlyRootFS: RunOption = (info) => {
  info.readonlyRootFS = true;
};

/** Proxy variables of the process; they are in no cache key. */
export const withProxy =
  (proxy: ProxyEnv): RunOption =>
  (info) => {
    info.proxyEnv = proxy;
  };
