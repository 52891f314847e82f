import { type LinkVariable, linkVariables, type OpenTree } from "../facts/index.ts";
import {
  type Diagnostic,
  editDistance,
  errorAt,
  type LocatedDescription,
  quote,
  short,
  suggest,
  warningAt,
} from "../description/index.ts";
import type { ScannedProgram } from "./inspected.ts";

/**
 * What is wrong with the variables of `build.vars`: the linker passes over those that it cannot set without a word, so
 * the program would print nothing. Of packages of the tree the source tells; of others nothing is said. A variable that
 * several programs share is told when none of them has it.
 */
export async function linkVariableProblems(
  programs: readonly ScannedProgram[],
  tree: OpenTree,
  located: LocatedDescription,
): Promise<readonly Diagnostic[]> {
  const found = (await Promise.all(programs.map((program) => problemsOf(program, tree)))).flat();
  const shared = countBy(programs.flatMap(keysOf));
  const wrong = countBy(found.map(({ key }) => key));
  const told = new Map(
    found.flatMap((problem) => {
      const { key, severity } = problem;
      const nowhere = wrong.get(key) === shared.get(key);
      return severity === "error" || nowhere ? [[key, problem] as const] : [];
    }),
  );
  return [...told.values()].map(({ severity, message, help, description, variable }) =>
    (severity === "error" ? errorAt : warningAt)("GF047", message, {
      file: located.source.filename,
      range: description.keyRangeOf(["build", "vars", variable]),
      help,
    }),
  );
}

interface Problem {
  /** Where in the description: the same for programs that share it. */
  readonly key: string;
  readonly variable: string;
  readonly description: ScannedProgram["description"];
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly help: string;
}

function keysOf({ description }: ScannedProgram): readonly string[] {
  return Object.keys(description.build.vars).map((variable) => keyOf(description, variable));
}

function keyOf(description: ScannedProgram["description"], variable: string): string {
  return description.pathOf(["build", "vars", variable]).join("\0");
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

async function problemsOf(program: ScannedProgram, tree: OpenTree): Promise<readonly Problem[]> {
  const { description, facts } = program;
  const packages = facts.platforms.flatMap((platform) => platform.packages);
  const ask = linkVariables(tree, packages);
  const found = Object.keys(description.build.vars).map(async (variable): Promise<readonly Problem[]> => {
    const words = await problemOf(variable, program, ask);
    if (words === undefined) return [];
    const key = keyOf(description, variable);
    return [{ ...words, severity: words.severity ?? "warning", description, variable, key }];
  });
  return (await Promise.all(found)).flat();
}

type Words = Pick<Problem, "message" | "help"> & { readonly severity?: "error" | undefined };

async function problemOf(
  variable: string,
  { facts, module }: ScannedProgram,
  ask: (importPath: string, name: string) => Promise<LinkVariable>,
): Promise<Words | undefined> {
  const dot = variable.lastIndexOf(".");
  const [written, name] = [variable.slice(0, dot), variable.slice(dot + 1)];
  if (written === facts.importPath) {
    return {
      message: `the linker knows the main package as main: ${quote(variable)} has no effect`,
      help: `write \`main.${name}\``,
    };
  }
  const path = written === "main" ? facts.importPath : written;
  const known = facts.platforms.flatMap((platform) => platform.packages.map(({ importPath }) => importPath));
  if (!known.includes(path)) return absentPackage(path, name, known, { facts, module });

  const answer = await ask(path, name);
  switch (answer.kind) {
    case "fits":
      return undefined;
    case "absent": {
      const near = suggest(name, answer.near);
      const declare = `declare it in the package: \`var ${name} string\``;
      return {
        message: `package ${short(written)} has no variable ${quote(name)}: setting it has no effect`,
        help: near === undefined ? declare : `did you mean \`${written}.${near}\`? Else ${declare}`,
      };
    }
    case "other":
      return {
        message: `${short(variable)} is a ${answer.what}, which the linker cannot set: it has no effect`,
        help: `make it a variable: \`var ${name} string\``,
      };
    case "not-string":
      return {
        severity: "error",
        message: `${short(variable)} is of type ${quote(answer.type).slice(1, -1)}, and the linker sets text only`,
        help: `make it a string: \`var ${name} string\``,
      };
    case "computed":
      return {
        message: `the program sets ${short(variable)} itself when it starts (\`${short(answer.value)}\`), after what the linker put in`,
        help: `give it no value, \`var ${name} string\`, or a constant one`,
      };
  }
}

/** A package that the service does not import; of those that other modules may import nothing is known. */
function absentPackage(
  path: string,
  name: string,
  known: readonly string[],
  { facts, module }: Pick<ScannedProgram, "facts" | "module">,
): Words | undefined {
  const exact =
    facts.complete && facts.platforms.every((platform) => platform.importedBackFiles.length === 0);
  if (!exact || facts.std.includes(path)) return undefined;
  const isOf = (prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  const required = [...module.goMod.require.map((require) => require.path), ...facts.outside];
  const isLocal = module.local.some((local) => isOf(local.path));
  // An import path without its module's: `internal/version.Version`.
  const whole = known.find((importPath) => importPath.endsWith(`/${path}`));
  const isForeign = !isLocal && (required.some(isOf) || !path.split("/")[0]?.includes("."));
  if (isForeign && whole === undefined) return undefined;
  const near =
    whole ?? known.find((importPath) => editDistance(importPath.slice(0, 200), path.slice(0, 200)) <= 2);
  return {
    message: `the service does not import the package ${quote(path)}: setting ${quote(name)} has no effect`,
    help:
      near === undefined
        ? "name a package that the service imports, or `main` for its own"
        : `did you mean \`${near === facts.importPath ? "main" : near}.${name}\`?`,
  };
}
