import { relative } from "node:path";
import { formatPlatform, visibleJson } from "../description/index.ts";
import { type Target, targetsOf } from "../plan/index.ts";
import { type CommandArgs, emit, pathFrom, type Terminal } from "./command.ts";
import { descriptionFile, inspectProject } from "./project.ts";

/**
 * Writes a definition for `docker buildx bake` with every target of the description: a group of all images, which is
 * the default, and one of all executables. Paths are relative to where the user is, as bake reads them.
 */
export async function bakeCommand(args: CommandArgs, terminal: Terminal): Promise<number> {
  const { inspected } = await inspectProject(args, terminal);
  const folder = args.positionals[0] ?? ".";
  const file = relative(pathFrom(terminal, folder), descriptionFile(args, terminal));
  const named = bakeTargets(targetsOf(inspected.services));
  const platformsOf = ({ service }: Target): readonly string[] => {
    const found = inspected.services.find(({ name }) => name === service);
    return (args.platforms.length > 0 ? args.platforms : (found?.description.platforms ?? [])).map(
      formatPlatform,
    );
  };
  const buildArgs = args.buildArgs.filter((pair) => pair.includes("="));
  const common = {
    context: literal(folder),
    dockerfile: literal(file),
    ...(buildArgs.length === 0 ? {} : { args: Object.fromEntries(buildArgs.map(argument)) }),
  };
  const namesOf = (output: Target["output"]): readonly string[] =>
    [...named].flatMap(([name, target]) => (target.output === output ? [name] : []));
  const definition = {
    variable: { REPOSITORY: { default: "" }, TAG: { default: "latest" } },
    group: { default: { targets: namesOf("image") }, binaries: { targets: namesOf("binary") } },
    target: Object.fromEntries(
      [...named].map(([name, target]) => {
        const platforms = platformsOf(target);
        return [
          name,
          {
            ...common,
            target: target.name,
            ...(platforms.length === 0 ? {} : { platforms }),
            ...resultOf(target),
          },
        ];
      }),
    ),
  };
  emit(args, terminal, `${visibleJson(definition, 2)}\n`);
  return 0;
}

/** Images have tags; executables go into folders. */
function resultOf({ output, service }: Target): Readonly<Record<string, readonly string[]>> {
  const tag = `\${REPOSITORY}${service.toLowerCase()}:\${TAG}`;
  switch (output) {
    case "image":
      return { tags: [tag] };
    case "debug":
      return { tags: [`${tag}-debug`] };
    case "binary":
      return { output: [`type=local,dest=bin/${service}`] };
    case "symbols":
      return { output: [`type=local,dest=symbols/${service}`] };
  }
}

/**
 * The targets by names that bake takes: letters, digits, `_` and `-` (docker/buildx:bake/bake.go, validateTargetName).
 * An only service goes by its name.
 */
function bakeTargets(targets: readonly Target[]): ReadonlyMap<string, Target> {
  const found = new Map<string, Target>();
  const ends = { image: "", binary: "-binary", symbols: "-symbols", debug: "-debug" };
  // Images first: theirs are the names that people write.
  for (const output of ["image", "binary", "symbols", "debug"] as const) {
    const services = new Map(
      targets.flatMap((target) => (target.output === output ? [[target.service, target]] : [])),
    );
    for (const [service, target] of services) {
      found.set(free(`${service.replaceAll(".", "-")}${ends[output]}`, found), target);
    }
  }
  return found;
}

/** Groups have names too. */
const taken: ReadonlySet<string> = new Set(["default", "binaries"]);

function free(name: string, found: ReadonlyMap<string, Target>): string {
  return found.has(name) || taken.has(name) ? free(`${name}_`, found) : name;
}

function argument(pair: string): readonly [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), literal(pair.slice(at + 1))];
}

/** Text in which nothing is put in: `${` begins an expression of bake, `%{` a directive. */
function literal(text: string): string {
  return text.replaceAll(/[$%]\{/g, (begin) => `${begin.slice(0, 1)}${begin}`);
}
