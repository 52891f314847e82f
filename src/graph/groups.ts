import {
  addMount,
  args,
  copy,
  dir,
  merge,
  type MountOption,
  mountContentCacheDefault,
  mountContentCacheOn,
  contentCache,
  readonly,
  type RunOption,
  scratch,
  type State,
  withCreatedTime,
  withoutExportCache,
} from "../llb/index.ts";
import { type DepsGroup, groupCommand, PATHS, stepProfile, type VariantPlan } from "../plan/index.ts";
import {
  EPOCH,
  goEnvironment,
  type GraphContext,
  inlineFiles,
  keyedByDefinition,
  sandbox,
  withoutIndex,
  withoutNetwork,
} from "./context.ts";
import type { Helper } from "./helper.ts";
import { named } from "./name.ts";

/**
 * Compiles other modules in groups, each into the cache that the groups before it have left. Each sees
 * only the modules it reads, by content: when go.mod names a new version of one module, the groups
 * before that module's find their results in the cache although the download step ran again.
 */
export function cookGroups(
  context: GraphContext,
  helper: Helper,
  variant: VariantPlan,
  groups: readonly DepsGroup[],
  std: State,
  modules: State,
  profileMount: readonly RunOption[],
): State {
  const read = readModules(context, modules, groups);
  return groups.reduce((cache, group, index) => {
    // Only `internal` packages, which cannot be named: they are compiled with whoever imports them.
    if (group.packages.length === 0) return cache;
    return cookGroup(context, helper, variant, group, cache, read[index] ?? scratch(), profileMount);
  }, std);
}

function cookGroup(
  context: GraphContext,
  helper: Helper,
  variant: VariantPlan,
  group: DepsGroup,
  cache: State,
  modules: State,
  profileMount: readonly RunOption[],
): State {
  const name = `[deps ${variant.id}] go build ${group.packages.length} packages: ${group.name}`;
  const run = context.toolchain.run(
    args([helper.path, "cook", "-lenient", "--", ...groupCommand(variant, group, stepProfile(variant))]),
    ...goEnvironment(variant),
    // An index made here would tell later steps that packages which are left out do not exist.
    ...(group.partial ? [withoutIndex()] : []),
    dir(PATHS.source),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, inlineFiles(group.files, [], "[internal] module files of a group"), readonly),
    addMount(PATHS.moduleCache, modules, readonly, byContent(context)),
    ...profileMount,
    withoutNetwork(),
    ...context.step("deps", name, context.plan.service.at),
  );
  return run.addMount(PATHS.buildCache, cache, keyedByDefinition(context));
}

/** The default of a read-only mount, said aloud where the builder understands it: the key is what the files hold. */
function byContent({ abilities }: GraphContext): MountOption {
  return contentCache(abilities.contentCache ? mountContentCacheOn : mountContentCacheDefault);
}

/**
 * What each group reads of the module cache: its own part and those of the groups before it. No part is copied twice:
 * the parts are merged, or each is copied onto those before it.
 */
function readModules(context: GraphContext, modules: State, groups: readonly DepsGroup[]): readonly State[] {
  if (!context.abilities.merge) {
    return groups.reduce<readonly State[]>(
      (read, group) => [...read, addPart(read.at(-1) ?? scratch(), modules, group)],
      [],
    );
  }
  const parts = groups.map((group) => addPart(scratch(), modules, group));
  return groups.map((group, index) =>
    merge(parts.slice(0, index + 1), named(`[internal] modules read by ${group.name}`), withoutExportCache()),
  );
}

/** Adds what a group alone reads, so that its key is that content and not what else go.mod names. */
function addPart(below: State, modules: State, group: DepsGroup): State {
  if (group.modulePaths.length === 0) return below;
  return below.file(
    copy(
      modules,
      "/",
      "/",
      {
        copyDirContentsOnly: true,
        includePatterns: [...group.modulePaths],
        excludePatterns: [...group.withoutPaths],
        createDestPath: true,
      },
      withCreatedTime(EPOCH),
    ),
    named(`[internal] modules of ${group.name}`),
    // A copy of what the download step has exported; whoever needs the group's result needs no part of it.
    withoutExportCache(),
  );
}
