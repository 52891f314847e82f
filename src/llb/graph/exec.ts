// What an exec is given besides its arguments and file trees (moby/buildkit:client/llb/exec.go).

export type CacheMountSharingMode = 0 | 1 | 2;
export const cacheMountShared = 0;
export const cacheMountPrivate = 1;
export const cacheMountLocked = 2;

export type MountContentCache = 0 | 1 | 2;
export const mountContentCacheDefault = 0;
export const mountContentCacheOn = 1;
export const mountContentCacheOff = 2;

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

export interface SSHInfo {
  readonly sshID: string;
  /** Empty for `/run/buildkit/ssh_agent.<number>`. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly optional: boolean;
}

export interface CDIDeviceInfo {
  readonly deviceName: string;
  readonly optional: boolean;
}

/** Proxy variables of the process that do not change its cache key. */
export interface ProxyEnv {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly ftpProxy?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly allProxy?: string | undefined;
}
