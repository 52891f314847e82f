// Reads what planning needs: the module, each service's main package, the files of its closure.
// This is the part of the room that waits; everything after it is arithmetic on plain data.
import {
  detectModule,
  findMains,
  findProfile,
  isWithin,
  readModFiles,
  resolveMain,
  scanServices,
  type FactsDiagnostic,
  type GoModule,
  type MainContext,
  type MainPackage,
  type ServiceQuery,
  type OpenTree,
} from "../facts/index.ts";
import {
  type BinaryDescription,
  type Diagnostic,
  diagnosticError,
  errorAt,
  formatPlatform,
  type LocatedDescription,
  type Path,
  type Platform,
  type Range,
  serviceName,
  type ServiceDescription,
  servicesOf,
} from "../description/index.ts";
import { notAllowed } from "./allowed.ts";
import { unusedBuildArgs } from "./build-args.ts";
import {
  type Generate,
  serviceTrees,
  type ServiceTree,
  unreadSteps,
  withoutKnowledge,
} from "./generated-trees.ts";
import { binaryPath } from "./image.ts";
import { inputFiles } from "./generators.ts";
import type { Inspected, InspectedService, ScannedProgram } from "./inspected.ts";
import { linkVariableProblems } from "./link-vars.ts";
import { passwordsInArguments } from "./passwords.ts";
import { programProblems } from "./programs.ts";
import { type FindCommit, stampsOf } from "./stamps.ts";
import { startProblems } from "./startable.ts";
import { chooseToolchain, releaseTooOld } from "./toolchain.ts";
import type { BuildRequest, GeneratorPlan, ToolchainPlan } from "./types.ts";

/** What a builder does for, and has told of, the tree that is read. */
export interface Asking {
  /** Called as soon as a toolchain is known, so that its image can be resolved while files are read. */
  readonly onToolchain?: ((toolchain: ToolchainPlan) => void) | undefined;
  /** Packages of the tree that other modules import, where that is known already. */
  readonly importedBack?: readonly string[] | undefined;
  /** Finds where more of the commit can be learned than the request tells. */
  readonly findCommit?: FindCommit | undefined;
  /** Absent: nobody knows what steps of the description write. */
  readonly generate?: Generate | undefined;
}

/**
 * Reads the source tree for every service of the description.
 *
 * @throws a DiagnosticError that holds all independent errors
 */
export async function inspect(
  located: LocatedDescription,
  tree: OpenTree,
  request: BuildRequest,
  {
    onToolchain = () => {},
    importedBack = [],
    findCommit = () => Promise.resolve({}),
    generate,
  }: Asking = {},
): Promise<Inspected> {
  const descriptions = servicesOf(located);
  const file = located.source.filename;
  const warnings: Diagnostic[] = [...unusedBuildArgs(located, request)];
  const refused = [...notAllowed(located, request), ...passwordsInArguments(located, request)];
  // Nobody is asked for an image that may not be used.
  const resolveEarly = refused.some(isError) ? () => {} : onToolchain;
  // Nor is anything run that may not.
  const run = refused.some(isError) ? undefined : generate;
  const trees = await serviceTrees(descriptions, located, tree, request, run);
  const prepared = await Promise.all(
    descriptions.map((description, index) =>
      prepare(description, located, trees[index] ?? noSteps(tree), request, resolveEarly),
    ),
  );
  const problems = [
    ...refused,
    ...trees.flatMap((each) => each.problems),
    ...prepared.flatMap((each) => each.diagnostics),
  ];
  const usable = prepared.flatMap((each) => (each.service === undefined ? [] : [each.service]));
  const programs = usable.flatMap((service) =>
    service.programs.map((program) => ({ program, of: service.of })),
  );
  const scanned = new Map<Prepared, ScannedProgram>();
  const readFrom = problems.some(isError) ? [] : [...Map.groupBy(programs, ({ of }) => of.tree)];
  const read = await Promise.all(
    readFrom.map(async ([source, group]) => {
      const queries = group.map(({ program }) => queryFor(program, importedBack));
      const facts = await scanServices(source, queries);
      return { source, found: group.map((each, index) => ({ ...each, facts: facts[index] })) };
    }),
  );
  const known = new Map<OpenTree, ScannedProgram[]>();
  for (const { source, found } of read) {
    for (const { program, of, facts } of found) {
      if (facts === undefined) throw new Error("no facts came back for a program");
      const told = of.known ? facts : withoutKnowledge(facts);
      problems.push(
        ...told.diagnostics.map((each) => toDiagnostic(each, file, program.description.rangeOf(program.at))),
      );
      const profile = program.description.build.pgo.kind === "auto" ? told.profile : program.profile;
      const one: ScannedProgram = { ...program, facts: told, profile };
      scanned.set(program, one);
      if (of.known) known.set(source, [...(known.get(source) ?? []), one]);
    }
  }
  const isWrong = problems.some(isError);
  const services = await Promise.all(
    usable.map(async ({ of, ...service }): Promise<InspectedService> => {
      const programs = isWrong ? [] : service.programs.flatMap((program) => scanned.get(program) ?? []);
      // What a step writes is in no commit: what it reads counts.
      const inputs = await inputFiles(tree, of.generators);
      const committed = new Map(
        programs.map((program) => [program, asCommitted(program, of.generators, inputs)]),
      );
      const { stamps, problems: unknown } = await stampsOf(
        [...committed.values()],
        located,
        of.tree,
        request,
        findCommit,
      );
      problems.push(...unknown);
      const files = programs.flatMap(({ facts, profile }) => [
        ...facts.files,
        ...(profile === undefined ? [] : [profile]),
      ]);
      const isExact = programs.length > 0 && programs.every(({ facts }) => facts.complete);
      if (isExact) problems.push(...unreadSteps(of, service.description, files, located));
      return {
        ...service,
        generators: of.generators,
        programs: programs.map((program) => ({
          ...program,
          stamps: stamps(committed.get(program) ?? program),
        })),
      };
    }),
  );
  if (!isWrong) {
    for (const [source, group] of known) {
      problems.push(...(await linkVariableProblems(group, source, located)));
    }
  }
  const errors = problems.filter(isError);
  if (errors.length > 0) throw diagnosticError(dedupe(errors));
  warnings.push(...problems);
  return { services, warnings: dedupe(warnings) };
}

