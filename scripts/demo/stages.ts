import type { Log } from "../../rig/index.ts";

/** The stages of a run, in the order in which they began, each with the seconds it took. */
export interface Stages {
  /**
   * Runs one stage: its name at the beginning, its own lines below, its seconds at the end. Where several run side by
   * side, a line says whose it is.
   */
  readonly run: <T>(name: string, work: (log: Log) => Promise<T>) => Promise<T>;
  readonly times: () => readonly StageTime[];
  /** Seconds since the first stage began. */
  readonly elapsed: () => number;
}

export interface StageTime {
  readonly name: string;
  /** Seconds from the first stage's beginning to this one's. */
  readonly start: number;
  readonly seconds: number;
}

export function createStages(log: Log): Stages {
  const begin = performance.now();
  const done: StageTime[] = [];
  let running = 0;
  return {
    run: async (name, work) => {
      const start = performance.now();
      running += 1;
      log(`▸ ${name}`);
      try {
        const result = await work((line) => {
          for (const text of line.split("\n")) log(`    ${running > 1 ? `${name}: ` : ""}${text}`);
        });
        const seconds = (performance.now() - start) / 1000;
        done.push({ name, start: (start - begin) / 1000, seconds });
        log(`  ${name}: ${seconds.toFixed(1)} s`);
        return result;
      } finally {
        running -= 1;
      }
    },
    times: () => done.toSorted((a, b) => a.start - b.start),
    elapsed: () => (performance.now() - begin) / 1000,
  };
}
