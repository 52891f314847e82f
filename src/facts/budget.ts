import type { Bounds } from "./bounds.ts";

/** What was read of a tree and done with it so far, held to its bounds. */
export interface Budget {
  readonly bounds: Bounds;
  readonly used: Readonly<Record<Spending, number>>;
  /** A bound was met: what is found from here on is not to be trusted, so every search may end. */
  readonly isCut: boolean;
  /** Takes note of a use before it is made; false, and the tree is cut, where all uses are more than their bound. */
  take(what: Spending, count: number): boolean;
  cut(): void;
}

/** Each has a bound of its name. */
export type Spending = "levels" | "dirs" | "names" | "files" | "bytes" | "items" | "steps";

/** A budget of which nothing is used yet. */
export function budgetOf(bounds: Bounds): Budget {
  const used = { levels: 0, dirs: 0, names: 0, files: 0, bytes: 0, items: 0, steps: 0 };
  let isCut = false;
  return {
    bounds,
    used,
    get isCut() {
      return isCut;
    },
    take: (what, count) => {
      used[what] += count;
      const isEnough = used[what] <= bounds[what];
      isCut ||= !isEnough;
      return isEnough;
    },
    cut: () => {
      isCut = true;
    },
  };
}
