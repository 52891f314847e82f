// The steps of a description, which run before the compiler: what they read of the tree and of each other, in the order
// in which they run. In the plan they are called generators, since everything that a build does is a step.
import { posix } from "node:path";
import {
  type Diagnostic,
  errorAt,
  type LocatedDescription,
  type Path,
  quote,
  type ServiceDescription,
  type StepDescription,
} from "../description/index.ts";
import { detectModule, isWithin, matchFiles, type OpenTree } from "../facts/index.ts";
import { cacheId } from "./cache-id.ts";
import { hashOf } from "./hash.ts";
import type { Alterations, GeneratorPlan, Place, StepCredential } from "./types.ts";

export interface Generators {
  /** Each behind those that it reads from. */
  readonly generators: readonly GeneratorPlan[];
  /** Where one is an error, the list is not to be used. */
  readonly problems: readonly Diagnostic[];
}

/** The steps of a service, as far as its description and the tree tell. */
export async function planGenerators(
  description: ServiceDescription,
  located: LocatedDescription,
  tree: OpenTree,
  alterations: Alterations,
  namespace: string,
): Promise<Generators> {
  const { steps } = description;
  if (steps.size === 0) return { generators: [], problems: [] };
  const file = located.source.filename;
  const at = (path: Path): Place => ({ file, range: description.rangeOf(path) });
  const outputs = [...steps].flatMap(([step, { outputs: paths = [] }]) =>
    paths.map((path, index): Output => ({ step, path, at: at(["steps", step, "outputs", index]) })),
  );
  const clashes = [
    ...clashesAmong(outputs),
    ...(await hiddenOutputs(tree, outputs)),
    ...lostOutputs(description, outputs, at),
  ];
  const module = await modulePath(description, tree);
  const found = await Promise.all(
    [...steps].map(async ([name, step]) => {
      const read = await readInputs(
        tree,
        outputs,
        name,
        (step.inputs ?? []).map((path, index) => ({ path, at: at(["steps", name, "inputs", index]) })),
      );
      const generator: GeneratorPlan = {
        name,
        image: { reference: step.image ?? "", at: at(["steps", name, "image"]) },
        commands: (step.run ?? []).map((argv, index) => ({ argv, at: at(["steps", name, "run", index]) })),
        env: Object.entries(step.env ?? {}),
        dir: step.workdir ?? ".",
        ...alteredInputs(read, alterations),
        taken: read.taken,
        outputs: outputs
          .filter((output) => output.step === name)
          .map(({ path, at: place }) => ({ path, at: place })),
        network: step.network ?? false,
        ...credentialsOf(step, (key, ...item) => at(["steps", name, key, ...item]), namespace),
        ...cachesOf(step, name, module, namespace),
        at: { file, range: description.keyRangeOf(["steps", name]) },
      };
      return { generator, problems: read.problems };
    }),
  );
  const problems = [...clashes, ...found.flatMap(({ problems: told }) => told)];
  const { sorted, circle } = inOrder(found.map(({ generator }) => generator));
  return { generators: sorted, problems: [...problems, ...circle] };
}

/** What a generator sees of the tree where it is not as the context has it. */
function alteredInputs(
  { files, without }: Pick<GeneratorPlan, "files" | "without">,
  { texts, removed }: Alterations,
): Pick<GeneratorPlan, "files" | "without" | "texts"> {
  const seen = texts.filter(({ path }) => files.some((file) => isWithin(path, file)));
  const changed = new Set(seen.map(({ path }) => path));
  const gone = removed.filter((path) => files.some((file) => isWithin(path, file)));
  return {
    files: files.filter((file) => !changed.has(file)),
    without: [...without, ...gone],
    ...(seen.length === 0 ? {} : { texts: seen }),
  };
}

/** The path of the service's module: what tells the caches of projects apart whose steps have the same names. */
async function modulePath({ module, steps }: ServiceDescription, tree: OpenTree): Promise<string> {
  if ([...steps.values()].every(({ caches = [] }) => caches.length === 0)) return "";
  const found = await detectModule(tree, module);
  return found.ok ? found.module.path : "";
}

/**
 * Ids of cache mounts are hashed: mounts are global to a builder, and a hostile description cannot write the id of
 * another module's step.
 */
