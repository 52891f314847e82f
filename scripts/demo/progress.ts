import type { Log } from "../../rig/index.ts";

/** One finished step of a build. */
export interface StepTime {
  readonly name: string;
  readonly start: number;
  readonly seconds: number;
  readonly cached: boolean;
}

export interface BuildProgress {
  /** Takes one line of what `--progress=rawjson` prints. */
  readonly line: (text: string) => void;
  readonly steps: () => readonly StepTime[];
  /** Seconds in which something was pushed. */
  readonly pushSeconds: () => number;
  /** Ends the lines about running steps. */
  readonly end: () => void;
}

interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}
interface Status {
  readonly id: string;
  readonly vertex: string;
  readonly name?: string;
  readonly current?: number;
  readonly total?: number;
  readonly started?: string;
  readonly completed?: string;
}
interface Entry {
  readonly vertex: string;
  readonly data: string;
}
interface SolveStatus {
  readonly vertexes?: readonly Vertex[];
  readonly statuses?: readonly Status[];
  readonly logs?: readonly Entry[];
}

interface Running {
  readonly name: string;
  readonly since: number;
  said: boolean;
  detail: string;
  log: string;
}

function parse(text: string): SolveStatus | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as SolveStatus;
  } catch {
    return undefined;
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** A step's name without the secondary words. */
const short = (name: string): string => (name.length > 110 ? `${name.slice(0, 109)}…` : name);

/**
 * Condenses a build's progress: a line when a step that takes a while begins, a line when one ends, and in between
 * lines every few seconds with what the two slowest are doing. Other lines (errors with their excerpt) go through.
 */
export function createProgress(log: Log, everySeconds = 5): BuildProgress {
  const steps = new Map<string, StepTime>();
  const running = new Map<string, Running>();
  const names = new Map<string, string>();
  const pushes: [number, number][] = [];

  const vertex = (each: Vertex): void => {
    names.set(each.digest, each.name);
    if (each.started === undefined) return;
    const start = Date.parse(each.started);
    if (each.completed === undefined) {
      if (running.has(each.digest) || steps.has(each.digest)) return;
      running.set(each.digest, { name: each.name, since: Date.now(), said: false, detail: "", log: "" });
      return;
    }
    const was = running.get(each.digest);
    running.delete(each.digest);
    const before = steps.get(each.digest);
    const seconds = (Date.parse(each.completed) - start) / 1000;
    const cached = each.cached === true;
    steps.set(each.digest, { name: each.name, start, seconds, cached });
    if (each.error !== undefined && each.error !== "") {
      if (was !== undefined && was.log !== "") log(was.log.trimEnd());
      log(`✗ ${short(each.name)}`);
    } else if (before === undefined && (!each.name.startsWith("[internal]") || seconds >= 1)) {
      log(cached ? `= ${short(each.name)} (cached)` : `✓ ${short(each.name)} ${seconds.toFixed(1)} s`);
    }
  };

  const status = (each: Status): void => {
    const step = running.get(each.vertex);
    if (step !== undefined && each.total !== undefined && each.total > 1e6) {
      step.detail = `${each.name ?? each.id} ${megabytes(each.current ?? 0)} of ${megabytes(each.total)} MB`;
    }
    if (each.id.startsWith("pushing ") && each.started !== undefined && each.completed !== undefined) {
      pushes.push([Date.parse(each.started), Date.parse(each.completed)]);
    }
  };

  const entry = ({ vertex: digest, data }: Entry): void => {
    const step = running.get(digest);
    if (step === undefined) return;
    step.log = (step.log + Buffer.from(data, "base64").toString()).slice(-8000);
    step.detail = step.log.trimEnd().split("\n").at(-1)?.slice(0, 80) ?? "";
  };

  const timer = setInterval(() => {
    const slow = [...running.values()]
      .map((step) => ({ step, seconds: (Date.now() - step.since) / 1000 }))
      .filter(({ seconds }) => seconds >= 1)
      .toSorted((a, b) => b.seconds - a.seconds);
    for (const { step } of slow.filter(({ step: { said } }) => !said)) {
      log(`… ${short(step.name)}`);
    }
    for (const { step, seconds } of slow.filter(({ step: { said } }) => said).slice(0, 2)) {
      log(`  ${short(step.name)}: ${seconds.toFixed(0)} s${step.detail === "" ? "" : `, ${step.detail}`}`);
    }
    for (const { step } of slow) step.said = true;
  }, everySeconds * 1000);

  return {
    line: (text) => {
      const solve = parse(text);
      if (solve === undefined) {
        if (text.trim() !== "") log(text);
        return;
      }
      for (const each of solve.vertexes ?? []) vertex(each);
      for (const each of solve.statuses ?? []) status(each);
      for (const each of solve.logs ?? []) entry(each);
    },
    steps: () => [...steps.values()].toSorted((a, b) => a.start - b.start),
    pushSeconds: () => covered(pushes) / 1000,
    end: () => clearInterval(timer),
  };
}

/** The length of the union of intervals: uploads run side by side. */
function covered(intervals: readonly (readonly [number, number])[]): number {
  let end = -Infinity;
  let sum = 0;
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}
