import { folderTree, openTree } from "../facts/index.ts";
import { sourcesFor } from "../plan/index.ts";
import { formatDiagnostics } from "../description/index.ts";
import type { CommandArgs, Terminal } from "./command.ts";
import { openProjects } from "./project.ts";

/** Reads everything a build would read, and says what is wrong; errors are thrown, warnings printed. */
export async function check(args: CommandArgs, terminal: Terminal): Promise<number> {
  const projects = await openProjects(args, terminal);
  // All of them are of one folder, and were warned of the same.
  const [project] = projects;
  if (project !== undefined && project.inspected.warnings.length > 0) {
    const { warnings } = project.inspected;
    const sources = await sourcesFor(warnings, project.located.source, openTree(folderTree(project.folder)));
    terminal.err(`${formatDiagnostics(warnings, sources)}\n\n`);
  }
  const services = projects.map(({ plan }) => `${plan.service.name} with ${plan.toolchain.reference}`);
  const targets = projects[0]?.plan.targets.map((target) => target.name) ?? [];
  terminal.err(`ok: ${services.join(", ")}; targets: ${targets.join(", ")}\n`);
  return 0;
}
