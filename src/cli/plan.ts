import { toDot, toSvg } from "../llb/index.ts";
import { type PlanStage, stagesOf } from "../plan/index.ts";
import { printable, visibleJson } from "../description/index.ts";
import type { CommandArgs, Terminal } from "./cli.ts";
import { localDefinition } from "./llb.ts";
import { emit, hashFiles, openProject } from "./project.ts";

/** Lists longer than this are told by their number. */
const SHOWN = 8;

/**
 * Prints the plan: as JSON, the same plain data that the frontend builds, with the digests of the
 * files it reads; as text, its stages and what each is keyed on; or as a picture of its graph.
 */
export async function planCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  const project = await openProject(args);
  switch (args.format ?? "json") {
    case "json":
      emit(args, terminal, `${visibleJson({ ...project.plan, contents: hashFiles(project) }, 2)}\n`);
      return 0;
    case "text":
      emit(args, terminal, stagesOf(project.plan).map(stageText).join("\n"));
      return 0;
    case "dot":
      emit(args, terminal, toDot(localDefinition(project)));
      return 0;
    case "svg":
      emit(args, terminal, printable(toSvg(localDefinition(project))));
      return 0;
    default:
      terminal.err(
        `go-frontend: unknown format ${JSON.stringify(args.format)}; use json, text, dot or svg\n`,
      );
      return 2;
  }
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
