import type { Stat } from "../../gateway/index.ts";

/**
 * Whether the times of the client's files tell their contents apart. BuildKit leaves a file unsent when it has one of the
 * same name, size, mode and time (tonistiigi/fsutil:diff_containerd.go, sameFile), and that one may be another folder's:
 * all folders of one key share what was sent (moby/buildkit:source/local/source.go, snapshot). buildctl sends no key,
 * docker buildx the folder's last name and the machine's id. A time that a file system gave has nanoseconds, which no two
 * edits share. A time of whole seconds was set by a program, such as an unpacked archive's: another content may have it, too.
 */
export interface FileTimes {
  /** Takes note of a file or directory of a listing; its path starts at the context's root. */
  readonly note: (stat: Stat) => void;
  /** Whether a file that was noted has a time of whole seconds. */
  readonly areSet: () => boolean;
  /** Whether all of these paths are files that were noted, and no time of whole seconds was. */
  readonly tell: (paths: readonly string[]) => boolean;
}

const SECOND = 1_000_000_000n;

/** Times of which none was noted yet. */
export function fileTimes(): FileTimes {
  let isAnySet = false;
  const noted = new Set<string>();
  return {
    note: ({ path, type, modTime }) => {
      if (type === "directory") return;
      noted.add(path);
      // A link's target is compared as well.
      if (type === "file" && modTime % SECOND === 0n) isAnySet = true;
    },
    areSet: () => isAnySet,
    tell: (paths) => !isAnySet && paths.every((path) => noted.has(path)),
  };
}
