// Other modules compiled in groups, each into the cache that the groups before it have left. Each sees only the modules
// it reads, by content: when go.mod names a new version of one module, the groups before that module's find their
// results in the cache although the download step ran again.
import { cookCommand, flagsOf, unpacksFips } from "../flags.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { DepsGroup, VariantPlan } from "../types.ts";
import { compileEnv, type Shared, WITHOUT_INDEX } from "./compile.ts";
import { addTask } from "./helper.ts";
import { profileMounts } from "./profiles.ts";
import { addedTo, byContent, inlineFiles, readOnly, type Site } from "./site.ts";
import { compileRoot } from "./tools.ts";

/**
 * @param std the build cache that the first group adds to
 * @param modules the module cache that parts are taken from
 */
export function addGroups(
  site: Site,
  shared: Shared,
  variant: VariantPlan,
  groups: readonly DepsGroup[],
  std: Tree,
  modules: Tree,
): Tree {
  const parts: Tree[] = [];
  return groups.reduce((cache, group, index) => {
    const id = stepName("deps", variant.label, variant.id, String(index + 1));
    const { merge } = site.abilities;
    const part = addPart(site, id, group, merge ? undefined : parts.at(-1), modules);
    if (part !== undefined) parts.push(part);
    // Only `internal` packages, which cannot be named: they are compiled with whoever imports them.
    if (group.packages.length === 0) return cache;
    return addGroup(
      site,
      shared,
      variant,
      id,
      group,
      cache,
      merge ? together(site, id, group, parts) : parts.at(-1),
    );
  }, std);
}

/**
 * What a group reads beside what those before it do, so that its key is that content and not what else go.mod names.
 *
 * @param below what those before it read, where parts cannot be merged
 */
function addPart(
  site: Site,
  id: string,
  group: DepsGroup,
  below: Tree | undefined,
  modules: Tree,
): Tree | undefined {
  if (group.modulePaths.length === 0) return undefined;
  return site.add({
    kind: "files",
    id: `${id} modules`,
    title: `[internal] modules of ${group.name}`,
    on: below,
    actions: [
      {
        kind: "copy",
        from: modules,
        source: "/",
        dest: "/",
        contents: true,
        parents: true,
        include: group.modulePaths,
        exclude: group.withoutPaths,
        times: "epoch",
      },
    ],
    // A copy of what the download step has exported; whoever needs the group's result needs no part of it.
    exported: false,
  });
}

/** What a group reads of the module cache: its own part and those of the groups before it. No part is copied twice. */
function together(site: Site, id: string, group: DepsGroup, parts: readonly Tree[]): Tree | undefined {
  if (parts.length < 2) return parts[0];
  const title = `[internal] modules read by ${group.name}`;
  return site.add({ kind: "merge", id: `${id} all modules`, title, trees: [...parts], exported: false });
}

function addGroup(
  site: Site,
  { helper }: Shared,
  variant: VariantPlan,
  id: string,
  group: DepsGroup,
  cache: Tree,
  modules: Tree | undefined,
): Tree {
  const source = site.add({
    kind: "files",
    id: `${id} files`,
    title: "[internal] module files of a group",
    actions: inlineFiles(group.files),
  });
  const left = addTask(site, helper, {
    id,
    stage: "deps",
    title: `[${stepName("deps", variant.label, variant.id)}] go build ${group.packages.length} packages: ${group.name}`,
    at: site.plan.service.at,
    does: ["cook", "-lenient", "--", ...cookCommand(group.packages, flagsOf(variant))],
    // An index made here would tell later steps that packages which are left out do not exist.
    env: { ...compileEnv(variant), ...(group.partial ? WITHOUT_INDEX : {}) },
    dir: PATHS.source,
    ...compileRoot(site, variant),
    mounts: [
      readOnly(PATHS.source, source),
      {
        kind: "tree",
        at: PATHS.moduleCache,
        tree: modules,
        access: unpacksFips(variant) ? "discard" : "read",
        ...byContent(site),
      },
      ...profileMounts(site, { helper }, variant),
      addedTo(site, PATHS.buildCache, cache),
    ],
  });
  return left(PATHS.buildCache);
}
