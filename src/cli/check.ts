import { formatDiagnostics } from "../spec/index.ts";
import type { CommandArgs, Terminal } from "./cli.ts";
import { openProject } from "./project.ts";

/** Reads everything a build would read, and says what is wrong; errors are thrown, warnings printed. */
export async function check(args: CommandArgs, terminal: Terminal): Promise<number> {
  const { plan, inspected, located } = await openProject(args);
  if (inspected.warnings.length > 0) terminal.err(formatDiagnostics(inspected.warnings, [located.source]));
  const names = plan.targets.map((target) => target.name).join(", ");
  terminal.err(`ok: ${plan.service.name} with ${plan.toolchain.reference}; targets: ${names}\n`);
  return 0;
}
