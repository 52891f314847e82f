// What is known of a service before its imports are followed: its modules, its main packages, what compiles them.
import {
  detectModule,
  type FactsDiagnostic,
  findMains,
  findProfile,
  type GoModule,
  type MainContext,
  type MainPackage,
  type OpenTree,
  readModFiles,
  resolveMain,
  type ServiceQuery,
  unknownDirectives,
} from "../facts/index.ts";
import {
  type BinaryDescription,
  type Diagnostic,
  errorAt,
  formatPlatform,
  type LocatedDescription,
  type Path,
  type Platform,
  serviceName,
  type ServiceDescription,
} from "../description/index.ts";
import { contentProblems } from "./content-problems.ts";
import { toDiagnostic } from "./finding.ts";
import type { ServiceTree } from "./generated-trees.ts";
import { binaryPath } from "./image.ts";
import { imageFiles } from "./image-files.ts";
import type { InspectedService, ScannedProgram } from "./inspected.ts";
import { profileSources } from "./profiles.ts";
import { programProblems } from "./programs.ts";
import { fileTags, instrumentOf, instrumentProblems } from "./instrument.ts";
import { settingProblems } from "./settings.ts";
import { scriptProblems } from "./scripts.ts";
import { startProblems } from "./startable.ts";
import { chooseToolchain, oldestRelease, releaseTooOld } from "./toolchain.ts";
import type { BuildRequest, ToolchainPlan } from "./types.ts";

/** A program whose imports are not followed yet. */
export type PreparedProgram = Omit<ScannedProgram, "facts">;

export interface PreparedService extends Omit<InspectedService, "programs" | "generators" | "alterations"> {
  readonly of: ServiceTree;
  readonly programs: readonly PreparedProgram[];
}

/**
 * Finds the modules and main packages of a service, and chooses what compiles them.
 *
 * @param onToolchain called as soon as the toolchain is known
 * @returns no service where a module is missing
 */
export async function prepare(
  of: ServiceTree,
  located: LocatedDescription,
  request: BuildRequest,
  onToolchain: (toolchain: ToolchainPlan) => void,
): Promise<{ service?: PreparedService | undefined; diagnostics: readonly Diagnostic[] }> {
  const { description, tree } = of;
  const file = located.source.filename;
  const report = (path: Path) => (found: FactsDiagnostic) =>
    toDiagnostic(found, file, description.rangeOf(path));
  const inImage = imageFiles(of, located);
  const detected = await Promise.all(
    description.binaries.map(async (binary) => ({ binary, found: await detectModule(tree, binary.module) })),
  );
  const diagnostics = detected.flatMap(({ binary, found }) => found.diagnostics.map(report(binary.moduleAt)));
  const usable = detected.flatMap(({ binary, found }) =>
    found.ok ? [{ binary, module: found.module }] : [],
  );
  const [first] = usable;
  if (first === undefined || usable.length < detected.length) {
    return { diagnostics: [...diagnostics, ...(await inImage).problems] };
  }

  const modules = usable.map(({ module }) => module);
  const toolchain = chooseToolchain(located, modules, request);
  onToolchain(toolchain);
  const platforms = choosePlatforms(description, request);
  const given = description.name ?? description.key;
  const name = given ?? lastElement(first.module.path);
  const { pgo } = description.build;
  const context = mainContext({ description, platforms, toolchain });
  const profiles = profileSources(tree, description, located);
  const programs = await Promise.all(
    usable.map(async ({ binary, module }) => {
      const [{ main, diagnostics: wrong }, modFiles, profile, listed] = await Promise.all([
        mainOf(tree, module, binary, context),
        readModFiles(tree, module),
        pgo.kind === "profile" ? findProfile(tree, description.module, pgo.path) : undefined,
        profiles,
      ]);
      const found: readonly Diagnostic[] = [
        ...wrong.map(report(binary.at)),
        ...(profile?.ok === false ? [report(["build", "pgo"])(profile.diagnostic)] : []),
        ...listed.flatMap((source, index) =>
          source.ok ? [] : [report(["build", "pgo", index])(source.diagnostic)],
        ),
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
              ...(pgo.kind === "profiles"
                ? { profiles: listed.flatMap((entry) => (entry.ok ? [entry.source] : [])) }
                : {}),
            };
      return { program, found };
    }),
  );
  const files = await inImage;
  const ready = programs.flatMap(({ program }) => program ?? []);
  return {
    service: { description, name, platforms, toolchain, of, imageFiles: files.found, programs: ready },
    diagnostics: [
      ...diagnostics,
      ...modules.flatMap((module) => releaseTooOld(located, module) ?? []),
      ...unknownTo(toolchain, usable).map(([binary, found]) => report(binary.moduleAt)(found)),
      ...(given === undefined ? unfitName(name, first.module) : []),
      ...programs.flatMap(({ found }) => found),
      ...programProblems(ready, located),
      ...files.problems,
      ...startProblems(description, ready, files.found, located),
      ...(await scriptProblems(description, ready, files.found, tree, located)),
      ...contentProblems(description, ready, files.found, located),
      ...settingProblems(description, { platforms, toolchain }, located),
      ...instrumentProblems(description, located, platforms),
    ],
  };
}

async function mainOf(
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

/** Directives of the modules that the toolchain refuses, as far as it is known. */
function unknownTo<T>(
  { goVersion, atLeast }: ToolchainPlan,
  modules: readonly { readonly binary: T; readonly module: GoModule }[],
): readonly (readonly [binary: T, found: FactsDiagnostic])[] {
  if (atLeast !== undefined) return [];
  return modules.flatMap(({ binary, module }) =>
    unknownDirectives(module, goVersion).map((found) => [binary, found] as const),
  );
}

/** What decides which files of a package are compiled. */
export function mainContext({
  description,
  platforms,
  toolchain,
}: Pick<PreparedProgram, "description" | "platforms" | "toolchain">): MainContext &
  Pick<ServiceQuery, "platforms"> {
  return {
    platforms,
    tags: fileTags({ tags: description.build.tags, instrument: instrumentOf(description.build) }),
    cgo: description.build.cgo !== undefined,
    ...releaseOf(toolchain, description),
  };
}

/**
 * What decides the tags of the toolchain, as far as it is known. Which tags an experiment or a level brings, Go decides:
 * files that depend on them are sent.
 */
function releaseOf(
  toolchain: ToolchainPlan,
  { build: { experiments, levels, fips140 } }: ServiceDescription,
): { goVersion: string; unknownToolchain: boolean } {
  const isChosen = experiments.length > 0 || Object.keys(levels).length > 0 || fips140 !== "off";
  return {
    goVersion: oldestRelease(toolchain),
    unknownToolchain: toolchain.atLeast !== undefined || isChosen,
  };
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
