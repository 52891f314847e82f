import { definitionFromBytes, dump, toDot } from "../llb/index.ts";
import { printable, visibleJson } from "../description/index.ts";
import { unknownFormat } from "./arguments.ts";
import { type CommandArgs, emit, pathFrom, type Terminal } from "./command.ts";
import { toSvg } from "./picture/svg.ts";
import { readStream } from "./read.ts";

/** Prints any definition for people, from a file or standard input, whoever made it. */
export async function dumpCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  const [name = "-"] = args.positionals;
  const path = name === "-" ? name : pathFrom(terminal, name);
  const bytes = await readStream(path, MOST);
  const definition = definitionFromBytes(bytes);
  switch (args.format ?? "json") {
    case "json":
      emit(args, terminal, `${visibleJson(dump(definition), 2)}\n`);
      return 0;
    case "dot":
      emit(args, terminal, toDot(definition));
      return 0;
    case "svg":
      emit(args, terminal, printable(toSvg(definition)));
      return 0;
    default:
      terminal.err(unknownFormat(args.format, ["json", "dot", "svg"]));
      return 2;
  }
}

/** Of a graph; BuildKit takes no message of as much. */
const MOST = 16 << 20;
