import {
  addEnv,
  addMount,
  args,
  copy,
  dir,
  merge,
  mountContentCacheOn,
  contentCache,
  readonly,
  type RunOption,
  scratch,
  type State,
  withCreatedTime,
  withCustomName,
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
  withoutNetwork,
} from "./context.ts";
import type { Helper } from "./helper.ts";

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
  const parts = groups.map((group) => modulesOf(modules, group));
  return groups.reduce((cache, group, index) => {
    // Only `internal` packages, which cannot be named: they are compiled with whoever imports them.
    if (group.packages.length === 0) return cache;
    const read = readModules(parts.slice(0, index + 1), group);
    return cookGroup(context, helper, variant, group, cache, read, profileMount);
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
    ...goEnvironment(variant.mod, variant),
    // The go command keeps an index of each module's packages in its build cache; one made here would tell
    // later steps that packages which are left out do not exist (golang/go:src/cmd/go/internal/modindex).
    ...(group.partial ? [addEnv("GODEBUG", "goindex=0")] : []),
    dir(PATHS.source),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, inlineFiles(group.files, [], "[internal] module files of a group"), readonly),
    addMount(PATHS.moduleCache, modules, readonly, contentCache(mountContentCacheOn)),
    ...profileMount,
    withoutNetwork(),
    ...context.step("deps", name, context.plan.service.at),
  );
  return run.addMount(PATHS.buildCache, cache, keyedByDefinition);
}

/** What a group alone reads of the module cache, so that its key is that content and not what else go.mod names. */
function modulesOf(modules: State, group: DepsGroup): State {
  if (group.modulePaths.length === 0) return scratch();
  return scratch().file(
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
    withCustomName(`[internal] modules of ${group.name}`),
    // A copy of what the download step has exported; whoever needs the group's result needs no part of it.
    withoutExportCache(),
  );
}

/** What a group reads: its own part and those of the groups before it, none of which is copied again. */
function readModules(parts: readonly State[], group: DepsGroup): State {
  return merge(parts, withCustomName(`[internal] modules read by ${group.name}`), withoutExportCache());
}
