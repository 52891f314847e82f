import { availableParallelism } from "node:os";
import type { StepTime } from "../demo/progress.ts";
import type { ColdTime } from "./record.ts";

/** The kinds of steps, by how their titles begin (src/plan/steps): the first that fits. */
const kinds: readonly Readonly<{ name: string; pattern: RegExp; ofService: boolean }>[] = [
  { name: "helper", pattern: /^\[helper\]/, ofService: false },
  { name: "C tools", pattern: /^\[tools\b/, ofService: false },
  { name: "standard library", pattern: /^\[std\b/, ofService: false },
  { name: "steps", pattern: /^\[step /, ofService: false },
  { name: "modules", pattern: /^\[(modules|packages)\b|^\[deps\] go list/, ofService: true },
  { name: "imports", pattern: /^\[deps\b.*\] go build/, ofService: true },
  { name: "own packages", pattern: /^\[own\b.*\] go build/, ofService: true },
  { name: "compile and link", pattern: /^\[[^\]]+\] go build \./, ofService: true },
];

/**
 * The times of a cold build, by kind of step.
 *
 * @returns undefined where a step of the service itself came from the builder's cache: that build was not cold
 */
export function coldTime(
  steps: readonly StepTime[],
  seconds: number,
  load: readonly [number, number],
): ColdTime | undefined {
  const found = steps.flatMap((step) => {
    const kind = kinds.find(({ pattern }) => pattern.test(step.name));
    return kind === undefined ? [] : [{ step, kind }];
  });
  if (found.some(({ step, kind }) => step.cached && kind.ofService)) return undefined;
  const longest = new Map<string, number>();
  for (const { step, kind } of found.filter(({ step }) => !step.cached)) {
    longest.set(kind.name, Math.max(longest.get(kind.name) ?? 0, step.seconds));
  }
  const named = kinds.flatMap(({ name }) => {
    const value = longest.get(name);
    return value === undefined ? [] : [[name, tenths(value)] as const];
  });
  return {
    seconds: tenths(seconds),
    steps: Object.fromEntries(named),
    standardLibrary: longest.has("standard library"),
    load: [tenths(load[0]), tenths(load[1])],
    processors: availableParallelism(),
  };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
