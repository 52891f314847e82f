import { statSync } from "node:fs";
import { definitionFromBytes } from "../llb/index.ts";
import { explainChanges, type PlanStage, type Reason, savedPlan, stagesOf } from "../plan/index.ts";
import { visibleJson } from "../description/index.ts";
import { usageText } from "./arguments.ts";
import { type CommandArgs, emit, pathFrom, type Terminal } from "./command.ts";
import { definitionStages } from "./llb-stages.ts";
import { localBuild } from "./llb.ts";
import { hashFiles, openProject } from "./project.ts";
import { MAX_SAVED, parseJson, readWhole } from "./read.ts";
import { recordStages } from "./record.ts";

/**
 * Compares two builds and says for each stage that has to run again why. Each of A and B is a plan
 * (`go-frontend plan -o A`), a graph (`go-frontend llb -o A`, or any other definition), a build record
 * (provenance of mode=max), or a folder.
 */
export async function whyCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  const [a, b, ...rest] = args.positionals;
  if (a === undefined || b === undefined || rest.length > 0) {
    const message = "why takes two plans, graphs, build records or folders";
    terminal.err(usageText({ message, help: "write `go-frontend why A B`" }));
    return 2;
  }
  const [before, after] = [await load(a, args, terminal), await load(b, args, terminal)];
  if (before.kind !== after.kind) {
    const message = `${a} is a ${before.kind} and ${b} is a ${after.kind}`;
    terminal.err(usageText({ message, help: "compare two of a kind" }));
    return 2;
  }
  const reasons = explainChanges(before.stages, after.stages);
  emit(args, terminal, args.format === "json" ? `${visibleJson(reasons, 2)}\n` : inWords(reasons, after));
  return 0;
}

function inWords(reasons: readonly Reason[], after: Loaded): string {
  if (reasons.length === 0) {
    const same = `nothing changed: every one of ${after.stages.length} stages has the same key\n`;
    // What steps alone do not show.
    const names = `a ${after.kind} names the files of the build context and does not hold them`;
    return after.kind === "plan" ? same : `${same}${names}: compare plans or folders for edits\n`;
  }
  return reasons
    .map(({ stage, because }) => `${stage}\n${because.map((line) => `  ${line}\n`).join("")}`)
    .join("");
}

interface Loaded {
  readonly kind: "plan" | "graph" | "record";
  readonly stages: readonly PlanStage[];
}

async function load(name: string, args: CommandArgs, terminal: Terminal): Promise<Loaded> {
  const path = pathFrom(terminal, name);
  if (statSync(path).isDirectory()) {
    const project = await openProject({ ...args, positionals: [path] }, terminal);
    const build = localBuild(project);
    return { kind: "plan", stages: stagesOf(build, hashFiles(project, build)) };
  }
  const bytes = readWhole(path, MAX_SAVED);
  const json = parseJson(bytes);
  if (json === undefined) return { kind: "graph", stages: definitionStages(definitionFromBytes(bytes)) };
  const record = recordStages(json);
  if (record !== undefined) return { kind: "record", stages: record };
  const saved = savedPlan(json);
  if (saved !== undefined) return { kind: "plan", stages: stagesOf(saved.build, saved.contents) };
  throw new Error(
    `${name} is JSON, but neither a plan (go-frontend plan) nor a build record (provenance of mode=max)`,
  );
}
