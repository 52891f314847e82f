// What an exec is given besides its arguments and file trees (moby/buildkit:client/llb/exec.go).
import { wireNumbers } from "../../proto/index.ts";

const { sharing, contentCache } = wireNumbers;

export type CacheMountSharingMode = (typeof sharing)[keyof typeof sharing];
export const cacheMountShared = sharing.shared;
export const cacheMountPrivate = sharing.private;
export const cacheMountLocked = sharing.locked;

export type MountContentCache = (typeof contentCache)[keyof typeof contentCache];
export const mountContentCacheDefault = contentCache.default;
export const mountContentCacheOn = contentCache.on;
export const mountContentCacheOff = contentCache.off;

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
