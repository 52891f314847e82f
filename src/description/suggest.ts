/** Longer words are cut before they are compared: the cost is bounded whatever the input is. */
const LONGEST = 64;

/**
 * "Did you mean": the candidate nearest to the word, or undefined when none is near enough to be
 * meant. Near is at most a third of the word's letters changed, added, left out or swapped;
 * case does not count, and the start of a candidate is near. A word that goes on where a candidate ends is another one
 * (`buildmode` is no slip of `build`).
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.slice(0, LONGEST).toLowerCase();
  if (wanted.length === 0) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const other = candidate.slice(0, LONGEST).toLowerCase();
    const distance = isPrefix(wanted, other) ? 1 : editDistance(wanted, other);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function isPrefix(a: string, b: string): boolean {
  return a.length >= 3 && b.startsWith(a);
}

/** Letters changed, added, left out or swapped with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
