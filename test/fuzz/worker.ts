// One target, tried for some seconds in a thread of its own, so that an input on which it hangs can be told: what is
// being tried stands in memory that the other thread sees.
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import fc from "fast-check";
import { isDiagnosticError } from "../../src/description/index.ts";
import { agree } from "./answers.ts";
import { askOracle, closeOracle } from "./oracle.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets/index.ts";

export interface Order {
  readonly target: string;
  readonly seed: number;
  readonly milliseconds: number;
  /** Whether the oracle is there to be asked. */
  readonly oracle: boolean;
  /** A count of inputs, the length of the one that is tried, and its bytes. */
  readonly shared: SharedArrayBuffer;
}

export interface Finding {
  readonly kind: "throws" | "slow" | "differs";
  readonly words: string;
  readonly input: Uint8Array;
}

export interface Outcome {
  readonly inputs: number;
  readonly compared: number;
  readonly findings: readonly Finding[];
  readonly worstMilliseconds: number;
  /** The input that took them. */
  readonly worstInput: Uint8Array;
  /** Of this thread's heap: what an input left before it was collected is part of it. */
  readonly worstMegabytes: number;
}

/** Milliseconds of CPU that this thread has taken: others may have the machine. */
function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

/** Milliseconds of CPU; no input may take more. */
const SLOW = 1000;
/** From here on a second try tells what was the input and what was compiling our code. */
const SUSPICIOUS = 50;
const BATCH = 100;

async function fuzz(order: Order): Promise<Outcome> {
  const target = TARGETS.find(({ name }) => name === order.target);
  if (target === undefined) throw new Error(`no target ${order.target}`);
  const until = Date.now() + order.milliseconds;
  const seen = new Map<string, Finding>();
  const state = { inputs: 0, compared: 0, worstMilliseconds: 0, worstBytes: 0 };
  let worstInput: Uint8Array = new Uint8Array();
  const watch = watcher(order.shared);

  const note = (took: number, input: Uint8Array): void => {
    if (took > state.worstMilliseconds) [state.worstMilliseconds, worstInput] = [took, input];
    if (took > SLOW) throw new Slow(`takes ${Math.round(took)} ms`);
  };
  const passKnown = (error: unknown): void => {
    if (isDiagnosticError(error)) return;
    if (!seen.has(error instanceof Slow ? "slow" : signature(error))) throw error;
  };
  // Most inputs have their answer at once; waiting for one would take longer than all the rest.
  const attempt = (input: Uint8Array): void | Promise<void> => {
    watch(input);
    state.inputs++;
    if (state.inputs % 256 === 0) {
      state.worstBytes = Math.max(state.worstBytes, process.memoryUsage().heapUsed);
    }
    const start = process.threadCpuUsage();
    try {
      const result = target.run(input);
      if (result instanceof Promise) return result.then(() => note(since(start), input)).catch(passKnown);
      let took = since(start);
      if (took > SUSPICIOUS) {
        const again = process.threadCpuUsage();
        target.run(input);
        took = Math.min(took, since(again));
      }
      note(took, input);
    } catch (error) {
      passKnown(error);
    }
    return undefined;
  };
  const { oracle } = target;
  const compare = async (inputs: readonly Uint8Array[]): Promise<void> => {
    if (oracle === undefined) return;
    for (const { input, ours, theirs } of await askOracle(oracle, inputs)) {
      state.compared++;
      const words = `differs: we say ${JSON.stringify(ours)}, Go says ${JSON.stringify(theirs)}`;
      if (agree(oracle, ours, theirs)) continue;
      const key = differenceKey(ours, theirs);
      if (!seen.has(key)) throw new Differs(words, key, input);
    }
  };

  let seed = order.seed;
  for (let turn = 0; Date.now() < until; turn++) {
    const asksOracle = order.oracle && oracle !== undefined && turn % 3 === 2;
    const left = Math.min(until - Date.now(), 3000);
    const options = {
      seed: seed++,
      numRuns: 1_000_000_000,
      interruptAfterTimeLimit: Math.max(1, left),
      markInterruptAsFailure: false,
    };
    const result = asksOracle
      ? await fc.check(
          fc.asyncProperty(
            fc.array(oracle.inputs ?? target.inputs, { minLength: 1, maxLength: BATCH, size: "max" }),
            compare,
          ),
          options,
        )
      : target.isAsync === true
        ? await fc.check(
            fc.asyncProperty(target.inputs, async (input) => attempt(input)),
            options,
          )
        : fc.check(
            fc.property(target.inputs, (input) => void attempt(input)),
            options,
          );
    if (!result.failed || result.counterexample === null) continue;
    const error: unknown = result.errorInstance;
    const [counterexample] = result.counterexample;
    if (error instanceof Differs) {
      seen.set(error.key, { kind: "differs", words: error.message, input: error.input });
    } else if (counterexample instanceof Uint8Array) {
      const kind = error instanceof Slow ? "slow" : "throws";
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      seen.set(kind === "slow" ? "slow" : signature(error), { kind, words, input: counterexample });
    }
  }
  await closeOracle();
  return {
    inputs: state.inputs,
    compared: state.compared,
    findings: [...seen.values()],
    worstMilliseconds: state.worstMilliseconds,
    worstInput,
    worstMegabytes: state.worstBytes / 1e6,
  };
}

class Slow extends Error {}

class Differs extends Error {
  readonly key: string;
  readonly input: Uint8Array;
  constructor(words: string, key: string, input: Uint8Array) {
    super(words);
    this.key = key;
    this.input = input;
  }
}

/** The same bug has the same place. */
function signature(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const places = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return places.slice(0, 3).join("\n") || stack.slice(0, 200);
}

/** Differences of one kind are told once: what only one of both says, without its values. */
function differenceKey(ours: unknown, theirs: unknown): string {
  const kinds = (answer: unknown): string =>
    Array.isArray(answer)
      ? answer
          .map((fact) => String(fact).split(" ")[0])
          .join(",")
          .slice(0, 60)
      : String(answer);
  return createHash("sha256")
    .update(`${kinds(ours)}|${kinds(theirs)}`)
    .digest("hex");
}

/** Writes what is tried to where it can be read while it is being tried. */
function watcher(shared: SharedArrayBuffer): (input: Uint8Array) => void {
  const counters = new Int32Array(shared, 0, 2);
  const bytes = new Uint8Array(shared, 8);
  return (input) => {
    bytes.set(input.subarray(0, bytes.length));
    Atomics.store(counters, 1, Math.min(input.length, bytes.length));
    Atomics.add(counters, 0, 1);
  };
}

if (parentPort !== null) {
  const port = parentPort;
  port.postMessage(await fuzz(workerData as Order));
}
export type { Target };
