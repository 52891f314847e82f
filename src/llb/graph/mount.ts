// How a mount is made of its options.
import type { Draft } from "./draft.ts";
import { mountContentCacheDefault } from "./exec.ts";
import type { Mount, Output } from "./vertex.ts";

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
