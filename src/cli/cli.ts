import { parseArgs } from "node:util";
import {
  formatDiagnostics,
  isDiagnosticError,
  goPlatform,
  type Platform,
  visibleText,
} from "../description/index.ts";
import { bakeCommand } from "./bake.ts";
import { check } from "./check.ts";
import type { CommandArgs, Terminal } from "./command.ts";
import { dumpCommand } from "./dump.ts";
import { llbCommand } from "./llb.ts";
import { planCommand } from "./plan.ts";
import { schemaCommand } from "./schema.ts";
import { whyCommand } from "./why.ts";

const USAGE = `go-frontend: builds Go services with BuildKit, from one short file

  go-frontend check [FOLDER]           read the description and the source tree, report what is wrong
  go-frontend plan  [FOLDER]           print the steps as JSON (--format text: the stages and their inputs)
  go-frontend llb   [FOLDER]           write the build graph, for: go-frontend llb . | buildctl build --local context=.
  go-frontend llb --plan FILE          write the graph of a plan that was printed
  go-frontend llb --dump [FILE|-]      print any graph (--format json, dot or svg)
  go-frontend why   A B                say which stages of B have to run again after A, and why; each is a folder,
                                       a plan, a graph, or a record: provenance of mode=max, as an attestation or
                                       in the file of docker buildx build --metadata-file
  go-frontend bake  [FOLDER]           write a definition for docker buildx bake that lists every target
  go-frontend schema                   print the JSON Schema of the description, for editors

options
  -f, --file FILE          the description (default: service.yaml, go-frontend.yaml or Dockerfile in FOLDER)
      --target NAME        what to build: image, binary, or a service
      --platform P[,P]     target platforms, such as linux/amd64,linux/arm64
      --build-arg K=V      value for one of the description's args
      --format FORMAT      plan: json, text, dot, svg. llb --dump: json, dot, svg
  -o, --output FILE        write there instead of to standard output
`;

/** Runs one command; the result is the exit code: 0, 1 for errors in the user's files, 2 for a wrong command line. */
export async function runCli(argv: readonly string[], to: Terminal): Promise<number> {
  // What is said may quote any byte of a file.
  const terminal = { ...to, err: (text: string): void => to.err(visibleText(text)) };
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.err(USAGE);
    return name === undefined ? 2 : 0;
  }
  let args: CommandArgs;
  try {
    args = readArgs(rest);
  } catch (error) {
    terminal.err(`go-frontend: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  try {
    switch (name) {
      case "check":
        return await check(args, terminal);
      case "plan":
        return await planCommand(args, terminal);
      case "llb":
        return await (args.dump ? dumpCommand(args, terminal) : llbCommand(args, terminal));
      case "bake":
        return await bakeCommand(args, terminal);
      case "why":
        return await whyCommand(args, terminal);
      case "schema":
        return schemaCommand(args, terminal);
      default:
        terminal.err(`go-frontend: unknown command ${JSON.stringify(name)}\n\n${USAGE}`);
        return 2;
    }
  } catch (error) {
    if (isDiagnosticError(error)) {
      terminal.err(`${formatDiagnostics(error.diagnostics, error.sources)}\n`);
      return 1;
    }
    terminal.err(`go-frontend: ${(error as Error).message}\n`);
    return 1;
  }
}

function readArgs(rest: readonly string[]): CommandArgs {
  const { values, positionals } = parseArgs({
    args: [...rest],
    allowPositionals: true,
    options: {
      file: { type: "string", short: "f" },
      target: { type: "string", default: "" },
      platform: { type: "string", multiple: true, default: [] },
      "build-arg": { type: "string", multiple: true, default: [] },
      format: { type: "string" },
      output: { type: "string", short: "o" },
      dump: { type: "boolean", default: false },
      plan: { type: "string" },
    },
  });
  const platforms = values.platform.flatMap((text) => text.split(",")).filter((text) => text !== "");
  return {
    positionals,
    file: values.file,
    target: values.target,
    platforms: platforms.map(platformOf),
    buildArgs: values["build-arg"],
    format: values.format,
    output: values.output,
    dump: values.dump,
    plan: values.plan,
  };
}

function platformOf(text: string): Platform {
  const parsed = goPlatform(text);
  if (parsed.ok) return parsed.value;
  throw new Error(`--platform: ${parsed.problem.message}; ${parsed.problem.help}`);
}