function cachesOf(
  { caches = [], image }: StepDescription,
  name: string,
  module: string,
  namespace: string,
): Pick<GeneratorPlan, "caches"> {
  if (caches.length === 0) return {};
  const idOf = (path: string): string =>
    cacheId(namespace, `step/${hashOf(namespace, module, name, image, path)}`);
  return { caches: [...new Set(caches)].map((path) => ({ path, id: idOf(path) })) };
}

/** Outputs that would be left in a cache, or behind one. */
function lostOutputs(
  { steps }: ServiceDescription,
  outputs: readonly Output[],
  at: (path: Path) => Place,
): readonly Diagnostic[] {
  return [...steps].flatMap(([name, { caches = [] }]) =>
    caches.flatMap((cache, index) => {
      const hidden = outputs.find(
        ({ step, path }) => step === name && (isWithin(path, cache) || isWithin(cache, path)),
      );
      if (hidden === undefined) return [];
      return [
        errorAt("GF043", `the cache ${cache} and the output ${hidden.path} lie in one another`, {
          ...at(["steps", name, "caches", index]),
          help: "name another directory: what is in a cache is no output",
        }),
      ];
    }),
  );
}

function credentialsOf(
  { caches = [], secrets = [], ssh }: StepDescription,
  at: (key: string, ...item: readonly number[]) => Place,
  namespace: string,
): Pick<GeneratorPlan, "credentials" | "tenant"> {
  const credentials: readonly StepCredential[] = [
    ...secrets.map((secret, index) => ({ kind: "step-secret", secret, at: at("secrets", index) }) as const),
    ...(ssh === undefined ? [] : [{ kind: "step-agent", agent: ssh, at: at("ssh") } as const]),
  ];
  if (credentials.length + caches.length === 0) return { credentials };
  return { credentials, tenant: hashOf("step", namespace) };
}

/** The generators that write some outputs, with those that they read from, in the order in which they run. */
export function neededFor(
  generators: readonly GeneratorPlan[],
  names: ReadonlySet<string>,
): readonly GeneratorPlan[] {
  const needed = new Set(names);
  for (const { name, taken } of generators.toReversed()) {
    if (needed.has(name)) taken.forEach(({ step }) => needed.add(step));
  }
  return generators.filter(({ name }) => needed.has(name));
}

interface Named {
  readonly path: string;
  readonly at: Place;
}

interface Output extends Named {
  readonly step: string;
}

function clashesAmong(outputs: readonly Output[]): readonly Diagnostic[] {
  return outputs.flatMap((output, index) => {
    const other = outputs
      .slice(0, index)
      .find(({ path }) => isWithin(path, output.path) || isWithin(output.path, path));
    if (other === undefined) return [];
    const whose = other.step === output.step ? "the same step" : `the step ${quote(other.step)}`;
    return [
      errorAt("GF043", `the output ${output.path} and ${other.path} of ${whose} lie in one another`, {
        ...output.at,
        help: "name paths of which none holds another: a directory is taken with all that is in it",
      }),
    ];
  });
}

/** Outputs that the tree leaves no place for: a link or a file stands where a directory of theirs has to be. */
async function hiddenOutputs(tree: OpenTree, outputs: readonly Output[]): Promise<readonly Diagnostic[]> {
  const found = outputs.map(async ({ path, at }): Promise<readonly Diagnostic[]> => {
    const parent = posix.dirname(path);
    const place = await tree.resolve(parent);
    if (place.links.length === 0 && place.kind !== "file") return [];
    const what = place.links[0] === undefined ? `the file ${parent}` : `the link ${place.links[0]}`;
    return [
      errorAt("GF040", `the output ${path} lies behind ${what} of the build context`, {
        ...at,
        help: "name the real directory that the step writes to",
      }),
    ];
  });
  return (await Promise.all(found)).flat();
}

interface Inputs extends Pick<GeneratorPlan, "files" | "without" | "taken"> {
  readonly problems: readonly Diagnostic[];
}

