import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { goPlatform, type Platform, quote, suggest } from "../description/index.ts";
import { parsed, type Parsed, refused } from "../oci/index.ts";
import type { CommandArgs } from "./command.ts";

/** What is wrong with a command line, and what to write instead. */
export interface UsageProblem {
  readonly message: string;
  readonly help: string;
}

/** A mistake on the command line, as all errors are told: what is wrong, then the fix. */
export function usageText({ message, help }: UsageProblem): string {
  return `go-frontend: ${message}\nhelp: ${help}\n`;
}

/** What is said of a `--format` that a command does not have. */
export function unknownFormat(format: string | undefined, known: readonly string[]): string {
  return usageText({
    message: `unknown format ${quote(format ?? "")}`,
    help: `the formats are ${known.join(", ")}`,
  });
}

/** Reads what stands behind a command's name. */
export function readArgs(args: readonly string[]): Parsed<CommandArgs, UsageProblem> {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    const problem = token.kind === "option" ? optionProblem(token) : undefined;
    if (problem !== undefined) return refused(problem);
  }
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const platforms: Platform[] = [];
  for (const name of values.platform.flatMap((list) => list.split(",")).filter((text) => text !== "")) {
    const platform = goPlatform(name);
    if (!platform.ok) {
      const { message, help } = platform.problem;
      return refused({ message: `--platform: ${message}`, help });
    }
    platforms.push(platform.value);
  }
  return parsed({
    positionals,
    file: values.file,
    target: values.target,
    platforms,
    buildArgs: values["build-arg"],
    buildContexts: values["build-context"],
    format: values.format,
    output: values.output,
    dump: values.dump,
    plan: values.plan,
  });
}

const options = {
  file: { type: "string", short: "f" },
  target: { type: "string", default: "" },
  platform: { type: "string", multiple: true, default: [] },
  "build-arg": { type: "string", multiple: true, default: [] },
  "build-context": { type: "string", multiple: true, default: [] },
  format: { type: "string" },
  output: { type: "string", short: "o" },
  dump: { type: "boolean", default: false },
  plan: { type: "string" },
} satisfies ParseArgsOptionsConfig;

/** What the value of each is called; `--dump` has none. */
const valueNames: ReadonlyMap<string, string> = new Map([
  ["file", "FILE"],
  ["target", "NAME"],
  ["platform", "OS/ARCH"],
  ["build-arg", "NAME=VALUE"],
  ["build-context", "NAME=FOLDER"],
  ["format", "FORMAT"],
  ["output", "FILE"],
  ["plan", "FILE"],
]);

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function optionProblem({ name, rawName, value, inlineValue }: OptionToken): UsageProblem | undefined {
  if (!Object.hasOwn(options, name)) {
    const near = suggest(name, Object.keys(options));
    const help = near === undefined ? "`go-frontend help` lists the options" : `did you mean \`--${near}\`?`;
    return { message: `unknown option ${quote(rawName)}`, help };
  }
  const valueName = valueNames.get(name);
  if (valueName === undefined) {
    return value === undefined
      ? undefined
      : { message: `${rawName} takes no value`, help: `write \`${rawName}\` alone` };
  }
  // A dash alone is standard output.
  const isOption = inlineValue !== true && value !== undefined && /^-./.test(value);
  if (value !== undefined && !isOption) return undefined;
  return {
    message: `${rawName} has no value`,
    help: isOption
      ? `write \`${rawName} ${valueName}\`, or \`--${name}=${value}\` where the value begins with a dash`
      : `write \`${rawName} ${valueName}\``,
  };
}
