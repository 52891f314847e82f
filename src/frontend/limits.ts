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

/**
 * The work's result, unless the process needs more than {@link LIMITS} on the way. What V8 could give back is given
 * back before that is said: a large tree would otherwise take as much as the limits let it, and a slow machine more.
 *
 * @param description what the error points at
 * @param machine what the process uses now, and how it gives back; for tests
 * @throws GF085
 */
export async function withinLimits<T>(
  work: Promise<T>,
  description: () => string,
  machine: Machine = thisProcess,
): Promise<T> {
  const { promise: exceeded, reject } = Promise.withResolvers<never>();
  let relieveAt: number = RELIEF;
  const judge = (): void => {
    let use = machine.use();
    if (use.memory > relieveAt || use.heap > LIMITS.heap) {
      machine.collect();
      use = machine.use();
      relieveAt = Math.max(RELIEF, use.memory + STEP);
    }
    const problem = problemOf(use);
    if (problem !== undefined) reject(tooMuch(problem, description()));
  };
  const timer = setInterval(judge, PERIOD);
  timer.unref();
  try {
    return await Promise.race([work, exceeded]);
  } finally {
    clearInterval(timer);
  }
}

/** Bytes of memory at which V8 is made to give back what nothing holds. Only large trees come there. */
const RELIEF = 110 * MB;
/** Bytes more than what was left then, at which it is made to again: a collection takes some 30 ms. */
const STEP = 12 * MB;

/** The process that the work runs in. */
export interface Machine {
  readonly use: () => Use;
  /** Gives back all memory that nothing holds. */
  readonly collect: () => void;
}

export interface Use {
  /** Bytes. */
  readonly memory: number;
  readonly heap: number;
  /** Seconds. */
  readonly cpu: number;
}

const thisProcess: Machine = {
  use: processUse,
  // An ordinary collection leaves the emptied pages with the process, for later.
  collect: () => collector()({ type: "major", flavor: "last-resort" }),
};

function processUse(): Use {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { memory: rss, heap: heapUsed, cpu: (user + system) / MB };
}

type Collect = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;
let known: Collect | undefined;

/**
 * V8's function. A context has it where the flag was set before the context was made. With the flag on the command line, V8
 * would refuse the compiled code that is stored with Node and with us; and the two modules take 4 ms to load.
 */
function collector(): Collect {
  if (known === undefined) {
    process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
    known = process.getBuiltinModule("node:vm").runInNewContext("gc") as Collect;
  }
  return known;
}

function problemOf({ memory, heap, cpu }: Use): string | undefined {
  if (memory > LIMITS.memory || heap > LIMITS.heap) return `more than ${LIMITS.memory / MB} MB of memory`;
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
