import type { Stat } from "../../gateway/index.ts";

/**
 * Whether the times of the client's files tell their contents apart. BuildKit leaves a file unsent when it has one of the
 * same name, size, mode and time (tonistiigi/fsutil:diff_containerd.go, sameFile), and that one may be another folder's:
 * all folders of one key share what was sent (moby/buildkit:source/local/source.go, snapshot). buildctl sends no key,
 * docker buildx the folder's last name and the machine's id. A time of whole seconds was set by a program, such as an
 * unpacked archive's: another content may have it, too. A time with nanoseconds is a file system's. Two contents share one
 * only if both were written within a tick of one machine's clock (some milliseconds), and no frontend can tell them apart.
 */
export interface FileTimes {
  /** Takes note of a file or directory of a listing; its path starts at the context's root. */
  readonly note: (stat: Stat) => void;
  /** The same of paths as a whole: a file, or a directory with all that is sent of it, which `listing` names. */
  readonly noteWhole: (paths: readonly string[], listing: Iterable<Stat>) => void;
  /** Whether a file that was noted has a time of whole seconds. */
  readonly areSet: () => boolean;
  /** Those of the paths that were noted neither as a file nor as a whole. */
  readonly unknown: (paths: readonly string[]) => readonly string[];
  /** Whether all files of these paths were noted, and none with a time of whole seconds was. */
  readonly tell: (paths: readonly string[]) => boolean;
}

const SECOND = 1_000_000_000n;

/** Times of which none was noted yet. */
export function fileTimes(): FileTimes {
  let isAnySet = false;
  const noted = new Set<string>();
  const unknown = (paths: readonly string[]): readonly string[] => paths.filter((path) => !noted.has(path));
  const noteTime = ({ type, modTime }: Stat): void => {
    // A link's target is compared as well.
    if (type === "file" && modTime % SECOND === 0n) isAnySet = true;
  };
  return {
    note: (stat) => {
      if (stat.type === "directory") return;
      noted.add(stat.path);
      noteTime(stat);
    },
    noteWhole: (paths, listing) => {
      for (const stat of listing) noteTime(stat);
      paths.forEach((path) => noted.add(path));
    },
    areSet: () => isAnySet,
    unknown,
    tell: (paths) => !isAnySet && unknown(paths).length === 0,
  };
}
