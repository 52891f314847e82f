import { jsonSchema, visibleJson } from "../description/index.ts";
import { type CommandArgs, emit, type Terminal } from "./command.ts";

/** The description's JSON Schema, for editors. */
export function schemaCommand(args: CommandArgs, terminal: Terminal): number {
  emit(args, terminal, `${visibleJson(jsonSchema(), 2)}\n`);
  return 0;
}
