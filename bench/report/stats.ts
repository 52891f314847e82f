import type { Measurement, Sample } from "../types.ts";

type GoodSample = Extract<Sample, { ok: true }>;

/** The samples of one design in one case of one scenario. */
export interface Group {
  readonly scenario: string;
  readonly variant: string;
  readonly subject: string;
  readonly design: string;
  readonly good: readonly GoodSample[];
  readonly failures: readonly string[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** Sorts samples into groups, in the order of their first appearance. */
export function groupsOf(samples: readonly Sample[]): readonly Group[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = JSON.stringify([sample.scenario, sample.variant, sample.subject, sample.design]);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups.values()].flatMap((members): readonly Group[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { scenario, variant, subject, design } = first;
    const good = members.filter((sample) => sample.ok);
    const failures = members.flatMap((sample) => (sample.ok ? [] : [sample.error]));
    return [{ scenario, variant, subject, design, good, failures }];
  });
}

/** The median of one number of a group's samples; NaN when there is none. */
export const medianOf = (
  group: Group | undefined,
  pick: (sample: Measurement) => number | undefined,
): number => median((group?.good ?? []).flatMap((sample) => pick(sample) ?? []));

/** Median seconds of a group. */
export const secondsOf = (group: Group | undefined): number => medianOf(group, (sample) => sample.seconds);

export const finder =
  (groups: readonly Group[], mainSubject: string) =>
  (scenario: string, variant: string, design: string, subject = mainSubject): Group | undefined =>
    groups.find(
      (group) =>
        group.scenario === scenario &&
        group.variant === variant &&
        group.design === design &&
        group.subject === subject,
    );

/** The median over samples of the time of the vertices whose name matches. */
export const vertexSeconds = (group: Group | undefined, name: RegExp): number =>
  medianOf(group, (sample) =>
    sample.vertices
      .filter((vertex) => name.test(vertex.name))
      .reduce((sum, vertex) => sum + vertex.seconds, 0),
  );
