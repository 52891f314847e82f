// Options of State.run: arguments, mounts, secrets, ssh, devices, proxies
// (moby/buildkit:client/llb/exec.go).
import type { HasConstraints } from "./constraints.ts";
import { splitShell } from "./shlex.ts";
import type { State, StateOption } from "./state.ts";
import { addMeta, changeMeta } from "./state-options.ts";
import type { UlimitName } from "./meta.ts";
import type { Output } from "./vertex.ts";

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

// ------------------------------------------------------------------ mounts

export type CacheMountSharingMode = 0 | 1 | 2;
export const cacheMountShared = 0;
export const cacheMountPrivate = 1;
export const cacheMountLocked = 2;

export type MountContentCache = 0 | 1 | 2;
export const mountContentCacheDefault = 0;
export const mountContentCacheOn = 1;
export const mountContentCacheOff = 2;

/** A mount; identity matters, since outputs refer to it. */
export interface Mount {
  readonly target: string;
  readonly source: Output | undefined;
  readonly readonly: boolean;
  readonly selector: string;
  readonly noOutput: boolean;
  readonly cache: { readonly id: string; readonly sharing: CacheMountSharingMode } | undefined;
  readonly tmpfs: { readonly size: number | bigint } | undefined;
  readonly contentCache: MountContentCache;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

export type MountOption = (mount: Draft<Mount>) => void;

export function newMount(target: string, source: Output | undefined, options: readonly MountOption[]): Mount {
  const mount: Draft<Mount> = {
    target,
    source,
    readonly: false,
    selector: "",
    noOutput: false,
    cache: undefined,
    tmpfs: undefined,
    contentCache: mountContentCacheDefault,
  };
  for (const option of options) option(mount);
  return mount;
}

/** Whether the op yields what is in the mount afterwards. */
export const hasOutput = (mount: Mount): boolean =>
  !mount.noOutput && !mount.readonly && mount.cache === undefined && mount.tmpfs === undefined;

/** Mounts a state at `dest`. Without options it is writable and becomes an output of the op. */
export const addMount =
  (dest: string, state: State, ...options: readonly MountOption[]): RunOption =>
  (info) => {
    info.mounts = [...info.mounts, newMount(dest, state.output, options)];
  };

/** The process cannot write to the mount; it is no output. */
export const readonly: MountOption = (mount) => {
  mount.readonly = true;
};

/** Mounts only this path of the source. */
export const sourcePath =
  (path: string): MountOption =>
  (mount) => {
    mount.selector = path;
  };

/** What the process writes is thrown away. */
export const forceNoOutput: MountOption = (mount) => {
  mount.noOutput = true;
};

/** A folder of the daemon that outlives the build; the id is global to the daemon. */
export const asPersistentCacheDir =
  (id: string, sharing: CacheMountSharingMode): MountOption =>
  (mount) => {
    mount.cache = { id, sharing };
  };

/** Whether the mount's content, not its origin, decides about cache hits. */
export const contentCache =
  (mode: MountContentCache): MountOption =>
  (mount) => {
    mount.contentCache = mode;
  };

export type TmpfsOption = (tmpfs: { tmpfsSize: number | bigint }) => void;

/** A mount in memory; its state must be scratch. */
export const tmpfs =
  (...options: readonly TmpfsOption[]): MountOption =>
  (mount) => {
    const info = { tmpfsSize: 0 as number | bigint };
    for (const option of options) option(info);
    mount.tmpfs = { size: info.tmpfsSize };
  };

/** Bytes. */
export const tmpfsSize =
  (bytes: number | bigint): TmpfsOption =>
  (info) => {
    info.tmpfsSize = bytes;
  };

// ------------------------------------------------------------------ secrets

export interface SecretInfo {
  readonly secretID: string;
  /** The file in the container. */
  readonly target: string | undefined;
  /** The environment variable in the container. */
  readonly env: string | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly optional: boolean;
}

export type SecretOption = (secret: Draft<SecretInfo>) => void;

function secret(id: string, target: string | undefined, options: readonly SecretOption[]): RunOption {
  const info: Draft<SecretInfo> = {
    secretID: id,
    target,
    env: undefined,
    mode: 0o400,
    uid: 0,
    gid: 0,
    optional: false,
  };
  for (const option of options) option(info);
  return (exec) => {
    exec.secrets = [...exec.secrets, info];
  };
}

/** Gives the process a secret as the file `dest`; its id is `dest` unless secretID says otherwise. */
export const addSecret = (dest: string, ...options: readonly SecretOption[]): RunOption =>
  secret(dest, dest, options);

/** Gives the process the secret `id` as the file `dest`, or only as what the options say. */
export const addSecretWithDest = (
  id: string,
  dest: string | undefined,
  ...options: readonly SecretOption[]
): RunOption => secret(id, dest, options);

export const secretID =
  (id: string): SecretOption =>
  (info) => {
    info.secretID = id;
  };

/** Without the secret the process runs all the same. */
export const secretOptional: SecretOption = (info) => {
  info.optional = true;
};

/** Owner and permissions of the secret's file; default root and 0400. */
export const secretFileOpt =
  (uid: number, gid: number, mode: number): SecretOption =>
  (info) => {
    info.uid = uid;
    info.gid = gid;
    info.mode = mode;
  };

/** Turns the target into the name of an environment variable, or takes the variable away. */
export const secretAsEnv =
  (asEnv: boolean): SecretOption =>
  (info) => {
    if (!asEnv) info.env = undefined;
    else if (info.target !== undefined) {
      info.env = info.target;
      info.target = undefined;
    }
  };

/** Gives the secret in this environment variable as well. */
export const secretAsEnvName =
  (name: string): SecretOption =>
  (info) => {
    info.env = name;
  };

// ------------------------------------------------------------------ ssh

export interface SSHInfo {
  readonly sshID: string;
  /** Empty for `/run/buildkit/ssh_agent.<number>`. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly optional: boolean;
}

export type SSHOption = (ssh: Draft<SSHInfo>) => void;

/** Gives the process an ssh agent socket and sets SSH_AUTH_SOCK. */
export function addSSHSocket(...options: readonly SSHOption[]): RunOption {
  const info: Draft<SSHInfo> = { sshID: "", target: "", mode: 0o600, uid: 0, gid: 0, optional: false };
  for (const option of options) option(info);
  return (exec) => {
    exec.ssh = [...exec.ssh, info];
  };
}

export const sshID =
  (id: string): SSHOption =>
  (info) => {
    info.sshID = id;
  };

export const sshSocketTarget =
  (target: string): SSHOption =>
  (info) => {
    info.target = target;
  };

export const sshSocketOpt =
  (target: string, uid: number, gid: number, mode: number): SSHOption =>
  (info) => {
    info.target = target;
    info.uid = uid;
    info.gid = gid;
    info.mode = mode;
  };

export const sshOptional: SSHOption = (info) => {
  info.optional = true;
};

// ------------------------------------------------------------------ devices

export interface CDIDeviceInfo {
  readonly deviceName: string;
  readonly optional: boolean;
}

export type CDIDeviceOption = (device: Draft<CDIDeviceInfo>) => void;

/** Gives the process a device by its CDI name. */
export function addCDIDevice(...options: readonly CDIDeviceOption[]): RunOption {
  const info: Draft<CDIDeviceInfo> = { deviceName: "", optional: false };
  for (const option of options) option(info);
  return (exec) => {
    exec.cdiDevices = [...exec.cdiDevices, info];
  };
}

export const cdiDeviceName =
  (name: string): CDIDeviceOption =>
  (info) => {
    info.deviceName = name;
  };

export const cdiDeviceOptional: CDIDeviceOption = (info) => {
  info.optional = true;
};
