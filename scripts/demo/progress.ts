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

  const vertex = (found: Vertex): void => {
    names.set(found.digest, found.name);
    if (found.started === undefined) return;
    const start = Date.parse(found.started);
    if (found.completed === undefined) {
      if (running.has(found.digest) || steps.has(found.digest)) return;
      running.set(found.digest, { name: found.name, since: Date.now(), said: false, detail: "", log: "" });
      return;
    }
    const was = running.get(found.digest);
    running.delete(found.digest);
    const before = steps.get(found.digest);
    const seconds = (Date.parse(found.completed) - start) / 1000;
    const cached = found.cached === true;
    // The frontend runs steps while it plans: the build then finds their results.
    if (before === undefined || before.cached || !cached) {
      steps.set(found.digest, { name: found.name, start, seconds, cached });
    }
    if (found.error !== undefined && found.error !== "") {
      if (was !== undefined && was.log !== "") log(was.log.trimEnd());
      log(`✗ ${short(found.name)}`);
    } else if (before === undefined && (!found.name.startsWith("[internal]") || seconds >= 1)) {
      log(cached ? `= ${short(found.name)} (cached)` : `✓ ${short(found.name)} ${seconds.toFixed(1)} s`);
    }
  };

  const status = (change: Status): void => {
    const step = running.get(change.vertex);
    if (step !== undefined && change.total !== undefined && change.total > 1e6) {
      step.detail = `${change.name ?? change.id} ${megabytes(change.current ?? 0)} of ${megabytes(change.total)} MB`;
    }
    if (change.id.startsWith("pushing ") && change.started !== undefined && change.completed !== undefined) {
      pushes.push([Date.parse(change.started), Date.parse(change.completed)]);
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
      for (const found of solve.vertexes ?? []) vertex(found);
      for (const found of solve.statuses ?? []) status(found);
      for (const found of solve.logs ?? []) entry(found);
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
