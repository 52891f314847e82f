import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { diagnosticError, errorAt } from "../description/index.ts";

const MB = 1_000_000;

/** What a frontend may use of the builder's machine. Builds of others run beside it, and BuildKit sets it no limit. */
export const LIMITS = {
  /** Bytes of memory, all of the process. */
  memory: 148 * MB,
  /** Bytes of values in JavaScript, of which {@link nodeFlags} let Node hold a little more. */
  heap: 55 * MB,
  /** Seconds of processor time. */
  cpu: 10,
} as const;

/**
 * Flags that hold Node to them. V8 takes up to four gigabytes before it looks for what can be given back; with these it
 * looks early, so what is used stays near what is needed. A heap that needs more than this ends the process without a
 * word; {@link withinLimits} comes before that. None of them is in the hash that V8 stores with compiled code.
 */
export const nodeFlags: readonly string[] = ["--max-old-space-size=64", "--max-semi-space-size=2"];

/** Milliseconds between looks. */
const PERIOD = 50;

/** What tells that V8 has just looked for what can be given back: only then is what the heap holds really needed. */
export type AfterCollection = (look: () => void) => () => void;

/**
 * The work's result, unless the process uses more than {@link LIMITS} on the way.
 *
 * @param description what the error points at
 * @param look what the process uses now; for tests
 * @throws GF085
 */
export async function withinLimits<T>(
  work: Promise<T>,
  description: () => string,
  look: () => Use = processUse,
  afterCollection: AfterCollection = majorCollections,
): Promise<T> {
  const { promise: exceeded, reject } = Promise.withResolvers<never>();
  const judge = (isCollected: boolean) => (): void => {
    const problem = problemOf(look(), isCollected);
    if (problem !== undefined) reject(tooMuch(problem, description()));
  };
  const timer = setInterval(judge(false), PERIOD);
  timer.unref();
  const stop = afterCollection(judge(true));
  try {
    return await Promise.race([work, exceeded]);
  } finally {
    clearInterval(timer);
    stop();
  }
}

const majorCollections: AfterCollection = (look) => {
  const observer = new PerformanceObserver((list) => {
    const isMajor = (entry: PerformanceEntry): boolean =>
      (entry as { readonly detail?: { readonly kind?: number | undefined } | undefined }).detail?.kind ===
      constants.NODE_PERFORMANCE_GC_MAJOR;
    if (list.getEntries().some(isMajor)) look();
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
};

export interface Use {
  /** Bytes. */
  readonly memory: number;
  readonly heap: number;
  /** Seconds. */
  readonly cpu: number;
}

function processUse(): Use {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { memory: rss, heap: heapUsed, cpu: (user + system) / MB };
}

function problemOf({ memory, heap, cpu }: Use, isCollected: boolean): string | undefined {
  const isFull = isCollected && heap > LIMITS.heap;
  if (memory > LIMITS.memory || isFull) return `more than ${LIMITS.memory / MB} MB of memory`;
  return cpu > LIMITS.cpu ? `more than ${LIMITS.cpu} seconds of processor time` : undefined;
}

function tooMuch(what: string, file: string): Error {
  const start = { line: 1, column: 1, offset: 0 };
  return diagnosticError([
    errorAt("GF085", `planning this build takes ${what}, which a builder does not give`, {
      file,
      range: { start, end: start },
      help: "describe fewer services in one file, or leave out of the build context what they do not need, with a .dockerignore",
    }),
  ]);
}