type Prepared = Omit<ScannedProgram, "facts">;

interface PreparedService extends Omit<InspectedService, "programs" | "generators"> {
  readonly of: ServiceTree;
  readonly programs: readonly Prepared[];
}

/** A program with the files that decide whether it differs from a commit. */
function asCommitted(
  program: ScannedProgram,
  generators: readonly GeneratorPlan[],
  inputs: readonly string[] | undefined,
): ScannedProgram {
  if (generators.length === 0) return program;
  const { facts } = program;
  const outputs = generators.flatMap((generator) => generator.outputs);
  const files = facts.files.filter((file) => !outputs.some(({ path }) => isWithin(file, path)));
  return {
    ...program,
    facts: {
      ...facts,
      files: [...files, ...(inputs ?? [])],
      complete: facts.complete && inputs !== undefined,
    },
  };
}

function noSteps(tree: OpenTree): ServiceTree {
  return { tree, generators: [], known: true, problems: [] };
}

function queryFor(program: Prepared, importedBack: readonly string[]): ServiceQuery {
  return {
    module: program.module,
    main: program.main.dir,
    platforms: program.platforms,
    tags: program.description.build.tags,
    cgo: false,
    ...releaseOf(program.toolchain, program.description),
    importedBack,
  };
}

async function prepare(
  description: ServiceDescription,
  located: LocatedDescription,
  of: ServiceTree,
  request: BuildRequest,
  onToolchain: NonNullable<Asking["onToolchain"]>,
): Promise<{ service?: PreparedService | undefined; diagnostics: readonly Diagnostic[] }> {
  const { tree } = of;
  const file = located.source.filename;
  const report = (path: Path) => (each: FactsDiagnostic) =>
    toDiagnostic(each, file, description.rangeOf(path));
  const detected = await Promise.all(
    description.binaries.map(async (binary) => ({ binary, found: await detectModule(tree, binary.module) })),
  );
  const diagnostics = detected.flatMap(({ binary, found }) => found.diagnostics.map(report(binary.moduleAt)));
  const usable = detected.flatMap(({ binary, found }) =>
    found.ok ? [{ binary, module: found.module }] : [],
  );
  const [first] = usable;
  if (first === undefined || usable.length < detected.length) return { diagnostics };

  const modules = usable.map(({ module }) => module);
  const toolchain = chooseToolchain(located, modules, request);
  onToolchain(toolchain);
  const platforms = choosePlatforms(description, request);
  const given = description.name ?? description.key;
  const name = given ?? lastElement(first.module.path);
  const { pgo } = description.build;
  const context = {
    platforms,
    tags: description.build.tags,
    cgo: false,
    ...releaseOf(toolchain, description),
  };
  const programs = await Promise.all(
    usable.map(async ({ binary, module }) => {
      const [{ main, diagnostics: wrong }, modFiles, profile] = await Promise.all([
        findMain(tree, module, binary, context),
        readModFiles(tree, module),
        pgo.kind === "profile" ? findProfile(tree, description.module, pgo.path) : undefined,
      ]);
      const found: readonly Diagnostic[] = [
        ...wrong.map(report(binary.at)),
        ...(profile?.ok === false ? [report(["build", "pgo"])(profile.diagnostic)] : []),
      ];
      const program =
        main === undefined
          ? undefined
          : {
              description,
              service: name,
              name: binary.name ?? name,
              path: binary.path ?? binaryPath(binary.name ?? name),
              at: binary.at,
              module,
              main,
              platforms,
              modFiles,
              toolchain,
              profile: profile?.ok === true ? profile.path : undefined,
            };
      return { program, found };
    }),
  );
  const ready = programs.flatMap(({ program }) => program ?? []);
  return {
    service: { description, name, platforms, toolchain, of, programs: ready },
    diagnostics: [
      ...diagnostics,
      ...modules.flatMap((module) => releaseTooOld(located, module) ?? []),
      ...(given === undefined ? unfitName(name, first.module) : []),
      ...programs.flatMap(({ found }) => found),
      ...programProblems(ready, located),
      ...startProblems(description, ready, located),
    ],
  };
}

