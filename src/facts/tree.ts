/**
 * A source tree as the facts room sees it: lists of directories and ranges of files, nothing else.
 *
 * Paths are slash-separated and relative to the context root. The root is `"."`. They never start with `/`,
 * never hold `..` and never pass through a symlink: the facts room resolves links itself, with `Entry.linkTarget`,
 * so an implementation must not follow them.
 *
 * Round trips: every `list` of one level of the import graph is issued in the same tick, before any of them is
 * awaited; then every `read` of that level in the same tick. A file is only ever read after its directory was listed, in one of the two ways.
 * A tree is taken as unchanging for its lifetime: what was read once is not read again by later scans of that tree.
 */
export interface SourceTree {
  /** Entries of one directory, without recursion, in any order; `undefined` when there is no such directory. */
  list(dir: string): Promise<readonly Entry[] | undefined>;
  /**
   * As `list`, for a directory below the root that may hold a package, without its `_test.go` files and without those
   * above it having to be listed: for trees where what is listed travels. `undefined`: no such directory, or a symlink
   * on the way. Issued in the same tick as `list`.
   */
  listPackage?(dir: string): Promise<PackageListing | undefined>;
  /** Bytes of a regular file. Fewer than `range.length` at its end; rejects when it cannot be read. */
  read(path: string, range?: ReadRange): Promise<Uint8Array>;
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
  /** For symlinks: the target as it stands in the link. */
  readonly linkTarget?: string;
}

export interface ReadRange {
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
  readonly instead?: string;
}
