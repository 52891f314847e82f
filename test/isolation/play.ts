// Plays a sequence on the builders and compares each executable with the one that `go build` makes by hand.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isEnding } from "../../rig/index.ts";
import type { Builders, Outcome } from "./builder.ts";
import type { Contexts } from "./contexts.ts";
import type { Built, Oracle } from "./oracle.ts";
import { filesOf, linksOf, type Names, type Project, serviceOf } from "./project.ts";
import { afterStep, neighbourOf, type Sequence, type Step, stepText } from "./sequence.ts";

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
  readonly olderRelease: string;
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
  const { release, olderRelease } = stage;
  const names: Names = { release, olderRelease, domain: `example.test/${play}` };
  const faults: Fault[] = [];
  let projects = sequence.tenants;
  let killed = 0;
  for (const [at, step] of sequence.steps.entries()) {
    // What is being ended answers nothing any more.
    if (isEnding()) return { steps: at, faults, killed };
    projects = afterStep(projects, step);
    const start = performance.now();
    const builds = [step.tenant, neighbourOf(step, projects.length)].flatMap((tenant) => {
      const project = tenant === undefined ? undefined : projects[tenant];
      return tenant === undefined || project === undefined ? [] : [{ tenant, project }];
    });
    await prepare(stage, step);
    const outcomes = await Promise.all(
      builds.map(async ({ tenant, project }) => ({
        tenant,
        ...(await buildAndCompare({ stage, names, play, tenant, project, step })),
      })),
    );
    if (isEnding()) return { steps: at, faults, killed };
    killed += outcomes.filter((outcome) => outcome.killed).length;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const wrong = outcomes.flatMap(({ tenant, fault }) =>
      fault === undefined ? [] : [{ ...fault, at, message: `tenant ${tenant}: ${fault.message}` }],
    );
    faults.push(...wrong);
    const right = outcomes.some((outcome) => outcome.killed) ? "killed, then right" : "right";
    const result = wrong.length === 0 ? right : `WRONG: ${wrong.map(({ kind }) => kind).join(", ")}`;
    stage.say(`${String(at + 1).padStart(4)}  ${stepText(step)}: ${result} (${seconds} s)`);
    for (const { message } of wrong) stage.say(`      ${message.replaceAll("\n", "\n      ")}`);
    if (wrong.some(enough)) return { steps: at + 1, faults, killed };
  }
  return { steps: sequence.steps.length, faults, killed };
}

async function prepare({ builders }: Stage, { before, builder }: Step): Promise<void> {
  switch (before) {
    case "nothing":
      return;
    case "mounts are pruned":
      return builders.pruneMounts(builder);
    case "the daemon is restarted":
      return builders.restart(builder);
  }
}

interface TenantBuild {
  readonly stage: Stage;
  readonly names: Names;
  readonly play: string;
  readonly tenant: number;
  readonly project: Project;
  readonly step: Step;
}

async function buildAndCompare({ stage, names, play, tenant, project, step }: TenantBuild): Promise<{
  readonly fault: Omit<Fault, "at"> | undefined;
  readonly killed: boolean;
}> {
  const { builders, contexts, oracle } = stage;
  const files = filesOf(project, names);
  const proxy = contexts.proxyOf(project, names);
  const links = linksOf(project);
  const context = await contexts.hand(`${play}-${tenant}`, { files, links }, step.context);
  const { target, file } = serviceOf(project);
  const request = {
    context,
    target,
    file,
    proxy,
    system: project.cgo === 0 ? 0 : project.system,
    play,
    app: `${names.domain}/app`,
    heavy: `${names.domain}/heavy`,
  };
  const byHand = oracle.build(project, { files, links }, names, proxy);
  const first = await builders.build({ ...request, step });
  // What a kill breaks is not to be remembered: the next build is as if there had been none.
  const wasKilled = first.killed && first.built.kind === "failure";
  const last = wasKilled ? await builders.build({ ...request, step: { ...step, during: "nothing" } }) : first;
  return { fault: faultIn(stage, project, last, await byHand), killed: first.killed };
}

function faultIn(
  stage: Stage,
  project: Project,
  { built, unplanned }: Outcome,
  byHand: Built,
): Omit<Fault, "at"> | undefined {
  if (built.kind === "failure") {
    if (byHand.kind === "failure") return undefined;
    return { kind: "it fails", message: built.message };
  }
  if (byHand.kind === "failure") {
    return { kind: "it does not fail", message: `go build says: ${byHand.message}` };
  }
  if (!built.bytes.equals(byHand.bytes)) {
    const [prints, shouldPrint] = [printed(stage, built.bytes), printed(stage, byHand.bytes)];
    // This machine's C compiler need not be the builder's: all numbers of a project are printed.
    if (project.cgo === 0 || prints !== shouldPrint) {
      return {
        kind: "another executable",
        message: `it prints        ${prints}\nit should print  ${shouldPrint}`,
      };
    }
  }
  if (unplanned !== undefined) return { kind: "compiled again", message: `in the last step: ${unplanned}` };
  return undefined;
}

/** What an executable says when it runs; it may differ in other things. */
function printed({ work }: Stage, bytes: Buffer): string {
  const folder = mkdtempSync(join(work, "prints-"));
  const file = join(folder, "executable");
  writeFileSync(file, bytes);
  chmodSync(file, 0o755);
  const { stderr, error } = spawnSync(file, { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return error === undefined ? stderr.trim() : `nothing here: ${error.message}`;
}
