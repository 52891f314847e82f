const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * How much of a tree is read and held, in bytes. A tree may be hostile, and the frontend has to stay small whatever it
 * holds; real trees are far below. `docs/limits.md` names them all.
 */
export const BOUNDS = {
  /** Of one Go, assembly or header file: its head, and its `//go:embed` and `#include` lines. */
  sourceFile: 2 * MIB,
  /** Bytes of the comments above `import "C"` in one file. */
  preamble: 64 * KIB,
  /** Of files that are read at the same time. */
  atOnce: 4 * MIB,
  /** What a read counts for at least: each takes memory of its own, however small the file is. */
  oneRead: 16 * KIB,
  /** Of all files together. */
  bytes: 1024 * MIB,
  /** Not bytes: source files that are read. */
  files: 16_000,
  /** Not bytes: packages that one service imports on one platform, by import path. */
  packages: 20_000,
  /** Not bytes: levels of imports, each a round trip. */
  levels: 128,
  /** Not bytes: imports, patterns of `//go:embed` and lines of `//go:generate` in all of them. */
  items: 200_000,
  /** Not bytes: the same in one of them. */
  itemsOfOne: 2_000,
  /** Not bytes: directories that are listed, and names in them. */
  dirs: 20_000,
  names: 60_000,
  /** One go.mod or go.work. */
  moduleFile: MIB,
  /** One go.sum, go.work.sum or modules.txt. */
  sumFile: 2 * MIB,
  /** All of them that a description's services take part in. */
  moduleFiles: 12 * MIB,
  /** An ignore file. */
  ignoreFile: MIB,
  /** Not bytes: how often a rule of an ignore file is held against a path. */
  rules: 20_000_000,
  /** Nor this: how often a pattern of `//go:embed` is held against a name. */
  steps: 2_000_000,
} as const;

export type Bounds = { readonly [Name in keyof typeof BOUNDS]: number };

/**
 * Lets work begin while what it asks for fits: each piece has a size, and the sizes of those that run sum up to `most`
 * at most. Pieces begin in the order in which they came; one that is larger than `most` runs alone.
 */
export function gate(most: number): <T>(size: number, work: () => Promise<T>) => Promise<T> {
  let free = most;
  let waiting: ({ readonly size: number; readonly begin: () => void } | undefined)[] = [];
  // An index in place of shift(), which moves all that is behind: a level may hold a hundred thousand pieces.
  let first = 0;
  const next = (): void => {
    for (let piece = waiting[first]; piece !== undefined && piece.size <= free; piece = waiting[first]) {
      // What has begun is let go of, with what it gives.
      waiting[first++] = undefined;
      free -= piece.size;
      piece.begin();
    }
    if (first === waiting.length) [waiting, first] = [[], 0];
  };
  const run = async <T>(size: number, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      free += size;
      next();
    }
  };
  return (size, work) => {
    const taken = Math.min(size, most);
    if (waiting.length === 0 && taken <= free) {
      free -= taken;
      return run(taken, work);
    }
    // Nothing of the work exists before it begins: what waits may be as much as a tree holds.
    return new Promise((resolve) => {
      waiting.push({ size: taken, begin: () => resolve(run(taken, work)) });
    });
  };
}

/** Works on all items, on so many at a time; each of the first begins in this tick. */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}

/** As Promise.all of what `map` gives for the items, in their order; of many items no more than `most` at a time. */
export async function mapInParallel<T, R>(
  items: readonly T[],
  most: number,
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  if (items.length <= most) return Promise.all(items.map(map));
  const results: R[] = [];
  await inParallel([...items.entries()], most, async ([index, item]) => {
    results[index] = await map(item);
  });
  return results;
}
