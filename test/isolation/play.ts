// Plays a sequence on the builders and compares each executable with the one that `go build` makes by hand.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Builders, Outcome } from "./builder.ts";
import type { Contexts } from "./contexts.ts";
import type { Built, Oracle } from "./oracle.ts";
import { filesOf, type Names, type Project } from "./project.ts";
import { afterStep, type Sequence, type Step, stepText } from "./sequence.ts";

/** What went wrong in a step. */
export interface Fault {
  readonly kind: "another executable" | "it fails" | "it does not fail" | "compiled again";
  /** Index of the step. */
  readonly at: number;
  readonly message: string;
}

export interface Stage {
  readonly builders: Builders;
  readonly contexts: Contexts;
  readonly oracle: Oracle;
  readonly release: string;
  readonly work: string;
  readonly say: (line: string) => void;
}

export interface Played {
  readonly steps: number;
  readonly faults: readonly Fault[];
  /** Steps in which something was killed. */
  readonly killed: number;
}

/**
 * Plays all steps, or those up to the first fault that `enough` says ends the play.
 *
 * @param play a name that no other play has had: paths of modules begin with it, and no builder has seen it
 */
export async function playSequence(
  stage: Stage,
  sequence: Sequence,
  play: string,
  enough: (fault: Fault) => boolean,
): Promise<Played> {
  const names: Names = { release: stage.release, domain: `example.test/${play}` };
  const faults: Fault[] = [];
  let projects = sequence.tenants;
  let killed = 0;
  for (const [at, step] of sequence.steps.entries()) {
    projects = afterStep(projects, step);
    const project = projects[step.tenant];
    if (project === undefined) throw new Error(`step ${at + 1} is of no tenant`);
    const start = performance.now();
    const outcome = await playStep({ stage, names, play, project, step });
    if (outcome.killed) killed++;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const { fault } = outcome;
    if (fault !== undefined) faults.push({ ...fault, at });
    const result =
      fault === undefined ? (outcome.killed ? "killed, then right" : "right") : `WRONG: ${fault.kind}`;
    stage.say(`${String(at + 1).padStart(4)}  ${stepText(step)}: ${result} (${seconds} s)`);
    if (fault !== undefined) {
      stage.say(`      ${fault.message.replaceAll("\n", "\n      ")}`);
      if (enough({ ...fault, at })) return { steps: at + 1, faults, killed };
    }
  }
  return { steps: sequence.steps.length, faults, killed };
}

interface StepPlay {
  readonly stage: Stage;
  readonly names: Names;
  readonly play: string;
  readonly project: Project;
  readonly step: Step;
}

async function playStep({ stage, names, play, project, step }: StepPlay): Promise<{
  readonly fault: Omit<Fault, "at"> | undefined;
  readonly killed: boolean;
}> {
  const { builders, contexts, oracle } = stage;
  const files = filesOf(project, names);
  const proxy = contexts.proxyOf(project, names);
  switch (step.before) {
    case "nothing":
      break;
    case "mounts are pruned":
      await builders.pruneMounts(step.builder);
      break;
    case "the daemon is restarted":
      await builders.restart(step.builder);
      break;
  }
  const context = await contexts.hand(`${play}-${step.tenant}`, files, step.context);
  const request = { context, proxy, play, app: `${names.domain}/app`, heavy: `${names.domain}/heavy` };
  const byHand = oracle.build(project, files, names, proxy);
  const first = await builders.build({ ...request, step });
  // What a kill breaks is not to be remembered: the next build is as if there had been none.
  const wasKilled = first.killed && first.built.kind === "failure";
  const last = wasKilled ? await builders.build({ ...request, step: { ...step, during: "nothing" } }) : first;
  return { fault: faultIn(stage, last, await byHand), killed: first.killed };
}

function faultIn(stage: Stage, { built, unplanned }: Outcome, byHand: Built): Omit<Fault, "at"> | undefined {
  if (built.kind === "failure") {
    if (byHand.kind === "failure") return undefined;
    return { kind: "it fails", message: built.message };
  }
  if (byHand.kind === "failure") {
    return { kind: "it does not fail", message: `go build says: ${byHand.message}` };
  }
  if (!built.bytes.equals(byHand.bytes)) {
    return {
      kind: "another executable",
      message: `it prints        ${printed(stage, built.bytes)}\nit should print  ${printed(stage, byHand.bytes)}`,
    };
  }
  if (unplanned !== undefined) return { kind: "compiled again", message: `in the last step: ${unplanned}` };
  return undefined;
}

/** What an executable says when it runs; it may differ in other things. */
function printed({ work }: Stage, bytes: Buffer): string {
  const file = join(work, "executable");
  writeFileSync(file, bytes);
  chmodSync(file, 0o755);
  const { stderr, error } = spawnSync(file, { encoding: "utf8" });
  rmSync(file);
  return error === undefined ? stderr.trim() : `nothing here: ${error.message}`;
}
