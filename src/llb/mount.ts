// Mounts of State.run and their options (moby/buildkit:client/llb/exec.go).
import type { Draft } from "./draft.ts";
import type { RunOption } from "./exec.ts";
import type { State } from "./state.ts";
import type { Output } from "./vertex.ts";

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
