import { formatDiagnostics, isDiagnosticError, quote, suggest, visibleText } from "../description/index.ts";
import { readArgs, usageText } from "./arguments.ts";
import { bakeCommand } from "./bake.ts";
import { check } from "./check.ts";
import type { Terminal } from "./command.ts";
import { dumpCommand } from "./dump.ts";
import { llbCommand } from "./llb.ts";
import { planCommand } from "./plan.ts";
import { schemaCommand } from "./schema.ts";
import { VERSION } from "./version.ts";
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
  go-frontend version                  print the version of this command

options
  -f, --file FILE          the description (default: service.yaml, go-frontend.yaml or Dockerfile in FOLDER)
      --target NAME        what to build: image, binary, or a service
      --platform P[,P]     target platforms, such as linux/amd64,linux/arm64
      --build-arg K=V      value for one of the description's args
      --build-context K=V  a folder that answers a replace of go.mod which leaves FOLDER, by its name or the module's
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
  if (name === "version" || name === "--version") {
    terminal.out(`go-frontend ${VERSION}\n`);
    return 0;
  }
  const most = commands.get(name);
  if (most === undefined) {
    const near = suggest(name, commands.keys());
    const help = near === undefined ? "`go-frontend help` lists the commands" : `did you mean \`${near}\`?`;
    terminal.err(usageText({ message: `unknown command ${quote(name)}`, help }));
    return 2;
  }
  if (rest.some((word) => word === "--help" || word === "-h")) {
    terminal.err(USAGE);
    return 0;
  }
  const read = readArgs(rest);
  const [, second] = read.ok ? read.value.positionals : [];
  if (!read.ok) {
    terminal.err(usageText(read.problem));
    return 2;
  }
  if (most === 1 && second !== undefined) {
    const message = `${name} takes one folder, and ${quote(second)} is a second one`;
    terminal.err(usageText({ message, help: "run it once for each; a description is named with `-f FILE`" }));
    return 2;
  }
  const args = read.value;
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
        throw new Error(`no command ${name}`);
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

/** How many folders or files each command takes. */
const commands: ReadonlyMap<string, number> = new Map([
  ["check", 1],
  ["plan", 1],
  ["llb", 1],
  ["bake", 1],
  ["why", 2],
  ["schema", 0],
  ["version", 0],
  ["help", 0],
]);
