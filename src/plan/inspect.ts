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
  type MainPackage,
  type ServiceFacts,
  type OpenTree,
} from "../facts/index.ts";
import {
  type Diagnostic,
  diagnosticError,
  errorAt,
  formatPlatform,
  type LocatedDescription,
  type Platform,
  type Range,
  serviceName,
  type ServiceDescription,
  servicesOf,
} from "../description/index.ts";
import { notAllowed } from "./allowed.ts";
import { unusedBuildArgs } from "./build-args.ts";
import { linkVariableProblems } from "./link-vars.ts";
import { passwordsInArguments } from "./passwords.ts";
import { startProblems } from "./startable.ts";
import { chooseToolchain, releaseTooOld } from "./toolchain.ts";
import type { BuildRequest, InlineFile, ToolchainPlan } from "./types.ts";

export interface InspectedService {
  readonly description: ServiceDescription;
  readonly name: string;
  readonly module: GoModule;
  readonly main: MainPackage;
  readonly platforms: readonly Platform[];
  readonly facts: ServiceFacts;
  /** The PGO profile in the context: the one that `build.pgo` names, or the one beside main. */
  readonly profile: string | undefined;
  /** Text of the module's go.mod, go.sum, go.work …, for the download step. */
  readonly modFiles: readonly InlineFile[];
  readonly toolchain: ToolchainPlan;
}

export interface Inspected {
  readonly services: readonly InspectedService[];
  readonly warnings: readonly Diagnostic[];
}

/** Called as soon as a toolchain is known, so that its image can be resolved while files are read. */
export type OnToolchain = (toolchain: ToolchainPlan) => void;

/**
 * Reads the source tree for every service of the description.
 *
 * @param importedBack packages of the tree that other modules import, where that is known already
 * @throws a DiagnosticError that holds all independent errors
 */
export async function inspect(
  located: LocatedDescription,
  tree: OpenTree,
  request: BuildRequest,
  onToolchain: OnToolchain = () => {},
  importedBack: readonly string[] = [],
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
  const facts = problems.some(isError)
    ? []
    : await scanServices(
        tree,
        usable.map((service) => ({
          module: service.module,
          main: service.main.dir,
          platforms: service.platforms,
          tags: service.description.build.tags,
          cgo: false,
          ...releaseOf(service.toolchain),
          importedBack,
        })),
      );
  const services = facts.map((found, index): InspectedService => {
    const service = usable[index];
    if (service === undefined) throw new Error("facts came back for a service that was not asked for");
    problems.push(
      ...found.diagnostics.map((each) => toDiagnostic(each, file, service.description.rangeOf(["main"]))),
    );
    const profile = service.description.build.pgo.kind === "auto" ? found.profile : service.profile;
    return { ...service, facts: found, profile };
  });
  if (!problems.some(isError)) problems.push(...(await linkVariableProblems(services, tree, located)));
  const errors = problems.filter(isError);
  if (errors.length > 0) throw diagnosticError(dedupe(errors));
  warnings.push(...problems);
  return { services, warnings: dedupe(warnings) };
}

type Prepared = Omit<InspectedService, "facts">;

async function prepare(
  description: ServiceDescription,
  located: LocatedDescription,
  tree: OpenTree,
  request: BuildRequest,
  onToolchain: OnToolchain,
): Promise<{ service?: Prepared | undefined; diagnostics: readonly Diagnostic[] }> {
  const file = located.source.filename;
  const at = (path: readonly string[]) => (each: FactsDiagnostic) =>
    toDiagnostic(each, file, description.rangeOf(path));
  const detected = await detectModule(tree, description.module);
  if (!detected.ok) return { diagnostics: detected.diagnostics.map(at(["module"])) };
  const { module } = detected;
  const toolchain = chooseToolchain(located, module, request);
  const tooOld = releaseTooOld(located, module);
  onToolchain(toolchain);
  const platforms = choosePlatforms(description, request);
  const context = {
    platforms,
    tags: description.build.tags,
    cgo: false,
    ...releaseOf(toolchain),
  };
  const { pgo } = description.build;
  const [chosen, modFiles, profile] = await Promise.all([
    description.main === undefined
      ? findMains(tree, module, context).then((mains) => ({
          main: mains.chosen,
          diagnostics: mains.diagnostics,
        }))
      : resolveMain(tree, module, description.main, context).then((found) => ({
          main: found.ok ? found.main : undefined,
          diagnostics: found.diagnostics,
        })),
    readModFiles(tree, module),
    pgo.kind === "profile" ? findProfile(tree, module, pgo.path) : undefined,
  ]);
  const given = description.name ?? description.key;
  const name = given ?? lastElement(module.path);
  const diagnostics = [
    ...detected.diagnostics.map(at(["module"])),
    ...(tooOld === undefined ? [] : [tooOld]),
    ...(given === undefined ? unfitName(name, module) : []),
    ...chosen.diagnostics.map(at(["main"])),
    ...startProblems(description, name, located),
    ...(profile?.ok === false ? [at(["build", "pgo"])(profile.diagnostic)] : []),
  ];
  if (chosen.main === undefined) return { diagnostics };
  const service = {
    description,
    name,
    module,
    main: chosen.main,
    platforms,
    modFiles,
    toolchain,
    profile: profile?.ok === true ? profile.path : undefined,
  };
  return { service, diagnostics };
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
