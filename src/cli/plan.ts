import { toDot } from "../llb/index.ts";
import { type Build, type PlanStage, stagesOf } from "../plan/index.ts";
import { printable, visibleJson } from "../description/index.ts";
import { unknownFormat } from "./arguments.ts";
import { type CommandArgs, emit, type Terminal } from "./command.ts";
import { localBuild, localDefinition } from "./llb.ts";
import { toSvg } from "./picture/svg.ts";
import { hashFiles, openProject, type Project } from "./project.ts";

/** Of a longer list only the count is printed. */
const SHOWN = 8;

/**
 * Prints the plan: as JSON, the steps that the frontend would give to a builder, with the digests of the files that they
 * read, which `llb --plan` makes a graph of; as text, its stages and what each is keyed on; or as a picture of its graph.
 */
export async function planCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  const project = await openProject(args, terminal);
  const build = localBuild(project);
  switch (args.format ?? "json") {
    case "json":
      emit(args, terminal, `${visibleJson(printed(project, build), 2)}\n`);
      return 0;
    case "text":
      emit(args, terminal, stagesOf(build).map(stageText).join("\n"));
      return 0;
    case "dot":
      emit(args, terminal, toDot(localDefinition(build)));
      return 0;
    case "svg":
      emit(args, terminal, printable(toSvg(localDefinition(build))));
      return 0;
    default:
      terminal.err(unknownFormat(args.format, ["json", "text", "dot", "svg"]));
      return 2;
  }
}

function printed(project: Project, build: Build): unknown {
  const { target, output, module, buildPlatform } = project.plan;
  const { steps, results, sources } = build;
  return {
    target,
    output,
    module,
    buildPlatform,
    results,
    steps,
    sources,
    contents: hashFiles(project, build),
  };
}

function stageText(stage: PlanStage): string {
  const lines = stage.inputs
    .filter((input) => input.entries.length > 0)
    .map(({ kind, entries }) => {
      if (kind === "command") return `  ${kind}: ${entries.join(" ")}`;
      const shown = entries.length <= SHOWN ? entries.join(", ") : `${entries.length} entries`;
      return `  ${kind}: ${shown}`;
    });
  const needs = stage.needs.length === 0 ? "" : `  after ${stage.needs.join(", ")}\n`;
  return `${stage.name}\n${needs}${lines.map((line) => `${line}\n`).join("")}`;
}
