import { escapePattern } from "../facts/index.ts";
import {
  addMount,
  args,
  copy,
  dir,
  readonly,
  type RunOption,
  scratch,
  type State,
  withCreatedTime,
} from "../llb/index.ts";
import { depsCommand, type DepsPlan, PATHS, stdCommand, type VariantPlan } from "../plan/index.ts";
import {
  EPOCH,
  goEnvironment,
  type GraphContext,
  inlineFiles,
  keyedByDefinition,
  sandbox,
  throwAway,
  withoutNetwork,
} from "./context.ts";
import { cookGroups } from "./groups.ts";
import type { Helper } from "./helper.ts";
import { withWorkSum } from "./modules.ts";
import type { ListedPackages } from "./packages.ts";

/** What all platforms share. */
export interface Prepared {
  /** The module cache after the download. */
  readonly modules: State | undefined;
  readonly listed: ListedPackages | undefined;
}

/** Go's build cache after everything that can be compiled without the service's own source. */
export interface Cooked {
  readonly buildCache: State;
  /** The module cache after the download. */
  readonly modules: State | undefined;
  /** The modules for a step that may meet new import paths, and for the link step, whose imports are known. */
  readonly moduleMounts: readonly RunOption[];
  readonly linkMounts: readonly RunOption[];
  readonly profileMount: readonly RunOption[];
}

/**
 * Compiles ahead for one variant: first the standard library, which no project has a part in, then
 * what the stub imports. Each result is a layer, so a builder that starts with nothing but a registry
 * cache pulls it instead of compiling.
 */
export function cook(
  context: GraphContext,
  helper: Helper,
  { modules, listed }: Prepared,
  variant: VariantPlan,
): Cooked {
  const profileMount = profile(context, variant);
  const std = cookStd(context, helper, variant, profileMount);
  const moduleMounts = modules === undefined ? [] : [throwAway(context, PATHS.moduleCache, modules)];
  // Where the listing says all, an empty builder pulls the sources of packages that are read, and not whole modules.
  const kept = context.plan.listing?.exact === true ? listed?.kept : undefined;
  const linkMounts = [
    ...(kept === undefined ? moduleMounts : [throwAway(context, PATHS.moduleCache, kept)]),
    // Nothing reads it there. A cache export holds the steps that a result is made of, and the next empty builder
    // must find the listing in it before it can know the groups.
    ...(listed === undefined || (kept === undefined && variant.deps?.groups === undefined)
      ? []
      : [addMount(PATHS.listing, listed.listing, readonly)]),
  ];
  const mounts = { moduleMounts, profileMount };
  const buildCache = cookModules(context, helper, kept ?? modules, variant, std, mounts);
  return { buildCache, modules, moduleMounts, linkMounts, profileMount };
}

function cookModules(
  context: GraphContext,
  helper: Helper,
  modules: State | undefined,
  variant: VariantPlan,
  std: State,
  mounts: Pick<Cooked, "moduleMounts" | "profileMount">,
): State {
  const { deps } = variant;
  if (deps === undefined) return std;
  // Groups read parts of the modules, chosen by pattern.
  if (deps.groups === undefined || modules === undefined || !context.abilities.copyByPattern) {
    return cookDeps(context, helper, variant, deps, std, modules, mounts);
  }
  return cookGroups(context, helper, variant, deps.groups, std, modules, mounts.profileMount);
}

/** The standard library's part, which no project has a share in. */
export function cookStd(
  context: GraphContext,
  helper: Helper,
  variant: VariantPlan,
  mounts: readonly RunOption[] = profile(context, variant),
): State {
  const run = context.toolchain.run(
    args([helper.path, "cook", "--", ...stdCommand(variant)]),
    ...goEnvironment(variant),
    dir("/tmp"),
    ...sandbox(),
    helper.mount,
    ...mounts,
    withoutNetwork(),
    ...context.step(
      "std",
      `[std ${variant.id}] go build (${variant.std.packages.length} packages of the standard library)`,
      context.plan.toolchain.at,
    ),
  );
  return run.addMount(
    PATHS.buildCache,
    variant.std.onHelper ? helper.buildCache : scratch(),
    keyedByDefinition(context),
  );
}

function cookDeps(
  context: GraphContext,
  helper: Helper,
  variant: VariantPlan,
  deps: DepsPlan,
  std: State,
  modules: State | undefined,
  { moduleMounts, profileMount }: Pick<Cooked, "moduleMounts" | "profileMount">,
): State {
  const vendor = variant.vendor;
  const files = inlineFiles(
    [...deps.files, deps.stub],
    vendor === undefined ? [] : [vendor],
    "[internal] module files and imports",
  );
  const run = context.toolchain.run(
    args([helper.path, "cook", "-lenient", "--", ...depsCommand(variant, deps)]),
    ...goEnvironment(variant),
    dir(`${PATHS.source}/${deps.dir}`),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, withWorkSum(context, files, modules), readonly),
    ...(vendor === undefined
      ? []
      : [addMount(`${PATHS.source}/${vendor}`, vendorTree(context, variant), readonly)]),
    ...moduleMounts,
    ...profileMount,
    withoutNetwork(),
    ...context.step(
      "deps",
      `[deps ${variant.id}] go build (${deps.imports.length} imported packages of other modules)`,
      context.plan.service.at,
    ),
  );
  return run.addMount(PATHS.buildCache, std, keyedByDefinition(context));
}

/** The vendor directory as a tree of its own, so that its key changes only with it; links to modules are followed. */
export function vendorTree(
  context: GraphContext,
  { vendor = "", vendorLinks = [] }: Pick<VariantPlan, "vendor" | "vendorLinks">,
): State {
  const itself = vendorLinks.find(({ at }) => at === ".")?.from ?? vendor;
  const inside = vendorLinks.filter(({ at }) => at !== ".");
  const source = context.resolved.context.files([itself, ...inside.map(({ from }) => from)], "vendor");
  const contents = { copyDirContentsOnly: true, createDestPath: true };
  const links = inside.map(({ at }) => escapePattern(at));
  const without = links.length === 0 ? contents : { ...contents, excludePatterns: links };
  const whole = scratch().file(copy(source, `/${itself}`, "/", without, withCreatedTime(EPOCH)));
  return inside.reduce(
    (tree, { at, from }) => tree.file(copy(source, `/${from}`, `/${at}`, contents, withCreatedTime(EPOCH))),
    whole,
  );
}

/** The PGO profile re-keys every package, so it is an input of all compile steps, by content. */
function profile(context: GraphContext, variant: VariantPlan): readonly RunOption[] {
  if (variant.profile === undefined) return [];
  const source = context.resolved.context.files([variant.profile], "profile");
  const name = PATHS.profile.slice(PATHS.profile.lastIndexOf("/"));
  const only = scratch().file(copy(source, `/${variant.profile}`, name, withCreatedTime(EPOCH)));
  return [addMount(PATHS.profile.slice(0, PATHS.profile.lastIndexOf("/")), only, readonly)];
}
