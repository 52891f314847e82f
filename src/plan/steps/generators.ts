// The steps of the description: programs in images of the user's choice, which write files of the source tree before
// anything is compiled.
import { posix } from "node:path";
import { visible } from "../../description/index.ts";
import { escapePattern, isWithin } from "../../facts/index.ts";
import { abilitiesOf } from "../abilities.ts";
import { hashOf } from "../hash.ts";
import { PATHS } from "../paths.ts";
import type { Resolved, ResolvedImage } from "../resolved.ts";
import type { CopyAction, Mount, SourceFile, Step, Tree } from "../step.ts";
import type { GeneratedPath, GeneratorPlan, Plan } from "../types.ts";
import { addContext } from "./context.ts";
import { networkOf, sentElsewhere } from "./modules.ts";
import {
  byDefinition,
  environment,
  inlineFiles,
  isUncached,
  readOnly,
  type Site,
  stepList,
  variableOf,
} from "./site.ts";

/** What generators need of a build: they run before its plan is known. */
type Ground = Pick<Site, "resolved" | "abilities" | "add"> & { readonly plan: Pick<Plan, "buildPlatform"> };

/** Some generators as steps of their own, and what each of them writes. */
export interface GeneratorSteps {
  readonly steps: readonly Step[];
  readonly sources: readonly SourceFile[];
  readonly written: (name: string) => Tree;
}

/** The steps of generators alone, for reading what they write before the plan is made. */
export function generatorSteps(
  generators: readonly GeneratorPlan[],
  plan: Ground["plan"],
  resolved: Resolved,
): GeneratorSteps {
  const { steps, add } = stepList();
  const trees = addGenerators(
    { plan, resolved, abilities: abilitiesOf(resolved.settings.caps), add },
    generators,
  );
  return {
    steps: steps(),
    sources: [{ ...resolved.description, language: "YAML" }],
    written: (name) => writtenBy(trees, name),
  };
}

function writtenBy(trees: ReadonlyMap<string, Tree>, name: string): Tree {
  const tree = trees.get(name);
  if (tree === undefined) throw new Error(`no step of the description is called ${name}`);
  return tree;
}

/**
 * Puts generators into the list.
 *
 * @returns the outputs of each at their paths of the source tree, and nothing else, by its name
 */
function addGenerators(ground: Ground, generators: readonly GeneratorPlan[]): ReadonlyMap<string, Tree> {
  const trees = new Map<string, Tree>();
  for (const generator of generators) trees.set(generator.name, addGenerator(ground, generator, trees));
  return trees;
}

function addGenerator(ground: Ground, generator: GeneratorPlan, trees: ReadonlyMap<string, Tree>): Tree {
  const { resolved, plan, add } = ground;
  const { name, image, commands, network, outputs, dir } = generator;
  const { settings } = resolved;
  const found = resolved.stepImages?.[image.reference];
  const start = {
    root: addStepImage(ground, found ?? { reference: image.reference, config: {} }),
    tree: addInputs(ground, generator, trees),
  };
  // What one command leaves, in the tree and in the image, the next one finds.
  const left = commands.reduce(({ root, tree }, { argv, at }, index) => {
    const id = `step ${name} ${index + 1}`;
    add({
      kind: "run",
      id,
      title: `[step ${name}] ${visible(argv.join(" ")).slice(0, MOST_SHOWN)}`,
      at,
      on: root,
      platform: plan.buildPlatform,
      argv,
      env: environment([
        ...(found?.config.config?.Env ?? []).map(variableOf),
        ...generator.credentials.flatMap(({ kind }) =>
          kind === "step-agent" ? [["SSH_AUTH_SOCK", AGENT] as const] : [],
        ),
        ...generator.env,
      ]),
      dir: dir === "." ? PATHS.source : `${PATHS.source}/${dir}`,
      // How it was made is its key: a copy of exact files, whose key is what they hold.
      mounts: [
        { kind: "tree", at: PATHS.source, tree, access: "keep", ...byDefinition(ground) },
        ...tenantMounts(ground, generator),
        ...credentialMounts(generator),
        ...cacheMounts(generator),
      ],
      rootfs: "writable",
      ...(network ? networkOf(settings) : { network: "none" as const }),
      ...(isUncached(settings.noCache, "steps", name) ? { uncached: true } : {}),
    });
    return { root: { step: id }, tree: { step: id, output: PATHS.source } };
  }, start);
  return add({
    kind: "files",
    id: `step ${name}`,
    title: `[step ${name}] ${outputs.map(({ path }) => path).join(", ")}`,
    actions: [partsOf(left.tree, outputs)],
  });
}

/** Where an ssh agent's socket is, and the file that tells tenants apart. */
const AGENT = "/run/buildkit/ssh_agent.0";
const TENANT = "/run/go-frontend";

