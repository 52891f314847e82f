// What every vertex of one build shares: the toolchain, the source map, the cache switch, names.
import { createHash } from "node:crypto";
import {
  addEnv,
  addMount,
  contentCache,
  FileAction,
  forceNoOutput,
  ignoreCache,
  mkdir,
  mkfile,
  mountContentCacheDefault,
  mountContentCacheOff,
  netModeNone,
  network,
  newSourceMap,
  readonlyRootFS,
  scratch,
  type MountOption,
  type RunOption,
  type State,
  tmpfs,
  withCreatedTime,
  withParents,
} from "../llb/index.ts";
import {
  GO_FLAGS,
  type InlineFile,
  type LinkPlan,
  PATHS,
  type Place,
  type Plan,
  type VariantPlan,
} from "../plan/index.ts";
import { type Abilities, abilitiesOf } from "./abilities.ts";
import { toolchainStates } from "./toolchain.ts";
import type { Resolved, Stage } from "./types.ts";
import { visibleText } from "../description/index.ts";
import { named } from "./name.ts";

export interface GraphContext {
  readonly plan: Plan;
  readonly resolved: Resolved;
  readonly abilities: Abilities;
  /** The toolchain's root filesystem: read-only in every step, so no result ever holds a part of it. */
  readonly toolchain: State;
  /** The image with git and ssh, for modules that do not come from a proxy. */
  readonly fullToolchain: State;
  /** Options every step of a stage carries: name, place in the description, cache switch. */
  readonly step: (stage: Stage, name: string, at: Place) => readonly RunOption[];
}

/** Files written by us carry the epoch: nothing about a build's time may enter a layer. */
export const EPOCH = new Date(0);

export function graphContext(plan: Plan, resolved: Resolved): GraphContext {
  const { settings, description } = resolved;
  const map = newSourceMap(undefined, description.filename, "YAML", description.text);
  // Clients print the lines as they are. Of the description they are known to be printable.
  const moduleFiles = new Map(
    plan.modules?.files.map(({ path, text }) => [path, newSourceMap(undefined, path, "", visibleText(text))]),
  );
  const location = ({ file, range }: Place): RunOption => {
    if (file === description.filename) return map.location([lines(range)]);
    const other = moduleFiles.get(file);
    // Of a file that the builder does not know there is no excerpt: the description's first line stands in.
    return other === undefined ? map.location([firstLine]) : other.location([lines(range)]);
  };
  const abilities = abilitiesOf(settings.caps);
  const toolchain = toolchainStates(plan, resolved, abilities);
  return {
    plan,
    resolved,
    abilities,
    toolchain: toolchain.slim,
    fullToolchain: toolchain.full,
    step: (stage, name, at) => [
      named(name),
      location(at),
      ...(isUncached(settings.noCache, stage, plan.service.name) ? [ignoreCache] : []),
    ],
  };
}

const firstLine = { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } };

/** LLB counts lines from one and characters from zero. */
function lines({ start, end }: Place["range"]): typeof firstLine {
  return {
    start: { line: start.line, character: start.column - 1 },
    end: { line: end.line, character: end.column - 1 },
  };
}

function isUncached(names: readonly string[] | undefined, stage: Stage, service: string): boolean {
  if (names === undefined) return false;
  return (
    names.length === 0 ||
    names.includes(stage) ||
    (stage === "build" && names.includes(service.toLowerCase()))
  );
}

/** What all steps have in common: a read-only root, memory for /tmp, no network unless said. */
export function sandbox(): readonly RunOption[] {
  return [readonlyRootFS(), addMount("/tmp", scratch(), tmpfs())];
}

export function withoutNetwork(): RunOption {
  return network(netModeNone);
}

/** Environment of every go command; nothing in it names the project or the machine. */
export function goEnv(target: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...target,
    GOCACHE: PATHS.buildCache,
    GOENV: "off",
    GOFLAGS: GO_FLAGS,
    GOMODCACHE: PATHS.moduleCache,
    GOTELEMETRY: "off",
    GOTOOLCHAIN: "local",
    HOME: "/tmp",
  };
}

/** A small tree written by us, held in the graph itself. */
export function inlineFiles(
  files: readonly InlineFile[],
  directories: readonly string[],
  name: string,
): State {
  const at = withCreatedTime(EPOCH);
  const parents = new Set(directories);
  for (const file of files) {
    const slash = file.path.lastIndexOf("/");
    if (slash > 0) parents.add(file.path.slice(0, slash));
  }
  const actions = [
    ...[...parents].toSorted().map((path) => mkdir(`/${path}`, 0o755, at, withParents(true))),
    ...files.map((file) => mkfile(`/${file.path}`, 0o644, file.text, at)),
  ];
  const chain = actions.reduce<FileAction | undefined>(
    (before, next) => (before === undefined ? next : new FileAction(next.action, before)),
    undefined,
  );
  return chain === undefined ? scratch() : scratch().file(chain, named(name));
}

/**
 * Of a mount whose content its definition already identifies. BuildKit's default is to hash each file of a writable
 * mount as well, before every step that has to run (moby/buildkit:solver/llbsolver/ops/exec.go, getMountDeps): of
 * the compile caches of a build, some 900 MB. A builder that cannot be told does that.
 */
export function keyedByDefinition({ abilities }: GraphContext): MountOption {
  return contentCache(abilities.contentCache ? mountContentCacheOff : mountContentCacheDefault);
}

/** Writable for the step, thrown away after it. */
export function throwAway(context: GraphContext, dest: string, state: State): RunOption {
  return addMount(dest, state, forceNoOutput, keyedByDefinition(context));
}

/**
 * The go command keeps an index of packages in its build cache, by names, sizes and times of files, and of a module in
 * the module cache by its folder's name alone (golang/go:src/cmd/go/internal/modindex/read.go, dirHash and moduleHash).
 * Files of a git context or of a copy all have one time, and parts of modules stand in the same folders: a step whose
 * build cache another build has written into, or will, neither reads nor writes that index. The setting is the go
 * command's own; nothing that is compiled has it.
 */
export function withoutIndex(): RunOption {
  return addEnv("GODEBUG", "goindex=0");
}

/** Environment options of a step that compiles for the variant's platform. */
export function goEnvironment(variant: VariantPlan): readonly RunOption[] {
  return Object.entries({ ...goEnv(variant.env), GOPROXY: "off" }).map(([name, value]) =>
    addEnv(name, value),
  );
}

/** Mounts that were filled by other rules than today's are not read: raised whenever a rule was wrong. */
const MOUNT_RULES = 2;

/** Id of a cache mount that one project's builds with one set of flags share. */
export function cacheId(context: GraphContext, link: LinkPlan, use: "build" | "own"): string {
  const flags = JSON.stringify([
    MOUNT_RULES,
    link.variant.env,
    link.variant.tags,
    link.variant.profile,
    context.resolved.toolchain.reference,
  ]);
  return `${context.plan.cacheScope}/${use}/${createHash("sha256").update(flags).digest("hex").slice(0, 16)}`;
}
