// npm run fuzz -- TARGET|all [--seconds N] [--seed N]    tries targets, one after another
// npm run fuzz -- TARGET --keep                          what is found is put into the corpus
// npm run fuzz -- --answers                              keeps what Go says of the corpus
// npm run fuzz -- all --jobs 2                           two targets at a time
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { writeAnswers } from "./answers.ts";
import { corpusFolder } from "./inputs.ts";
import { buildOracle } from "./oracle.ts";
import type { Order, Outcome } from "./worker.ts";

const NAMES = [
  "description",
  "go-file",
  "assembly",
  "go.mod",
  "go.sum",
  "go.work",
  "ignore",
  "glob",
  "gateway",
  "hpack",
  "llb",
  "plan-json",
  "image-config",
] as const;

/** An input that is tried for longer hangs. */
const HANGS = 20_000;
const INPUT_BYTES = 1 << 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    keep: { type: "boolean", default: false },
    answers: { type: "boolean", default: false },
    jobs: { type: "string", default: "1" },
  },
});
if (values.answers) {
  console.log(`fuzz: ${await writeAnswers()} answers kept`);
  process.exit(0);
}
const [asked = "all"] = positionals;
const names = asked === "all" ? NAMES : NAMES.filter((name) => name === asked);
if (names.length === 0) {
  console.error(`fuzz: no target ${asked}; there are: ${NAMES.join(", ")}`);
  process.exit(2);
}
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const oracle = buildOracle() !== undefined;
if (!oracle) console.log("fuzz: no Go here: nothing is compared with it");

interface Row extends Outcome {
  readonly hangs: number;
}

async function fuzz(target: string): Promise<Row> {
  const shared = new SharedArrayBuffer(8 + INPUT_BYTES);
  const counters = new Int32Array(shared, 0, 2);
  const milliseconds = Number(values.seconds) * 1000;
  const workerData: Order = { target, seed, milliseconds, oracle, shared };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
  const { promise, resolve, reject } = Promise.withResolvers<Row>();
  let last = -1;
  let since = Date.now();
  const watch = setInterval(() => {
    const count = Atomics.load(counters, 0);
    if (count !== last) [last, since] = [count, Date.now()];
    // Before the first input the target is being loaded.
    if (count === 0 || Date.now() - since < HANGS) return;
    const input = new Uint8Array(shared, 8, Atomics.load(counters, 1)).slice();
    const findings = [{ kind: "slow" as const, words: `does not end in ${HANGS} ms`, input }];
    const worst = { worstMilliseconds: HANGS, worstInput: input, worstMegabytes: 0 };
    resolve({ inputs: count, compared: 0, findings, ...worst, hangs: 1 });
    void worker.terminate();
  }, 500);
  worker.once("message", (outcome: Outcome) => resolve({ ...outcome, hangs: 0 }));
  worker.once("error", reject);
  worker.once("exit", (code) => {
    if (code !== 0) reject(new Error(`fuzz: the thread of ${target} has ended with ${code}`));
  });
  return promise.finally(() => clearInterval(watch));
}

/** Milliseconds from which on the slowest input is shown. */
const WORTH_TELLING = 300;

function shown(input: Uint8Array): string {
  const text = JSON.stringify(Buffer.from(input).toString("latin1").slice(0, 300));
  return input.length > 300 ? `${text}… (${input.length} bytes)` : text;
}

function keep(target: string, input: Uint8Array): string {
  const folder = join(corpusFolder, target);
  mkdirSync(folder, { recursive: true });
  const name = createHash("sha256").update(input).digest("hex").slice(0, 12);
  writeFileSync(join(folder, name), input);
  return join("test", "fuzz", "corpus", target, name);
}

/** Results in the order of the names, each as soon as it and those before it are there. */
async function* inOrder(): AsyncGenerator<readonly [name: string, row: Row]> {
  const jobs = Math.max(1, Number(values.jobs));
  const rows: Promise<Row>[] = [];
  for (const [index, name] of names.entries()) {
    for (let next = rows.length; next < Math.min(names.length, index + jobs); next++) {
      rows.push(fuzz(names[next] ?? name));
    }
    yield [name, await (rows[index] ?? fuzz(name))];
  }
}

let found = 0;
console.log(`seed ${seed}`);
console.log(
  ["target", "inputs", "compared", "throws", "differs", "over 1 s", "worst CPU ms", "heap MB"].join("\t"),
);
for await (const [name, row] of inOrder()) {
  const count = (kind: string): number => row.findings.filter((each) => each.kind === kind).length;
  console.log(
    [
      name,
      row.inputs,
      row.compared,
      count("throws"),
      count("differs"),
      count("slow"),
      row.worstMilliseconds.toFixed(0),
      row.worstMegabytes.toFixed(0),
    ].join("\t"),
  );
  if (row.worstMilliseconds > WORTH_TELLING) console.log(`  slowest: ${shown(row.worstInput)}`);
  for (const finding of row.findings) {
    found++;
    console.log(`  ${finding.kind}: ${finding.words.split("\n").slice(0, 6).join("\n    ").slice(0, 900)}`);
    console.log(`  input: ${shown(finding.input)}`);
    if (values.keep) console.log(`  ${keep(name, finding.input)}`);
  }
}
process.exitCode = found === 0 ? 0 : 1;
