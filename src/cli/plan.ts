import type { CommandArgs, Terminal } from "./cli.ts";
import { emit, openProject } from "./project.ts";

/** Prints the plan: plain data, the same that the frontend would build. */
export async function planCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  const { plan } = await openProject(args);
  emit(args, terminal, `${JSON.stringify(plan, null, 2)}\n`);
  return 0;
}
