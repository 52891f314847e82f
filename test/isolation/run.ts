/**
 * `npm run isolation -- [--seed N] [--count N] [--all] [--without KIND,…] [--plays N] [--cgo]`: random edits and builds of several
 * tenants on a real builder; each executable is compared, byte for byte, with one that `go build` makes by hand.
 * `--count` is the number of steps; a seed gives twelve, the next seed the next twelve. A failing sequence is made as
 * small as it can be and printed, also as JSON for `npm run isolation -- --replay FILE`; `--known` plays those that once failed. It ends with 1 on a fault,
 * after the first one unless `--all` is given. `--seconds` begins no further seed
 * after that time. `--without` leaves kinds of steps and projects out, `--cgo` all seeds but those whose projects have C.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isEnding, onInterrupt } from "../../rig/index.ts";
import { type Kind, kinds, projectText, type Sequence, sequenceOf, stepText } from "./sequence.ts";
import { knownSequences } from "./known.ts";
import { type Fault, playSequence } from "./play.ts";
import { shrink } from "./shrink.ts";
import { openRigStage, playNames } from "./stage.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "60" },
    all: { type: "boolean", default: false },
    without: { type: "string", default: "" },
    cgo: { type: "boolean", default: false },
    plays: { type: "string", default: "60" },
    seconds: { type: "string", default: "86400" },
    replay: { type: "string" },
    known: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const without = values.without.split(",").filter((word) => word !== "");
const unknown = without.find((word) => !isKind(word));
const [seed, count, plays, seconds] = [values.seed, values.count, values.plays, values.seconds].map(
  Number,
) as [number, number, number, number];
if (values.help || unknown !== undefined || ![seed, count, plays, seconds].every(Number.isSafeInteger)) {
  console.log(
    `usage: npm run isolation -- [--seed N] [--count N] [--all] [--without KIND,…] [--plays N] [--cgo] [--seconds N]\n       npm run isolation -- --known | --replay FILE\nkinds: ${kinds.join(", ")}`,
  );
  process.exit(values.help ? 0 : 2);
}

function isKind(word: string): word is Kind {
  return kinds.some((kind) => kind === word);
}

const start = performance.now();
const say = (line: string): void => console.log(line);
const { stage, close } = await openRigStage(say);
onInterrupt(close);
try {
  const found = await playAsked();
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await close();
}

async function playAsked(): Promise<readonly Fault[]> {
  if (values.known) return playKnown();
  // What this program has printed.
  if (values.replay !== undefined) return replay(JSON.parse(readFileSync(values.replay, "utf8")) as Sequence);
  return playSeeds();
}

async function playKnown(): Promise<readonly Fault[]> {
  const found: Fault[] = [];
  for (const [name, sequence] of Object.entries(knownSequences)) {
    say(name);
    found.push(...(await replay(sequence)));
  }
  return found;
}

async function replay(sequence: Sequence): Promise<readonly Fault[]> {
  const { faults } = await playSequence(stage, sequence, playNames(), () => false);
  say(`isolation: ${sequence.steps.length} steps: ${verdict(faults)}`);
  return faults;
}

function verdict(found: readonly Fault[]): string {
  return found.length === 0 ? "all as go build makes them" : `${found.length} WRONG`;
}

async function playSeeds(): Promise<readonly Fault[]> {
  const found: Fault[] = [];
  let steps = 0;
  let killed = 0;
  let last = seed;
  for (; !isEnding() && steps < count && performance.now() - start < seconds * 1000; last++) {
    const whole = sequenceOf(last, without.filter(isKind));
    if (values.cgo && whole.tenants.every(({ cgo }) => cgo === 0)) continue;
    const sequence = { ...whole, steps: whole.steps.slice(0, count - steps) };
    say(
      `seed ${last}: ${sequence.tenants.map((project, at) => `tenant ${at} ${projectText(project)}`).join("; ")}`,
    );
    const played = await playSequence(stage, sequence, playNames(), () => !values.all);
    steps += played.steps;
    killed += played.killed;
    found.push(...played.faults);
    const [first] = played.faults;
    if (first !== undefined && !values.all) {
      await showSmallest(last, sequence, first);
      break;
    }
  }
  const seeds = seed === last || seed + 1 === last ? `seed ${seed}` : `seeds ${seed} to ${last - 1}`;
  const took = ((performance.now() - start) / 1000).toFixed(0);
  say(`isolation: ${seeds}, ${steps} steps, ${killed} with a kill: ${verdict(found)} (${took} s)`);
  return found;
}

async function showSmallest(from: number, sequence: Sequence, fault: Fault): Promise<void> {
  say(
    `seed ${from}, step ${fault.at + 1}: ${fault.kind}. Looking for a smaller sequence that fails the same way …`,
  );
  const quiet = { ...stage, say: () => undefined };
  const cut = { ...sequence, steps: sequence.steps.slice(0, fault.at + 1) };
  const smallest = await shrink(
    cut,
    async (smaller) => {
      const played = await playSequence(quiet, smaller, playNames(), ({ kind }) => kind === fault.kind);
      return played.faults.some(({ kind }) => kind === fault.kind);
    },
    plays,
  );
  say(`\nthe smallest, of ${smallest.steps.length} steps:`);
  smallest.tenants.forEach((project, at) => say(`  tenant ${at}: ${projectText(project)}`));
  smallest.steps.forEach((step, at) => say(`  ${at + 1}  ${stepText(step)}`));
  await playSequence(stage, smallest, playNames(), () => false);
  say(`\n${JSON.stringify(smallest)}\n`);
}
