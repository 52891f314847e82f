import type { CommandArgs, Terminal } from "./cli.ts";

/** Prints a definition for people; see src/llb/dump.ts. */
export function dumpCommand(_args: CommandArgs, _terminal: Terminal): Promise<number> {
  return Promise.reject(new Error("not there yet"));
}