async function readInputs(
  tree: OpenTree,
  outputs: readonly Output[],
  name: string,
  inputs: readonly Named[],
): Promise<Inputs> {
  const named = new Set(inputs.map(({ path }) => path));
  const others = outputs.filter(({ step }) => step !== name);
  const found = await Promise.all(
    inputs.map(async (input) => {
      const { path } = input;
      const above = others.find((output) => isWithin(path, output.path));
      if (above !== undefined) {
        return { files: [], taken: [{ step: above.step, path }], problems: [] };
      }
      const taken = others
        .filter((output) => isWithin(output.path, path))
        .map((output) => ({ step: output.step, path: output.path }));
      const inTree = isPattern(path) ? await matching(tree, input, outputs) : await existing(tree, input);
      return {
        ...inTree,
        taken,
        problems: taken.length > 0 && inTree.files.length === 0 ? [] : inTree.problems,
      };
    }),
  );
  const files = [...new Set(found.flatMap((input) => input.files))].toSorted();
  return {
    files,
    without: outputs
      .map(({ path }) => path)
      .filter((path) => !named.has(path) && files.some((file) => file !== path && isWithin(path, file))),
    taken: uniquePaths(found.flatMap((input) => input.taken)),
    problems: found.flatMap((input) => input.problems),
  };
}

function uniquePaths(taken: GeneratorPlan["taken"]): GeneratorPlan["taken"] {
  return [...new Map(taken.map((generated) => [generated.path, generated])).values()];
}

const isPattern = (path: string): boolean => /[*?]/.test(path);

interface InTree {
  readonly files: readonly string[];
  readonly problems: readonly Diagnostic[];
}

async function existing(tree: OpenTree, { path, at }: Named): Promise<InTree> {
  const place = await tree.resolve(path);
  if (place.kind === "dir" || place.kind === "file") {
    return { files: [...new Set([place.path, ...place.links])], problems: [] };
  }
  const rule = tree.ignoredBy(path);
  if (rule !== undefined) {
    const message = `the input ${path} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return missing("GF004", message, `add \`!${path}\` after it or remove the line`, at);
  }
  return place.kind === "outside"
    ? missing(
        "GF003",
        `the input ${path} is a link that leads outside the build context`,
        "name files of the build context",
        at,
      )
    : missing(
        "GF046",
        `the build context has no ${path}, which the step reads`,
        "correct the path, which is relative to the build context, or remove it",
        at,
      );
}

async function matching(tree: OpenTree, { path, at }: Named, outputs: readonly Output[]): Promise<InTree> {
  const found = await matchFiles(tree, path);
  if (found === undefined) {
    return missing(
      "GF046",
      `the build context is too large to be looked through for ${path}`,
      "name directories: they are taken with all that is in them",
      at,
    );
  }
  const files = found.filter((file) => !outputs.some((output) => isWithin(file, output.path)));
  return files.length > 0
    ? { files, problems: [] }
    : missing(
        "GF046",
        `no file of the build context matches ${path}`,
        "correct the pattern, or remove it",
        at,
      );
}

function missing(code: "GF003" | "GF004" | "GF046", message: string, help: string, at: Place): InTree {
  return { files: [], problems: [errorAt(code, message, { ...at, help })] };
}

/** The generators so that none stands before one that it reads from; and what is said of those that cannot. */
function inOrder(generators: readonly GeneratorPlan[]): {
  readonly sorted: readonly GeneratorPlan[];
  readonly circle: readonly Diagnostic[];
} {
  const sorted: GeneratorPlan[] = [];
  let left = generators;
  while (left.length > 0) {
    const done = new Set(sorted.map(({ name }) => name));
    const ready = left.filter(({ taken }) => taken.every(({ step }) => done.has(step)));
    if (ready.length === 0) return { sorted, circle: circleAmong(left, done) };
    sorted.push(...ready);
    left = left.filter((generator) => !ready.includes(generator));
  }
  return { sorted, circle: [] };
}

/** Walks from a generator to one that it waits for, until a name comes back. */
function circleAmong(left: readonly GeneratorPlan[], done: ReadonlySet<string>): readonly Diagnostic[] {
  const byName = new Map(left.map((generator) => [generator.name, generator]));
  const way: string[] = [];
  let current = left[0];
  while (current !== undefined && !way.includes(current.name)) {
    way.push(current.name);
    const next = current.taken.find(({ step }) => !done.has(step));
    current = next === undefined ? undefined : byName.get(next.step);
  }
  if (current === undefined) return [];
  const names = way.slice(way.indexOf(current.name));
  const circle = names.map((name, index) => `${name} for ${names[index + 1] ?? names[0] ?? ""}`);
  return [
    errorAt("GF043", `steps wait for each other: ${circle.join(", ")}`, {
      ...current.at,
      help: "name narrower `inputs`: a directory counts with the outputs of other steps that lie in it",
    }),
  ];
}
