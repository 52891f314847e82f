/**
 * What a builder may lack and a graph can do without. The image is the same either way; the build is slower.
 *
 * Docker Engine with its classic image store has no `mergeop` (moby/moby:daemon/internal/builder-next/controller.go,
 * newGraphDriverController); Docker Engine 23 to 25 have no `exec.mount.cache.content`, and 20.10 copies nothing by
 * pattern.
 */
export interface Abilities {
  /** Laying trees on each other without a copy. */
  readonly merge: boolean;
  /** Telling what one tree has beside another. */
  readonly diff: boolean;
  /** Copying a part of a tree, chosen by patterns. */
  readonly copyByPattern: boolean;
  /** Saying whether BuildKit hashes the files of a mount for the key of a step. */
  readonly contentCache: boolean;
  /** Copying a directory to where a file or a link is. */
  readonly replaceOnCopy: boolean;
}

/** @param caps ids of the capabilities that the builder has */
export function abilitiesOf(caps: ReadonlySet<string>): Abilities {
  return {
    merge: caps.has("mergeop"),
    diff: caps.has("diffop"),
    copyByPattern: caps.has("file.copy.includeexcludepatterns"),
    contentCache: caps.has("exec.mount.cache.content"),
    replaceOnCopy: caps.has("file.copy.alwaysreplaceexistingdestpaths"),
  };
}
