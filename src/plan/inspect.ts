// Reads what planning needs: the module, each service's main package, the files of its closure.
// This is the part of the room that waits; everything after it is arithmetic on plain data.
import { licenseOf, type OpenTree, scanServices, type ServiceFacts } from "../facts/index.ts";
import {
  type Diagnostic,
  diagnosticError,
  type LocatedDescription,
  servicesOf,
} from "../description/index.ts";
import { notAllowed } from "./allowed.ts";
import { alteredTree, type NamedContexts } from "./altered-tree.ts";
import { unusedBuildArgs } from "./build-args.ts";
import type { FindCommit } from "./commit.ts";
import { committedFiles } from "./committed.ts";
import { toDiagnostic } from "./finding.ts";
import {
  type Generate,
  serviceTrees,
  type ServiceTree,
  unreadSteps,
  withoutKnowledge,
} from "./generated-trees.ts";
import type { Inspected, InspectedService, ScannedProgram } from "./inspected.ts";
import { godebugProblems } from "./godebug.ts";
import { linkVariableProblems } from "./link-vars.ts";
import { passwordsInArguments } from "./passwords.ts";
import { mainContext, prepare, type PreparedProgram, type PreparedService } from "./prepare.ts";
import { stampsOf } from "./stamps.ts";
import type { BuildRequest, ToolchainPlan } from "./types.ts";

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
  /** Absent: the client hands in nothing beside the context. */
  readonly contexts?: NamedContexts | undefined;
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
    contexts,
  }: Asking = {},
): Promise<Inspected> {
  const refused = [...notAllowed(located, request), ...passwordsInArguments(located, request)];
  // Nobody is asked for an image that may not be used, and nothing is run that may not.
  const isRefused = refused.some(isError);
  const run = isRefused ? undefined : generate;
  const altered = await alteredTree(located, tree, contexts);
  const trees = await serviceTrees(servicesOf(located), located, altered, request, run);
  const [license, ...prepared] = await Promise.all([
    licenseOf(altered.tree),
    ...trees.map((of) => prepare(of, located, request, isRefused ? () => {} : onToolchain)),
  ]);
  const problems = withoutErrors([
    ...refused,
    ...altered.problems,
    ...trees.flatMap((of) => of.problems),
    ...prepared.flatMap(({ diagnostics }) => diagnostics),
  ]);

  const scanned = await scan(
    prepared.flatMap(({ service }) => service ?? []),
    located,
    importedBack,
  );
  problems.push(...withoutErrors(scanned.problems));

  const stamped = await Promise.all(
    scanned.services.map((service) => stamp(service, located, tree, request, findCommit)),
  );
  problems.push(
    ...withoutErrors([
      ...stamped.flatMap((service) => service.problems),
      ...(await variableProblems(scanned.services, located)),
    ]),
  );
  return {
    services: stamped.map(({ service }) => (license === undefined ? service : { ...service, license })),
    warnings: dedupe([...unusedBuildArgs(located, request), ...problems]),
  };
}

/**
 * What may be passed over.
 *
 * @throws all errors among the diagnostics
 */
function withoutErrors(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const errors = diagnostics.filter(isError);
  if (errors.length > 0) throw diagnosticError(dedupe(errors));
  return [...diagnostics];
}

interface ScannedService extends Omit<PreparedService, "programs"> {
  readonly programs: readonly ScannedProgram[];
}

/** Follows the imports of all programs, of those of one tree together. */
async function scan(
  services: readonly PreparedService[],
  located: LocatedDescription,
  importedBack: readonly string[],
): Promise<{ readonly services: readonly ScannedService[]; readonly problems: readonly Diagnostic[] }> {
  const programs = services.flatMap(({ of, programs: prepared }) =>
    prepared.map((program) => ({ of, program })),
  );
  const found = await Promise.all(
    [...Map.groupBy(programs, ({ of }) => of.tree)].map(async ([tree, group]) => {
      const queries = group.map(({ program }) => ({
        module: program.module,
        main: program.main.dir,
        ...mainContext(program),
        importedBack,
      }));
      const facts = await scanServices(tree, queries);
      return group.map(({ of, program }, index) => [program, withFacts(program, of, facts[index])] as const);
    }),
  );
  const scanned = new Map(found.flat());
  const file = located.source.filename;
  return {
    services: services.map((service) => ({
      ...service,
      programs: service.programs.flatMap((program) => scanned.get(program) ?? []),
    })),
    problems: [...scanned.values()].flatMap(({ facts, description, at }) =>
      facts.diagnostics.map((diagnostic) => toDiagnostic(diagnostic, file, description.rangeOf(at))),
    ),
  };
}

function withFacts(
  program: PreparedProgram,
  { known }: ServiceTree,
  found: ServiceFacts | undefined,
): ScannedProgram {
  if (found === undefined) throw new Error("no facts came back for a program");
  const facts = known ? found : withoutKnowledge(found);
  const { pgo } = program.description.build;
  return { ...program, facts, profile: pgo.kind === "auto" ? facts.profile : program.profile };
}

async function stamp(
  { of, ...service }: ScannedService,
  located: LocatedDescription,
  context: OpenTree,
  request: BuildRequest,
  findCommit: FindCommit,
): Promise<{ readonly service: InspectedService; readonly problems: readonly Diagnostic[] }> {
  const { alterations, generators, tree } = of;
  const { programs } = service;
  const { stamps, problems } = await stampsOf(programs, {
    located,
    tree,
    request,
    findCommit,
    committed: () => committedFiles(programs, generators, context, alterations),
  });
  return {
    service: {
      ...service,
      alterations,
      generators,
      programs: programs.map((program) => ({ ...program, stamps: stamps(program) })),
    },
    problems: [...problems, ...unreadSteps(of, programs, service.imageFiles, located)],
  };
}

/** Of services of which all is known. */
async function variableProblems(
  services: readonly ScannedService[],
  located: LocatedDescription,
): Promise<readonly Diagnostic[]> {
  const known = Map.groupBy(
    services.filter(({ of }) => of.known),
    ({ of }) => of.tree,
  );
  const problems = [...known].flatMap(([tree, group]) => {
    const programs = group.flatMap((service) => service.programs);
    return [linkVariableProblems(programs, tree, located), godebugProblems(programs, tree, located)];
  });
  return (await Promise.all(problems)).flat();
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error";
}

/** Several services of one module say the same thing about it. */
function dedupe(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map(
    diagnostics.map((diagnostic) => {
      const { file, range, code, message } = diagnostic;
      return [JSON.stringify([file, range?.start.line, code, message]), diagnostic];
    }),
  );
  return [...seen.values()];
}