async function findMain(
  tree: OpenTree,
  module: GoModule,
  { main: written, at }: BinaryDescription,
  context: MainContext,
): Promise<{ readonly main: MainPackage | undefined; readonly diagnostics: readonly FactsDiagnostic[] }> {
  if (written === undefined) {
    const { chosen, all, diagnostics } = await findMains(tree, module, context);
    const [, name] = at;
    const [named, ...others] = all.filter(({ dir }) => dir.split("/").at(-1) === name);
    return named !== undefined && others.length === 0
      ? { main: named, diagnostics: [] }
      : { main: chosen, diagnostics };
  }
  const found = await resolveMain(tree, module, written, context);
  return { main: found.ok ? found.main : undefined, diagnostics: found.diagnostics };
}

function choosePlatforms(description: ServiceDescription, request: BuildRequest): readonly Platform[] {
  // A platform that the client names twice is one: an index cannot hold it twice.
  const asked = new Map(request.platforms.map((platform) => [formatPlatform(platform), platform]));
  if (asked.size > 0) return [...asked.values()];
  return description.platforms ?? [request.buildPlatform];
}

/**
 * What decides the tags of the toolchain, as far as it is known. Which tags an experiment or a level brings, Go decides:
 * files that depend on them are sent.
 */
function releaseOf(
  { goVersion, atLeast }: ToolchainPlan,
  { build: { experiments, levels } }: ServiceDescription,
): { goVersion: string; unknownToolchain: boolean } {
  const isChosen = experiments.length > 0 || Object.keys(levels).length > 0;
  return { goVersion: atLeast ?? goVersion, unknownToolchain: atLeast !== undefined || isChosen };
}

/** The name is a file of the image and part of targets, so a path of a module may have more in it than a name can. */
function unfitName(name: string, { goMod }: GoModule): readonly Diagnostic[] {
  const named = serviceName(name);
  if (named.ok) return [];
  const start = { line: 1, column: 1, ...goMod.module?.at, offset: 0 };
  return [
    errorAt("GF040", `the last element of the module path ${named.problem.message}`, {
      file: goMod.file,
      range: { start, end: start },
      help: `set \`name:\` in the description; ${named.problem.help}`,
    }),
  ];
}

/** The last element of a module path that is not a major version: "orders" for example.com/orders/v2. */
function lastElement(modulePath: string): string {
  const elements = modulePath.split("/");
  const last = elements.at(-1) ?? modulePath;
  return /^v[0-9]+$/.test(last) && elements.length > 1 ? (elements.at(-2) ?? last) : last;
}

/** A finding without a file of its own belongs to the description's value that led to it. */
export function toDiagnostic(found: FactsDiagnostic, description: string, range: Range): Diagnostic {
  const { severity, code, message, help } = found;
  if (found.file === undefined) return { severity, code, message, help, file: description, range };
  const start = { ...found.position, offset: 0 };
  return { severity, code, message, help, file: found.file, range: { start, end: start } };
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error";
}

/** Several services of one module say the same thing about it. */
function dedupe(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map(
    diagnostics.map((each) => [
      JSON.stringify([each.file, each.range?.start.line, each.code, each.message]),
      each,
    ]),
  );
  return [...seen.values()];
}
