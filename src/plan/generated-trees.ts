import {
  type Diagnostic,
  type LocatedDescription,
  quote,
  type ServiceDescription,
  warningAt,
} from "../description/index.ts";
import {
  isWithin,
  openTree,
  type OpenTree,
  overlaid,
  type Overlay,
  type ServiceFacts,
} from "../facts/index.ts";
import type { AlteredTree } from "./altered-tree.ts";
import { neededFor, planGenerators } from "./generators.ts";
import type { ImageFiles } from "./image-file.ts";
import type { ScannedProgram } from "./inspected.ts";
import type { Alterations, BuildRequest, GeneratorPlan } from "./types.ts";

/**
 * Runs generators and gives what they write, as trees that have it at its path.
 *
 * @param generators each behind those that it reads from
 */
export type Generate = (generators: readonly GeneratorPlan[]) => readonly Overlay[];

/** The tree that a service is compiled from: the context with what its steps write. */
export interface ServiceTree {
  readonly description: ServiceDescription;
  readonly tree: OpenTree;
  readonly alterations: Alterations;
  readonly generators: readonly GeneratorPlan[];
  /** False where nobody knows what the steps write: what leads nowhere may be led to by it. */
  readonly known: boolean;
  readonly problems: readonly Diagnostic[];
}

/**
 * The trees of a description's services. Steps run for the service that is asked for, and what they write is known of
 * those that have the same steps.
 *
 * @param generate absent: there is no builder
 */
export async function serviceTrees(
  descriptions: readonly ServiceDescription[],
  located: LocatedDescription,
  { tree, alterations }: AlteredTree,
  request: BuildRequest,
  generate: Generate | undefined,
): Promise<readonly ServiceTree[]> {
  const planned = await Promise.all(
    descriptions.map(async (description) => ({
      description,
      ...(await planGenerators(description, located, tree, alterations, request.cacheNamespace)),
    })),
  );
  const isWrong = planned.some(({ problems }) => problems.some(({ severity }) => severity === "error"));
  const target = request.target?.split(".")[0]?.toLowerCase() ?? "";
  const asked = descriptions.length === 1 ? 0 : descriptions.findIndex(({ key }) => key === target);
  const wanted = stepsKey(descriptions[asked]);
  return planned.map(({ description, generators, problems }, index): ServiceTree => {
    if (generators.length === 0) return { description, tree, alterations, generators, known: true, problems };
    const known = generate !== undefined && !isWrong && stepsKey(description) === wanted;
    const over = (): readonly Overlay[] =>
      known
        ? generate(generators)
        : generators.flatMap(({ outputs }) => outputs.map(({ path }) => ({ path })));
    const share = `generated\0${known}\0${JSON.stringify(generators)}`;
    return {
      description,
      tree: tree.share(share, () => openTree(overlaid(tree.source, over()))),
      alterations,
      generators,
      known,
      problems: [...problems, ...(known || asked !== index ? [] : unknownWarning(description, located))],
    };
  });
}

/** What of a service's steps decides its tree. */
function stepsKey(description: ServiceDescription | undefined): string {
  return JSON.stringify([...(description?.steps ?? [])]);
}

function unknownWarning(
  description: ServiceDescription,
  { source }: LocatedDescription,
): readonly Diagnostic[] {
  return [
    warningAt("GF057", "what the steps write is known to a builder only", {
      file: source.filename,
      range: description.keyRangeOf(["steps"]),
      help: "nothing need be done: here the service's modules are taken whole, and imports and embedded files that lead nowhere are left to the build",
    }),
  ];
}

/** What nobody can say of a service before its steps have run; its modules are then taken whole. */
export function withoutKnowledge(facts: ServiceFacts): ServiceFacts {
  const diagnostics = facts.diagnostics.filter(({ code }) => !ofAllFiles.has(code));
  return { ...facts, complete: false, diagnostics };
}

/** What a file that is written could settle. */
const ofAllFiles: ReadonlySet<string> = new Set(["GF008", "GF009", "GF061"]);

/** A warning for each step of which no output is read, where all that is read is known. */
export function unreadSteps(
  { description, generators, known }: ServiceTree,
  programs: readonly ScannedProgram[],
  imageFiles: readonly ImageFiles[],
  { source }: LocatedDescription,
): readonly Diagnostic[] {
  if (!known || !programs.every(({ facts }) => facts.complete)) return [];
  const inImage = imageFiles.flatMap((entry) => entry.files.map((file) => file.source));
  const ofPrograms = programs.flatMap(({ facts, profile, profiles = [] }) => [
    ...facts.files,
    ...(profile === undefined ? [] : [profile]),
    ...profiles.flatMap((source) => (source.kind === "file" ? [source.path] : [])),
  ]);
  const files = [...ofPrograms, ...inImage];
  const read = generators.filter(({ outputs }) =>
    outputs.some(({ path }) => files.some((file) => isWithin(file, path))),
  );
  const needed = neededFor(generators, new Set(read.map(({ name }) => name)));
  return generators
    .filter((generator) => !needed.includes(generator))
    .map(({ name, outputs }) =>
      warningAt("GF057", `nothing that the service is made of is written by the step ${quote(name)}`, {
        file: source.filename,
        range: description.keyRangeOf(["steps", name]),
        help: `import or embed what is in ${outputs.map(({ path }) => path).join(", ")}, take it into the image (\`image.files\`), or remove the step`,
      }),
    );
}
