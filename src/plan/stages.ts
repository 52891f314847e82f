// The plan as stages with their inputs, for people: `go-frontend plan --format text` shows them,
// `go-frontend why` compares them. One stage here is one vertex, or one group of like vertices, of the
// graph; an input is something that is part of its cache key.
import { formatPlatform } from "../description/index.ts";
import { depsCommand, stdCommand, stepProfile } from "./plan.ts";
import { groupCommand } from "./refine.ts";
import { stratumCommand } from "./strata.ts";
import type { AuthPlan, DepsGroup, InlineFile, LinkPlan, ModulesPlan, Plan, VariantPlan } from "./types.ts";

export interface StageInput {
  /** What it is, in words: "go.sum", "imports", "command", "file". */
  readonly kind: string;
  /** One entry for each thing that can change by itself: a line, an import, a flag, a file. */
  readonly entries: readonly string[];
}

export interface PlanStage {
  readonly name: string;
  /** Stages whose results it reads. */
  readonly needs: readonly string[];
  readonly inputs: readonly StageInput[];
}

/** Digests of files of the context by path, where they are known. */
export type Contents = Readonly<Record<string, string>>;

/** The stages of a plan, each after those it needs. */
export function stagesOf(plan: Plan, contents: Contents = {}): readonly PlanStage[] {
  const toolchain: PlanStage = {
    name: "toolchain",
    needs: [],
    inputs: [{ kind: "image", entries: [plan.toolchain.reference] }],
  };
  const helper: PlanStage = { name: "helper", needs: ["toolchain"], inputs: [] };
  const { modules, listing } = plan;
  const download: readonly PlanStage[] = [
    ...(modules === undefined ? [] : downloadStages(modules)),
    ...(listing === undefined
      ? []
      : [{ name: "listing", needs: ["modules"], inputs: [...fileInputs(listing.files)] }]),
  ];
  const links = plan.service.links.flatMap((link, index) => linkStages(plan, link, index, contents));
  return [toolchain, helper, ...download, ...links];
}

function downloadStages(modules: ModulesPlan): readonly PlanStage[] {
  const { parts } = modules;
  if (parts === undefined) {
    return [{ name: "modules", needs: ["helper"], inputs: downloadInputs(modules, modules.files) }];
  }
  const stages = parts.map(({ name, files, command }): PlanStage => ({
    name: `modules ${name}`,
    needs: ["helper"],
    inputs: [{ kind: "command", entries: command }, ...downloadInputs(modules, files)],
  }));
  return [...stages, { name: "modules", needs: stages.map(({ name }) => name), inputs: [] }];
}

function downloadInputs(modules: ModulesPlan, files: readonly InlineFile[]): readonly StageInput[] {
  const { imports } = modules;
  return [
    ...fileInputs(files),
    ...(imports === undefined
      ? []
      : [
          ...fileInputs(imports.files),
          {
            kind: "platform",
            entries: imports.platforms.map(({ id, env }) => `${id} ${environment(env).join(" ")}`),
          },
          { kind: "tag", entries: imports.tags },
        ]),
    { kind: "proxy", entries: modules.proxy === undefined ? [] : [modules.proxy] },
    {
      kind: "setting",
      entries: Object.entries(modules.env).map(([name, value]) => `${name}=${value}`),
    },
    { kind: "private modules", entries: modules.private },
    { kind: "login", entries: modules.auth.map(loginText) },
    {
      kind: "known hosts",
      entries: modules.auth.flatMap((auth) => (auth.kind === "ssh" ? auth.knownHosts : [])),
    },
  ];
}

function linkStages(plan: Plan, link: LinkPlan, index: number, contents: Contents): readonly PlanStage[] {
  const { variant } = link;
  const id = formatPlatform(variant.platform);
  const profile = variant.profile === undefined ? [] : [files("profile", [variant.profile], contents)];
  const std: PlanStage = {
    name: `std ${id}`,
    needs: ["helper"],
    inputs: [{ kind: "command", entries: stdCommand(variant) }, ...profile],
  };
  const deps = depsStages(plan, link, id, profile, contents);
  const time: StageInput = { kind: "time of files", entries: [`SOURCE_DATE_EPOCH=${plan.epoch}`] };
  const name = `build ${plan.service.name} ${id}`;
  const prepared = [deps.at(-1)?.name ?? std.name, ...(plan.modules === undefined ? [] : ["modules"])];
  const own = ownStages(link, id, prepared, profile, contents);
  const build: PlanStage = {
    name,
    needs: [...prepared, ...own.map((each) => each.name)],
    inputs: [
      { kind: "command", entries: link.argv },
      { kind: "environment", entries: environment(variant.env) },
      files("file", plan.service.files, contents),
      ...vendored(variant, contents),
      ...profile,
      time,
    ],
  };
  const image = plan.service.images[index];
  if (image === undefined || plan.output === "binary") return [std, ...deps, ...own, build];
  const base: readonly PlanStage[] =
    image.base.kind === "static"
      ? [
          {
            name: "rootfs",
            needs: ["helper"],
            inputs: [{ kind: "user", entries: image.user === undefined ? [] : [image.user] }, time],
          },
        ]
      : [];
  const { base: from, ...config } = image;
  return [
    std,
    ...deps,
    ...own,
    build,
    ...(index === 0 ? base : []),
    {
      name: `image ${plan.service.name} ${id}`,
      needs: [name, ...base.map((each) => each.name)],
      inputs: [
        { kind: "base", entries: [from.kind === "image" ? from.reference : from.kind] },
        {
          kind: "configuration",
          entries: Object.entries(config).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
        },
      ],
    },
  ];
}

