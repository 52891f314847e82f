// Reads what planning needs: the module, each service's main package, the files of its closure.
// This is the part of the room that waits; everything after it is arithmetic on plain data.
import {
  detectModule,
  findMains,
  findProfile,
  readModFiles,
  resolveMain,
  scanServices,
  type FactsDiagnostic,
  type GoModule,
  type MainContext,
  type MainPackage,
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
import { binaryPath } from "./image.ts";
import type { Inspected, InspectedService, ScannedProgram } from "./inspected.ts";
import { linkVariableProblems } from "./link-vars.ts";
import { passwordsInArguments } from "./passwords.ts";
import { programProblems } from "./programs.ts";
import { type FindCommit, stampsOf } from "./stamps.ts";
import { startProblems } from "./startable.ts";
import { chooseToolchain, releaseTooOld } from "./toolchain.ts";
import type { BuildRequest, ToolchainPlan } from "./types.ts";

/** Called as soon as a toolchain is known, so that its image can be resolved while files are read. */
export type OnToolchain = (toolchain: ToolchainPlan) => void;

/**
 * Reads the source tree for every service of the description.
 *
 * @param importedBack packages of the tree that other modules import, where that is known already
 * @param findCommit finds where more of the commit can be learned than the request tells
 * @throws a DiagnosticError that holds all independent errors
 */
export async function inspect(
  located: LocatedDescription,
  tree: OpenTree,
  request: BuildRequest,
  onToolchain: OnToolchain = () => {},
  importedBack: readonly string[] = [],
  findCommit: FindCommit = () => Promise.resolve({}),
): Promise<Inspected> {
  const descriptions = servicesOf(located);
  const file = located.source.filename;
  const warnings: Diagnostic[] = [...unusedBuildArgs(located, request)];
  const refused = [...notAllowed(located, request), ...passwordsInArguments(located, request)];
  // Nobody is asked for an image that may not be used.
  const resolveEarly = refused.some(isError) ? () => {} : onToolchain;
  const prepared = await Promise.all(
    descriptions.map((description) => prepare(description, located, tree, request, resolveEarly)),
  );
  const problems = [...refused, ...prepared.flatMap((each) => each.diagnostics)];
  const usable = prepared.flatMap((each) => (each.service === undefined ? [] : [each.service]));
  const programs = usable.flatMap((service) => service.programs);
  const facts = problems.some(isError)
    ? []
    : await scanServices(
        tree,
        programs.map((program) => ({
          module: program.module,
          main: program.main.dir,
          platforms: program.platforms,
          tags: program.description.build.tags,
          cgo: false,
          ...releaseOf(program.toolchain),
          importedBack,
        })),
      );
  const scanned = new Map(
    facts.map((found, index): [Prepared, ScannedProgram] => {
      const program = programs[index];
      if (program === undefined) throw new Error("facts came back for a program that was not asked for");
      problems.push(
        ...found.diagnostics.map((each) => toDiagnostic(each, file, program.description.rangeOf(program.at))),
      );
      const profile = program.description.build.pgo.kind === "auto" ? found.profile : program.profile;
      return [program, { ...program, facts: found, profile }];
    }),
  );
  const isWrong = problems.some(isError);
  const services = await Promise.all(
    usable.map(async (service) => {
      const programs = isWrong ? [] : service.programs.flatMap((program) => scanned.get(program) ?? []);
      const { stamps, problems: unknown } = await stampsOf(programs, located, tree, request, findCommit);
      problems.push(...unknown);
      return {
        ...service,
        programs: programs.map((program) => ({ ...program, stamps: stamps(program) })),
      };
    }),
  );
  if (!isWrong) {
    problems.push(...(await linkVariableProblems([...scanned.values()], tree, located)));
  }
  const errors = problems.filter(isError);
  if (errors.length > 0) throw diagnosticError(dedupe(errors));
  warnings.push(...problems);
  return { services, warnings: dedupe(warnings) };
}

type Prepared = Omit<ScannedProgram, "facts">;

type PreparedService = Omit<InspectedService, "programs"> & { readonly programs: readonly Prepared[] };

async function prepare(
  description: ServiceDescription,
  located: LocatedDescription,
  tree: OpenTree,
  request: BuildRequest,
  onToolchain: OnToolchain,
): Promise<{ service?: PreparedService | undefined; diagnostics: readonly Diagnostic[] }> {
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
  const context = { platforms, tags: description.build.tags, cgo: false, ...releaseOf(toolchain) };
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
    service: { description, name, platforms, toolchain, programs: ready },
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

/** What decides the tags of the toolchain, as far as it is known. */
function releaseOf({ goVersion, atLeast }: ToolchainPlan): { goVersion: string; unknownToolchain: boolean } {
  return { goVersion: atLeast ?? goVersion, unknownToolchain: atLeast !== undefined };
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
