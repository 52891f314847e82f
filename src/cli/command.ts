// What every command is given, and how it answers.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Platform, visibleText } from "../description/index.ts";

export interface Terminal {
  readonly out: (bytes: Uint8Array | string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  /** Where the user is: paths on the command line are relative to it. */
  readonly cwd: string;
}

/** What says which folder to read and what of it to build. */
export interface ProjectArgs {
  readonly positionals: readonly string[];
  readonly file: string | undefined;
  readonly target: string;
  readonly platforms: readonly Platform[];
  readonly buildArgs: readonly string[];
  /** Folders beside the one that is read, `NAME=FOLDER`. */
  readonly buildContexts?: readonly string[] | undefined;
}

/** Values of the options that all commands share. */
export interface CommandArgs extends ProjectArgs {
  readonly format: string | undefined;
  readonly output: string | undefined;
  readonly dump: boolean;
  readonly plan: string | undefined;
}

/** A path of the command line. */
export function pathFrom({ cwd }: Pick<Terminal, "cwd">, path: string): string {
  return resolve(cwd, path);
}

/**
 * Writes a command's result to the file the user named, or to standard output. Text may quote any name of a source
 * tree, and a terminal shows it sooner or later: what acts on one is made visible.
 */
export function emit(args: CommandArgs, terminal: Terminal, result: Uint8Array | string): void {
  const content = typeof result === "string" ? visibleText(result) : result;
  if (args.output === undefined || args.output === "-") terminal.out(content);
  else writeFileSync(pathFrom(terminal, args.output), content);
}
