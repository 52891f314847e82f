// A small seeded generator of random numbers (xorshift-multiply on 32 bits), so that a failing
// graph can be made again from its seed.

export interface Random {
  /** A whole number from 0 to `below` - 1. */
  readonly int: (below: number) => number;
  /** True with the probability, by default 1/2. */
  readonly chance: (probability?: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  /** Between 0 and `most` values. */
  readonly list: <T>(most: number, make: () => T) => T[];
}

export function newRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    chance: (probability = 0.5) => next() < probability,
    pick: (list) => {
      const item = list[int(list.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    list: (most, make) => Array.from({ length: int(most + 1) }, make),
  };
}
