import {
  addMount,
  args,
  copy,
  diff,
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
import { EPOCH, goEnvironment, type GraphContext, inlineFiles, sandbox, withoutNetwork } from "./context.ts";
import type { Helper } from "./helper.ts";

/**
 * Compiles other modules in groups. Each sees only the modules it reads, by content: when go.mod names
 * a new version of one module, groups that do not read it find their results in the cache although
 * the download step ran again.
 *
 * What a group adds is taken as a difference, so that the caches of all groups can be merged without
 * carrying the standard library's once for each.
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
  const added: State[] = [];
  const sources = groups.map((group) => ownModules(modules, group));
  for (const [index, group] of groups.entries()) {
    if (group.packages.length === 0) {
      // Only `internal` packages, which cannot be named: they are compiled with whoever imports them.
      added.push(scratch());
      continue;
    }
    const read = merge(
      [...group.below, index].flatMap((each) => sources[each] ?? []),
      withCustomName(`[internal] modules read by ${group.name}`),
      withoutExportCache(),
    );
    const below = group.below.flatMap((index) => added[index] ?? []);
    const base =
      below.length === 0
        ? std
        : merge([std, ...below], withCustomName(`[deps ${variant.id}] caches below ${group.name}`));
    const after = cookGroup(context, helper, variant, group, base, read, profileMount);
    added.push(diff(base, after, withCustomName(`[deps ${variant.id}] cache of ${group.name}`)));
  }
  return merge([std, ...added], withCustomName(`[deps ${variant.id}] all caches`));
}

function cookGroup(
  context: GraphContext,
  helper: Helper,
  variant: VariantPlan,
  group: DepsGroup,
  base: State,
  read: State,
  profileMount: readonly RunOption[],
): State {
  const name = `[deps ${variant.id}] go build ${group.packages.length} packages: ${group.name}`;
  const run = context.toolchain.run(
    args([helper.path, "cook", "-lenient", "--", ...groupCommand(variant, group, stepProfile(variant))]),
    ...goEnvironment(variant.mod, variant),
    dir(PATHS.source),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, inlineFiles(group.files, [], "[internal] module files of a group"), readonly),
    addMount(PATHS.moduleCache, read, readonly, contentCache(mountContentCacheOn)),
    ...profileMount,
    withoutNetwork(),
    ...context.step("deps", name, context.plan.service.at),
  );
  return run.addMount(PATHS.buildCache, base);
}

/** The modules of one group alone, so that its key is their content and not what else go.mod names. */
function ownModules(modules: State, group: DepsGroup): State {
  return scratch().file(
    copy(
      modules,
      "/",
      "/",
      { copyDirContentsOnly: true, includePatterns: [...group.modulePaths], createDestPath: true },
      withCreatedTime(EPOCH),
    ),
    withCustomName(`[internal] modules of ${group.name}`),
    // A copy of what the download step has exported; whoever needs the group's result needs no part of it.
    withoutExportCache(),
  );
}