function depsStages(
  plan: Plan,
  link: LinkPlan,
  id: string,
  profile: readonly StageInput[],
  contents: Contents,
): readonly PlanStage[] {
  const { variant } = link;
  const { deps } = variant;
  if (deps === undefined) return [];
  const inputs = (command: readonly string[]): readonly StageInput[] => [
    { kind: "command", entries: command },
    { kind: "environment", entries: environment(variant.env) },
    ...profile,
  ];
  const source = plan.modules === undefined ? [] : ["modules"];
  if (deps.groups === undefined) {
    const imports: StageInput = { kind: "import", entries: deps.imports };
    return [
      {
        name: `deps ${id}`,
        needs: [`std ${id}`, ...source],
        inputs: [
          imports,
          ...fileInputs(deps.files),
          ...vendored(variant, contents),
          ...inputs(depsCommand(variant, deps)),
        ],
      },
    ];
  }
  const nameOf = (group: DepsGroup): string => `deps ${id}: ${group.name}`;
  // A group is keyed on the content of the modules it reads, not on the download step that fetched them.
  const groups = deps.groups.map((group, index, all): PlanStage => ({
    name: nameOf(group),
    needs: [...all.slice(index - 1, index).map(nameOf), ...(index === 0 ? [`std ${id}`] : [])],
    inputs: [...fileInputs(group.files), ...inputs(groupCommand(variant, group, stepProfile(variant)))],
  }));
  return groups;
}

function ownStages(
  { variant, own }: LinkPlan,
  id: string,
  prepared: readonly string[],
  profile: readonly StageInput[],
  contents: Contents,
): readonly PlanStage[] {
  if (own === undefined) return [];
  const nameOf = (index: number): string => `own ${id} ${index + 1}`;
  return own.strata.map((stratum, index) => ({
    name: nameOf(index),
    needs: index === 0 ? prepared : [nameOf(index - 1)],
    inputs: [
      { kind: "command", entries: stratumCommand(variant, stratum, stepProfile(variant)) },
      { kind: "environment", entries: environment(variant.env) },
      // Files of the strata before it are inputs too: their own stages name them.
      files("file", [...own.modFiles, ...stratum.files], contents),
      ...vendored(variant, contents),
      ...profile,
    ],
  }));
}

/** One login, as far as it is in the key of the download: never a secret's value. */
function loginText(auth: AuthPlan): string {
  switch (auth.kind) {
    case "netrc":
      return `netrc secret ${auth.secret}`;
    case "token":
      return `${auth.host} token ${auth.secret}, user ${auth.user}`;
    case "ssh":
      return `${auth.host} ssh ${auth.agent}, user ${auth.user}, port ${auth.port}`;
  }
}

function fileInputs(inline: readonly InlineFile[]): readonly StageInput[] {
  return inline.map(({ path, text }) => ({
    kind: path,
    entries: text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  }));
}

/** The vendor directory is an input as a whole: its files, where their digests are known. */
function vendored({ vendor, vendorLinks = [] }: VariantPlan, contents: Contents): readonly StageInput[] {
  if (vendor === undefined) return [];
  const dirs = [vendor, ...vendorLinks.map(({ from }) => from)];
  const paths = Object.keys(contents).filter((path) => dirs.some((dir) => path.startsWith(`${dir}/`)));
  return [{ kind: "vendor", entries: [vendor] }, files("file", paths.toSorted(), contents)];
}

function files(kind: string, paths: readonly string[], contents: Contents): StageInput {
  return {
    kind,
    entries: paths.map((path) => (contents[path] === undefined ? path : `${path} ${contents[path]}`)),
  };
}

function environment(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
