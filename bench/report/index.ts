import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Conditions } from "../conditions.ts";
import type { Sample } from "../types.ts";

/** All that a run has measured. */
export type Record_ = Readonly<{
  conditions: Conditions;
  scenarios: readonly Readonly<{ name: string; id: string; title: string }>[];
  samples: readonly Sample[];
}>;

export const writeReport = (record: Record_, folder: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "samples.json"), JSON.stringify(record));
};
