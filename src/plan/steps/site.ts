// What all steps of one build share: the list that they join, the toolchain, the builder's abilities; and what the
// steps that run something have in common.
import type { Abilities } from "../abilities.ts";
import type { Resolved, Stage } from "../resolved.ts";
import type { FileAction, MountKey, RunStep, SourceFile, Step, Tree, TreeMount } from "../step.ts";
import type { InlineFile, Place, Plan } from "../types.ts";

export interface Site {
  readonly plan: Plan;
  readonly resolved: Resolved;
  readonly abilities: Abilities;
  readonly toolchain: Toolchain;
  /** Files that places of steps may be in. */
  readonly sources: readonly SourceFile[];
  /** Puts a step into the list, behind those that it needs; the same step again changes nothing. */
  readonly add: (step: Step) => Tree;
}

export interface Toolchain {
  /** The image as it is, with git and ssh. */
  readonly full: Tree;
  /** What compiling and a public module proxy need; the same as `full` where that cannot be told. */
  readonly slim: Tree;
  /** {@link slim} with more of the toolchain; the same where nothing more is asked for. */
  readonly with: (parts: ToolchainParts) => Tree;
  /** Environment of the image, as far as steps take it over. */
  readonly env: readonly (readonly [string, string])[];
}

/** What only some builds take of the toolchain. */
export interface ToolchainParts {
  /** The tool that puts counters into source. */
  readonly cover: boolean;
  /** Archives of FIPS modules. */
  readonly fips: boolean;
}

/** An empty list of steps, and how steps join it. */
export function stepList(): { readonly steps: () => readonly Step[]; readonly add: Site["add"] } {
  const known = new Map<string, Step>();
  return {
    steps: () => [...known.values()],
    add: (step) => {
      const before = known.get(step.id);
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(step)) {
        throw new Error(`two steps are called ${step.id}`);
      }
      known.set(step.id, before ?? step);
      return { step: step.id };
    },
  };
}

/** A step that runs, as far as it differs from others. */
export interface Run extends Pick<
  RunStep,
  "id" | "title" | "at" | "argv" | "dir" | "mounts" | "hosts" | "proxy"
> {
  /** The part of a build that it belongs to, by which users choose what is not taken from the cache. */
  readonly stage: Stage;
  /** What is set over the environment of the toolchain's image. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: what compiling needs. */
  readonly on?: Tree | undefined;
  /** Absent: none. */
  readonly network?: RunStep["network"] | undefined;
}

/**
 * Puts a step that runs something into the list.
 *
 * @returns what is in one of its mounts afterwards, by the mount's path
 */
export function addRun(site: Site, { stage, ...run }: Run): (at: string) => Tree {
  const { plan, resolved, toolchain } = site;
  site.add({
    kind: "run",
    ...run,
    at: shownPlace(site, run.at),
    on: run.on ?? toolchain.slim,
    platform: plan.buildPlatform,
    env: environment([...toolchain.env, ...Object.entries(run.env)]),
    mounts: [{ kind: "memory", at: "/tmp" }, ...run.mounts],
    network: run.network ?? "none",
    ...(isUncached(resolved.settings.noCache, stage, plan.service.name) ? { uncached: true } : {}),
  });
  return (at) => ({ step: run.id, output: at });
}

/** Of a file that the builder does not know there is no excerpt: the description's first line stands in. */
function shownPlace({ sources, resolved }: Site, at: Place): Place {
  if (sources.some(({ filename }) => filename === at.file)) return at;
  const start = { line: 1, column: 1, offset: 0 };
  return { file: resolved.description.filename, range: { start, end: start } };
}

/** `NAME=value`; a variable that is set again stands behind those that were set before. */
export function environment(entries: readonly (readonly [string, string])[]): readonly string[] {
  const values = new Map<string, string>();
  for (const [name, value] of entries) {
    values.delete(name);
    values.set(name, value);
  }
  return [...values].map(([name, value]) => `${name}=${value}`);
}

/** The name and the value of an entry of {@link environment}. */
export function variableOf(entry: string): readonly [string, string] {
  const at = entry.indexOf("=");
  return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** @param owner the service that is compiled, or the step of the description */
export function isUncached(names: readonly string[] | undefined, stage: Stage, owner: string): boolean {
  if (names === undefined) return false;
  return (
    names.length === 0 ||
    names.includes(stage) ||
    ((stage === "build" || stage === "steps") && names.includes(owner.toLowerCase()))
  );
}

/** What makes a small tree of files that stand in the step itself, with their folders and some empty ones. */
export function inlineFiles(
  files: readonly InlineFile[],
  directories: readonly string[] = [],
): readonly FileAction[] {
  const parents = new Set(directories);
  for (const { path } of files) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) parents.add(path.slice(0, slash));
  }
  return [
    ...[...parents].toSorted().map((path) => ({ kind: "mkdir", path: `/${path}` }) as const),
    ...files.map(({ path, text }) => ({ kind: "mkfile", path: `/${path}`, text }) as const),
  ];
}

/**
 * Of a mount whose content its definition already identifies. BuildKit's default is to hash each file of a writable
 * mount as well, before every step that has to run (moby/buildkit:solver/llbsolver/ops/exec.go, getMountDeps): of
 * the compile caches of a build, some 900 MB. A builder that cannot be told does that.
 */
export const byDefinition = (site: Pick<Site, "abilities">): KeyedBy => keyedBy(site, "definition");

/** BuildKit's default of a read-only mount, said aloud where the builder understands it: the key is what files hold. */
export const byContent = (site: Site): KeyedBy => keyedBy(site, "content");

interface KeyedBy {
  readonly key?: MountKey | undefined;
}

const keyedBy = ({ abilities }: Pick<Site, "abilities">, key: MountKey): KeyedBy =>
  abilities.contentCache ? { key } : {};

export const readOnly = (at: string, tree: Tree): TreeMount => ({ kind: "tree", at, tree, access: "read" });

/** Empty, and what the step writes there is kept. */
export const output = (at: string): TreeMount => ({ kind: "tree", at, access: "keep" });

/** Writable for the step, thrown away after it. */
export const throwAway = (site: Site, at: string, tree: Tree): TreeMount => ({
  kind: "tree",
  at,
  tree,
  access: "discard",
  ...byDefinition(site),
});

/** What the step adds to a build cache is kept, on top of what is there. */
export const addedTo = (site: Site, at: string, tree: Tree | undefined): TreeMount => ({
  kind: "tree",
  at,
  tree,
  access: "keep",
  ...byDefinition(site),
});
