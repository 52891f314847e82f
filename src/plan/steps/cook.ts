// What is compiled before a line of the service's own code is looked at: first the standard library, which no project
// has a part in, then what the stub imports. Each result is a layer, so a builder that starts with nothing but a
// registry cache pulls it instead of compiling.
import { RUNTIME_CGO } from "../c-tools.ts";
import { cookCommand, flagsOf, othersOf } from "../flags.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import { STUB_DIR } from "../stub.ts";
import type { DepsPlan, VariantPlan } from "../types.ts";
import {
  compileEnv,
  fipsMounts,
  keptSources,
  moduleMounts,
  type Shared,
  vendorMounts,
  withWorkSum,
} from "./compile.ts";
import { addGroups } from "./groups.ts";
import { addTask } from "./helper.ts";
import { profileMounts } from "./profiles.ts";
import { addedTo, inlineFiles, readOnly, type Site } from "./site.ts";
import { compileRoot } from "./tools.ts";

/**
 * Go's build cache after everything that can be compiled without the service's own source.
 *
 * @param start the cache of another module of the service, in which packages of the same versions are compiled already;
 * absent: the standard library's
 */
export function addCooked(site: Site, shared: Shared, variant: VariantPlan, start?: Tree): Tree {
  const std = addStd(site, shared, variant);
  const { deps } = variant;
  const others = othersOf(variant);
  if (deps === undefined) return std;
  const modules = keptSources(site, shared) ?? shared.modules.get(variant.module);
  // Groups read parts of the modules, chosen by pattern.
  return deps.groups === undefined || modules === undefined || !site.abilities.copyByPattern
    ? deps.parts.reduce((cache, part) => addDeps(site, shared, others, deps, part, cache), start ?? std)
    : addGroups(site, shared, others, deps.groups, std, modules);
}

/**
 * The standard library's part, which no project has a share in. With cgo what has C is compiled on top of what has none,
 * which does not depend on the C tools; with a detector in it nothing is as without one.
 */
export function addStd(site: Site, shared: Shared, variant: VariantPlan): Tree {
  const { cTools, instrument, std, tags } = variant;
  const id = stepName("std", std.label, std.id);
  const packages = std.packages.filter((path) => path !== RUNTIME_CGO);
  if (cTools === undefined) {
    const start = std.onHelper ? shared.helper.buildCache : undefined;
    return addStandard(site, shared, { ...variant, tags: [] }, packages, id, start);
  }
  const pure = { ...variant, cTools: undefined, env: { ...variant.env, CGO_ENABLED: "0" } };
  const start = instrument === undefined ? addStd(site, shared, pure) : undefined;
  // By the tags of a static binary net and os/user are made of other files.
  const ofStatic = tags.filter((tag) => tag === "netgo" || tag === "osusergo");
  return addStandard(site, shared, { ...variant, tags: ofStatic }, std.packages, `${id} cgo`, start);
}

function addStandard(
  site: Site,
  { helper }: Shared,
  variant: VariantPlan,
  packages: readonly string[],
  id: string,
  start: Tree | undefined,
): Tree {
  const { std } = variant;
  const flags = flagsOf({ ...variant, cover: undefined });
  const left = addTask(site, helper, {
    id,
    stage: "std",
    title: `[${stepName("std", std.label, std.id)}] go build ${variant.instrument === undefined ? "" : `-${variant.instrument} `}(${packages.length} packages of the standard library${variant.cTools === undefined ? "" : ", with cgo"})`,
    at: site.plan.toolchain.at,
    does: ["cook", "--", ...cookCommand(packages, flags)],
    env: compileEnv(variant),
    dir: "/tmp",
    ...compileRoot(site, { ...variant, cover: undefined }),
    mounts: [
      ...profileMounts(site, { helper }, variant),
      ...fipsMounts(variant),
      addedTo(site, PATHS.buildCache, start),
    ],
  });
  return left(PATHS.buildCache);
}

/** What the linker puts into a program that counts which statements run; it stands last, so that others share what is below. */
export function addCoverage(site: Site, { helper }: Shared, variant: VariantPlan, cache: Tree): Tree {
  const { cover, std } = variant;
  if (cover === undefined) return cache;
  const stage = stepName("std", std.label, std.id);
  const id = stepName(stage, "coverage");
  const left = addTask(site, helper, {
    id,
    stage: "std",
    title: `[${stage}] go build runtime/coverage`,
    at: site.plan.toolchain.at,
    does: [
      "cook",
      "--",
      ...cookCommand(["runtime/coverage"], flagsOf({ ...variant, tags: [], cover: undefined })),
    ],
    env: compileEnv(variant),
    dir: "/tmp",
    ...compileRoot(site, { ...variant, cover: undefined }),
    mounts: [
      ...profileMounts(site, { helper }, variant),
      ...fipsMounts(variant),
      addedTo(site, PATHS.buildCache, cache),
    ],
  });
  return left(PATHS.buildCache);
}

function addDeps(
  site: Site,
  shared: Shared,
  variant: VariantPlan,
  deps: DepsPlan,
  { name, imports, stub }: DepsPlan["parts"][number],
  cache: Tree,
): Tree {
  const { id: platform, label, vendor } = variant;
  const stage = stepName("deps", label, platform);
  const id = stepName(stage, name);
  const files = site.add({
    kind: "files",
    id: `${id} files`,
    title: "[internal] module files and imports",
    actions: inlineFiles([...deps.files, stub], vendor === undefined ? [] : [vendor]),
  });
  const modules = moduleMounts(site, shared, variant);
  const left = addTask(site, shared.helper, {
    id,
    stage: "deps",
    title: `[${stage}] go build (${imports.length} imported packages of other modules)`,
    at: site.plan.service.at,
    does: ["cook", "-lenient", "--", ...cookCommand([`./${STUB_DIR}`], flagsOf(variant))],
    env: compileEnv(variant),
    dir: `${PATHS.source}/${deps.dir}`,
    ...compileRoot(site, variant),
    mounts: [
      readOnly(PATHS.source, withWorkSum(site, files, shared, variant)),
      ...vendorMounts(site, variant),
      ...modules,
      ...fipsMounts(variant, modules),
      ...profileMounts(site, shared, variant),
      addedTo(site, PATHS.buildCache, cache),
    ],
  });
  return left(PATHS.buildCache);
}
