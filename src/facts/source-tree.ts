/**
 * How a source tree is reached: lists of directories and ranges of files, nothing else. Whoever asks has many questions
 * at a time and hands them over in one call, since a call may be a round trip to a client. {@link openTree} gathers them.
 *
 * Paths are slash-separated and relative to the context root. The root is `"."`. They never start with `/`,
 * never hold `..` and never pass through a symlink: the facts room resolves links itself, with `Entry.linkTarget`,
 * so an implementation must not follow them.
 *
 * A tree does not change during its lifetime. A file is only ever read after its directory was listed, in either way.
 */
export interface SourceTree {
  /** Entries of directories, without recursion, in any order; `undefined` for a directory that is not there. */
  list(dirs: readonly string[]): Promise<readonly (readonly Entry[] | undefined)[]>;
  /**
   * As `list`, for directories below the root that may hold a package, without their `_test.go` files and without those
   * above them having to be listed: for trees where what is listed travels. `undefined`: no such directory, or a symlink
   * on the way. It is called in the same turn as `list`.
   */
  listPackages?(dirs: readonly string[]): Promise<readonly (PackageListing | undefined)[]>;
  /**
   * Bytes of regular files, a promise for each, so that the first are looked through while others are on their way.
   * Fewer than `length` at a file's end; rejects for a file that cannot be read.
   */
  read(ranges: readonly FileRange[]): readonly Promise<Uint8Array>[];
  /** The ignore rule that hides a path from `list` (a line of .dockerignore), for error texts. */
  ignoredBy?(path: string): IgnoreRule | undefined;
}

export interface PackageListing {
  readonly entries: readonly Entry[];
  /** The go.mod of every directory between the root and this one that has one; modules begin there. */
  readonly goMods: ReadonlyMap<string, Entry>;
}

export interface Entry {
  /** Names are bytes to a file system: U+FFFD stands for what is not UTF-8, and such a file cannot be read. */
  readonly name: string;
  readonly kind: "file" | "dir" | "symlink" | "other";
  /** Bytes, for files. */
  readonly size: number;
  /** Whether its owner may run it, for files. */
  readonly executable?: boolean | undefined;
  /** For symlinks: the target as it stands in the link. */
  readonly linkTarget?: string | undefined;
}

export interface FileRange {
  readonly path: string;
  /** Bytes, both. */
  readonly offset: number;
  readonly length: number;
}

export interface IgnoreRule {
  /** Usually `.dockerignore`. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly pattern: string;
  /** A file that takes the place of this one where the user writes it. */
  readonly instead?: string | undefined;
}
