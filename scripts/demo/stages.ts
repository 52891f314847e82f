import type { Log } from "../../rig/index.ts";

/** The stages of a run, in their order, each with the seconds it took. */
export type Stages = Readonly<{
  /** Runs one stage: its name at the beginning, its own lines below, its seconds at the end. */
  run: <T>(name: string, work: (log: Log) => Promise<T>) => Promise<T>;
  times: () => readonly Readonly<{ name: string; seconds: number }>[];
}>;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export const createStages = (log: Log): Stages => {
  const done: { name: string; seconds: number }[] = [];
  return {
    run: async (name, work) => {
      const start = performance.now();
      log(`▸ ${name}`);
      const result = await work((line) => {
        for (const each of line.split("\n")) log(`    ${each}`);
      });
      const took = performance.now() - start;
      done.push({ name, seconds: took / 1000 });
      log(`  ${name}: ${seconds(took)}`);
      return result;
    },
    times: () => done,
  };
};
