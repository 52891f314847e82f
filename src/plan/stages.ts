// The steps of a build as stages with their inputs, for people: `go-frontend plan --format text` shows them,
// `go-frontend why` compares them. A stage is a step that runs, what it runs on, an image, or trees laid on each other;
// an input is something that is part of its cache key. Files that are only made or copied are inputs of the stages that
// read them.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { escapePattern } from "../facts/index.ts";
import { formatPlatform } from "../description/index.ts";
import { PATHS } from "./paths.ts";
import type { ContextStep, CopyAction, FilesStep, Mount, RunStep, Step, Tree } from "./step.ts";
import type { Build, PlatformResult } from "./steps/index.ts";

export interface StageInput {
  /** What it is, in words: "go.sum", "import", "command", "file". */
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

/** The stages of a build, each after those it needs. */
export function stagesOf(
  { steps, results }: Pick<Build, "steps" | "results">,
  contents: Contents = {},
): readonly PlanStage[] {
  const ends = new Map(results.map((result) => [result.tree.step, result]));
  const known: Known = {
    steps: new Map<string, Step>(),
    roots: new Set(steps.flatMap((step) => (step.kind === "run" ? [step.on.step] : []))),
  };
  const stages: PlanStage[] = [];
  for (const step of steps) {
    // A step reads those before it and no others, so whatever a saved plan says, nothing goes round in a circle.
    if (isStage(step, known) && !isImage(ends.get(step.id), step)) {
      stages.push(stageOf(step, reader(known, contents)));
    }
    known.steps.set(step.id, step);
  }
  return [...stages, ...results.flatMap((result) => imageStage(result, known, contents))];
}

interface Known {
  /** Steps so far, by id. */
  readonly steps: Map<string, Step>;
  /** Ids of steps that others run on. */
  readonly roots: ReadonlySet<string>;
}

/** Whether a step stands for itself, or is a part of what others read. */
function isStage(step: Step, { roots }: Known): boolean {
  switch (step.kind) {
    case "run":
    case "image":
    case "url":
      return true;
    case "merge":
      return step.exported !== false;
    case "diff":
    case "files":
    case "context":
      return roots.has(step.id);
  }
}

/** Whether a step does no more than lay an image together: then it is one stage with the image's configuration. */
function isImage(result: PlatformResult | undefined, step: Step): boolean {
  return result?.config !== undefined && step.kind !== "run";
}

function stageOf(step: Step, read: Reader): PlanStage {
  switch (step.kind) {
    case "image":
      return {
        name: step.id,
        needs: [],
        inputs: [
          { kind: "image", entries: [step.reference] },
          { kind: "platform", entries: [formatPlatform(step.platform)] },
        ],
      };
    case "url":
      return {
        name: step.id,
        needs: [],
        inputs: [{ kind: "checksum", entries: [step.checksum] }],
      };
    case "run":
      return runStage(step, read);
    case "merge":
    case "diff":
    case "files":
    case "context":
      read.tree({ step: step.id }, "definition", step);
      return { name: step.id, ...read.found() };
  }
}

function runStage(step: RunStep, read: Reader): PlanStage {
  read.tree(step.on, "definition");
  for (const mount of step.mounts) {
    if ((mount.kind === "tree" || mount.kind === "cache") && mount.tree !== undefined) {
      read.tree(mount.tree, isByContent(mount) ? "content" : "definition");
    }
  }
  const { needs, inputs } = read.found();
  return {
    name: step.id,
    needs,
    inputs: [
      { kind: "command", entries: step.argv },
      { kind: "environment", entries: step.env },
      { kind: "platform", entries: [formatPlatform(step.platform)] },
      { kind: "network", entries: step.network === "none" ? [] : [step.network] },
      { kind: "mount", entries: step.mounts.map(mountText) },
      ...inputs,
    ],
  };
}

/** Whether what the files hold is all of a mounted tree that is in the key; see {@link MountKey}. */
function isByContent(mount: Mount): boolean {
  return mount.kind === "tree" && mount.access === "read" && mount.key !== "definition";
}

/** A mount, as far as it is in the key: not the id of a cache, nor what a secret holds. */
function mountText(mount: Mount): string {
  switch (mount.kind) {
    case "tree":
      return `${mount.at} ${mount.access}`;
    case "cache":
    case "memory":
      return `${mount.at} ${mount.kind}`;
    case "secret":
    case "agent":
      return `${mount.at} ${mount.kind} ${mount.id}`;
  }
}

function imageStage(
  { id, tree, config }: PlatformResult,
  known: Known,
  contents: Contents,
): readonly PlanStage[] {
  const read = reader(known, contents);
  const step = known.steps.get(tree.step);
  if (config === undefined) {
    if (step === undefined || step.kind === "run") return [];
    read.tree(tree, "definition", step);
    return [{ name: id, ...read.found() }];
  }
  read.tree(tree, "definition", step?.kind === "run" ? undefined : step);
  const { needs, inputs } = read.found();
  const { config: container = {}, history: _, ...rest } = config;
  const entries = Object.entries({ ...rest, ...container });
  return [
    {
      name: id,
      needs,
      inputs: [
        ...inputs,
        { kind: "configuration", entries: entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`) },
      ],
    },
  ];
}

// ------------------------------------------------------------------ what a stage reads

/**
 * How a tree is read: it is in the key by how it was made, or by what its files hold; or some files of it are, which
 * another input names.
 */
type Way = "definition" | "content" | "chosen";

interface Reader {
  /** @param inside the tree's own step, where its parts are to be read and not itself */
  readonly tree: (tree: Tree, way: Way, inside?: Step) => void;
  readonly found: () => Pick<PlanStage, "needs" | "inputs">;
}

/** Follows what a stage reads down to other stages, files and texts, each once. */
function reader(known: Known, contents: Contents): Reader {
  const needs = new Set<string>();
  const inputs: StageInput[] = [];
  const seen = new Set<string>();
  const digests = new Map(
    Object.entries(contents).map(([path, digest]) => [escapePattern(path), `${path} ${digest}`]),
  );
  const tree = ({ step: id }: Tree, way: Way, inside?: Step): void => {
    const step = inside ?? known.steps.get(id);
    if (step === undefined || seen.has(`${way} ${id}`)) return;
    seen.add(`${way} ${id}`);
    if (inside === undefined && isStage(step, known)) needs.add(id);
    else if (step.kind === "merge") for (const merged of step.trees) tree(merged, way);
    else if (step.kind === "diff") for (const side of [step.lower, step.upper]) tree(side, way);
    else if (step.kind === "files") files(step, way);
    else if (step.kind === "context" && way !== "chosen") inputs.push(contextInput(step, contents));
  };
  const files = (step: FilesStep, way: Way): void => {
    if (step.on !== undefined) tree(step.on, way);
    for (const action of step.actions) if (action.kind === "copy") copied(action, way);
    inputs.push(...madeInputs(step));
  };
  const copied = (action: CopyAction, way: Way): void => {
    const { include, exclude = [], from, contents: isTree, dest, mode, owner } = action;
    const isOwned = mode !== undefined || owner !== undefined;
    if (isOwned) {
      const who = owner === undefined ? [] : [[owner.user, owner.group ?? []].flat().join(":")];
      const entry = [action.source, dest, ...(mode === undefined ? [] : [mode]), ...who].join(" ");
      inputs.push({ kind: "permissions", entries: [entry] });
    }
    if (include === undefined) {
      tree(from, way);
      // Of a file, where it is put is in the key too.
      const place = `${posix.basename(action.source)} ${dest}`;
      if (isTree !== true && !isOwned) inputs.push({ kind: "place", entries: [place] });
      return;
    }
    const entries = include.map((pattern) => digests.get(pattern) ?? pattern);
    inputs.push({ kind: "file", entries: [...entries, ...exclude.map((pattern) => `without ${pattern}`)] });
    // By content, what was chosen is the key, and not what it was chosen from.
    const source = known.steps.get(from.step);
    if (way === "definition" || (source !== undefined && !isStage(source, known))) {
      tree(from, way === "definition" ? way : "chosen");
    }
  };
  return { tree, found: () => ({ needs: [...needs], inputs }) };
}

/** Files of the context with their digests, where they are known; of a directory those that are in it. */
function contextInput({ role, paths, named }: ContextStep, contents: Contents): StageInput {
  const all = Object.keys(contents);
  const inTree = named === undefined ? paths : paths.map((path) => posix.join(named.at, path));
  const entries = inTree.flatMap((path) => {
    if (contents[path] !== undefined) return [`${path} ${contents[path]}`];
    const inside = path === "." ? all : all.filter((file) => file.startsWith(`${path}/`));
    return inside.length === 0 ? [path] : inside.toSorted().map((file) => `${file} ${contents[file] ?? ""}`);
  });
  return { kind: /^profile\b/.test(role) ? "profile" : "file", entries };
}

/** More files than these are a program and not settings: each is told by its digest, and not by its lines. */
const FEW_FILES = 12;

/** Texts that stand in a step itself. */
function madeInputs({ actions }: FilesStep): readonly StageInput[] {
  return [...madeFiles(actions), ...madeParts(actions)];
}

/** Links, and directories where they are all that is made: others follow from the files in them. */
function madeParts(actions: FilesStep["actions"]): readonly StageInput[] {
  const isAll = actions.every(({ kind }) => kind === "mkdir" || kind === "link");
  const directories = actions.flatMap((action) => (isAll && action.kind === "mkdir" ? [action.path] : []));
  const links = actions.flatMap((action) =>
    action.kind === "link" ? [`${action.path} to ${action.target}`] : [],
  );
  return [
    ...(directories.length === 0 ? [] : [{ kind: "directory", entries: directories }]),
    ...(links.length === 0 ? [] : [{ kind: "link", entries: links }]),
  ];
}

function madeFiles(actions: FilesStep["actions"]): readonly StageInput[] {
  const made = actions.flatMap((action) => (action.kind === "mkfile" ? [action] : []));
  if (made.length > FEW_FILES) {
    const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
    return [{ kind: "file", entries: made.map(({ path, text }) => `${path.slice(1)} ${digest(text)}`) }];
  }
  return made.map(({ path, text }) => {
    const command = path === `/${ARGUMENTS}` ? argumentsIn(text) : undefined;
    if (command !== undefined) return { kind: "command", entries: command };
    const lines = text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    const imports = lines.flatMap((line) => /^_ "(.*)"$/.exec(line)?.[1] ?? []);
    return imports.length > 0
      ? { kind: "import", entries: imports }
      : { kind: path.slice(1), entries: lines };
  });
}

/** Name of the file in which our program finds its arguments. */
export const ARGUMENTS = posix.basename(PATHS.arguments);

/** The arguments in such a file; undefined where it holds something else. */
export function argumentsIn(text: string): readonly string[] | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json.map(String) : undefined;
  } catch {
    return undefined;
  }
}
