import { formatDiagnostics } from "../spec/index.ts";
import type { CommandArgs, Terminal } from "./cli.ts";
import { openProjects } from "./project.ts";

/** Reads everything a build would read, and says what is wrong; errors are thrown, warnings printed. */
export async function check(args: CommandArgs, terminal: Terminal): Promise<number> {
  const projects = await openProjects(args);
  for (const { located, inspected } of projects.slice(0, 1)) {
    if (inspected.warnings.length > 0) terminal.err(formatDiagnostics(inspected.warnings, [located.source]));
  }
  const services = projects.map(({ plan }) => `${plan.service.name} with ${plan.toolchain.reference}`);
  const targets = projects[0]?.plan.targets.map((target) => target.name) ?? [];
  terminal.err(`ok: ${services.join(", ")}; targets: ${targets.join(", ")}\n`);
  return 0;
}
