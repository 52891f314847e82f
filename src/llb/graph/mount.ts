// How a mount is made of its options, and what it leaves.
import type { Draft } from "./draft.ts";
import { mountContentCacheDefault } from "./exec.ts";
import type { ExecVertex, Mount, Output } from "./vertex.ts";

export type MountOption = (mount: Draft<Mount>) => void;

/** A mount of `source`, or of an empty directory, at `target`, as its options set it. */
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

/** What a process left in one of its mounts, as an output of the exec; of a read-only mount its source. */
export function mountOutput(vertex: ExecVertex, mount: Mount): Output | undefined {
  if (mount.readonly) return mount.source;
  const at = JSON.stringify(mount.target);
  const error =
    mount.tmpfs !== undefined
      ? `the tmpfs mount at ${at} cannot be used as a state`
      : mount.noOutput
        ? `the mount at ${at} has forceNoOutput and cannot be used as a state`
        : mount.cache !== undefined
          ? `the cache mount at ${at} cannot be used as a state`
          : undefined;
  if (error !== undefined) return { vertex, platform: undefined, index: { error } };
  return { vertex, platform: vertex.constraints.platform, index: { mount } };
}