function credentialMounts({ credentials }: GeneratorPlan): readonly Mount[] {
  return credentials.map((credential): Mount => {
    switch (credential.kind) {
      case "step-secret":
        return { kind: "secret", at: `/run/secrets/${credential.secret}`, id: credential.secret };
      case "step-agent":
        return { kind: "agent", at: AGENT, id: credential.agent };
    }
  });
}

/** Two runs at once, of two builds, follow each other: no program is asked whether it minds another. */
function cacheMounts({ caches = [] }: GeneratorPlan): readonly Mount[] {
  return caches.map(({ path, id }) => ({
    kind: "cache",
    at: posix.resolve(PATHS.source, path),
    id,
    sharing: "locked",
  }));
}

/**
 * Puts into the key whose result it is, where that is not anybody's: what a secret opens is its tenant's, and what a
 * network answers that the client sends elsewhere is that client's.
 */
function tenantMounts({ resolved, add }: Ground, { name, tenant, network }: GeneratorPlan): readonly Mount[] {
  const sent = network ? sentElsewhere(resolved.settings) : undefined;
  if (tenant === undefined && sent === undefined) return [];
  const tree = add({
    kind: "files",
    id: `step ${name} tenant`,
    title: `[internal] tenant of step ${name}`,
    actions: [{ kind: "mkfile", path: "/tenant", text: `${hashOf(tenant, sent)}\n` }],
  });
  return [readOnly(TENANT, tree)];
}

/** Characters of a command in the line under which clients show it. */
const MOST_SHOWN = 120;

export function addStepImage({ plan, resolved, add }: Ground, image: ResolvedImage): Tree {
  return add({
    kind: "image",
    id: `image of steps ${image.reference}`,
    title: `[steps] ${image.reference}`,
    use: "step",
    reference: image.reference,
    platform: plan.buildPlatform,
    lookup: resolved.settings.resolveMode,
    ...(image.replaced === true ? { replaced: true } : {}),
  });
}

/** What a generator sees of the tree, and nothing else, so that no other file is in its key. */
function addInputs(
  ground: Ground,
  { name, files, without, texts = [], taken, dir }: GeneratorPlan,
  trees: ReadonlyMap<string, Tree>,
): Tree {
  const { resolved, add } = ground;
  const sent = files.length === 0 ? undefined : addContext({ resolved, add }, files, `step-${name}`);
  return add({
    kind: "files",
    id: `step ${name} inputs`,
    title: `[step ${name}] inputs`,
    actions: [
      ...(dir === "." ? [] : [{ kind: "mkdir", path: `/${dir}` } as const]),
      ...(sent === undefined ? [] : [copyOf(sent, files, without)]),
      ...inlineFiles(texts),
      ...[...Map.groupBy(taken, ({ step }) => step)].map(([step, paths]) =>
        partsOf(writtenBy(trees, step), paths),
      ),
    ],
    exported: false,
  });
}

const partsOf = (from: Tree, paths: readonly { readonly path: string }[]): CopyAction =>
  copyOf(
    from,
    paths.map(({ path }) => path),
    [],
  );

function copyOf(from: Tree, paths: readonly string[], without: readonly string[]): CopyAction {
  return {
    kind: "copy",
    from,
    source: "/",
    dest: "/",
    contents: true,
    parents: true,
    ...(paths.includes(".") ? {} : { include: paths.map(escapePattern) }),
    ...(without.length === 0 ? {} : { exclude: without.map(escapePattern) }),
    times: "epoch",
  };
}

/** What writes a path of the tree, where it is generated. */
export function generatedTree(site: Site, path: string): Tree | undefined {
  const { generated } = site.plan.service;
  const paths = [...(generated?.paths ?? []), ...(generated?.imagePaths ?? [])];
  const found = paths.find((output) => isWithin(path, output.path));
  if (generated === undefined || found === undefined) return undefined;
  return writtenBy(addGenerators(site, generated.generators), found.step);
}

/**
 * Files of the context with what generators write in its place.
 *
 * @param files the context's; those of directories that are taken whole are there, too
 */
export function withGenerated(site: Site, files: Tree, id: string, paths: readonly string[]): Tree {
  const { generated } = site.plan.service;
  if (generated === undefined || generated.paths.length === 0) return files;
  const trees = addGenerators(site, generated.generators);
  const hidden = generated.paths.map(({ path }) => path);
  const isWhole = paths.some((path) => hidden.some((output) => isWithin(output, path)));
  const laid = [...Map.groupBy(generated.paths, ({ step }) => step)].map(
    ([step, written]: readonly [string, readonly GeneratedPath[]]) =>
      partsOf(writtenBy(trees, step), written),
  );
  return site.add({
    kind: "files",
    id: `${id} with steps`,
    title: "[internal] source with what steps write",
    ...(isWhole ? {} : { on: files }),
    actions: [...(isWhole ? [copyOf(files, ["."], hidden)] : []), ...laid],
    exported: false,
  });
}
