// Options of mounts (moby/buildkit:client/llb/exec.go).
import type { CacheMountSharingMode, MountContentCache } from "../graph/exec.ts";
import { newMount, type MountOption } from "../graph/mount.ts";
import type { RunOption, State } from "./state.ts";

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
