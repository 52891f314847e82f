// What all steps that compile for a platform share: environment, the other modules, the profile, the vendor directory.
import { createHash } from "node:crypto";
import { escapePattern } from "../../facts/index.ts";
import { cacheId } from "../cache-id.ts";
import { goEnv, unpacksFips } from "../flags.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { MemoryMount, Tree, TreeMount } from "../step.ts";
import type { LinkPlan, VariantPlan } from "../types.ts";
import { addVendor } from "./context.ts";
import type { Helper } from "./helper.ts";
import type { ListedPackages } from "./listing.ts";
import { inlineFiles, readOnly, type Site, throwAway } from "./site.ts";

/** What all platforms share. */
export interface Shared {
  readonly helper: Helper;
  /** Module caches after the download, by the module's directory; none where nothing is downloaded. */
  readonly modules: ReadonlyMap<string, Tree>;
  readonly listed: ListedPackages | undefined;
}

/** Environment of a step that compiles for a platform. */
export function compileEnv(variant: VariantPlan): Readonly<Record<string, string>> {
  return { ...goEnv(variant.env), ...variant.cTools?.env, GOPROXY: "off" };
}

/** As {@link compileEnv}, of a step that sees files of the source tree. */
export function sourceEnv(variant: VariantPlan): Readonly<Record<string, string>> {
  const outside = variant.passesWorkspace === true ? { GOWORK: "off" } : {};
  return { ...compileEnv(variant), ...WITHOUT_INDEX, ...outside };
}

/**
 * The go command keeps an index of packages in its build cache, by names, sizes and times of files, and of a module in
 * the module cache by its folder's name alone (golang/go:src/cmd/go/internal/modindex/read.go, dirHash and moduleHash).
 * Files of a git context or of a copy all have one time, and parts of modules stand in the same folders: a step whose
 * build cache another build has written into, or will, neither reads nor writes that index. The setting is the go
 * command's own; nothing that is compiled has it.
 */
export const WITHOUT_INDEX = { GODEBUG: "goindex=0" };

/** The other modules for a step that may meet new import paths. */
export function moduleMounts(site: Site, { modules }: Shared, { module }: VariantPlan): readonly TreeMount[] {
  const tree = modules.get(module);
  return tree === undefined ? [] : [throwAway(site, PATHS.moduleCache, tree)];
}

/**
 * Where a step unpacks the FIPS module, that sees no other module: the go command does so in the module cache
 * (golang/go:src/cmd/go/internal/fips140/fips140.go, initDir).
 */
export function fipsMounts(
  variant: VariantPlan,
  mounts: readonly TreeMount[] = [],
): readonly (TreeMount | MemoryMount)[] {
  const hasModules = mounts.some(({ at }) => at === PATHS.moduleCache);
  return unpacksFips(variant) && !hasModules ? [{ kind: "memory", at: PATHS.moduleCache }] : [];
}

/** The sources of packages that the listing names; absent where it does not name all that the service needs. */
export function keptSources({ plan }: Site, { listed }: Shared): Tree | undefined {
  return plan.listing?.exact === true ? listed?.sources : undefined;
}

/** The vendor directory over the place that a step's source has for it. */
export function vendorMounts(site: Site, variant: VariantPlan): readonly TreeMount[] {
  const { vendor } = variant;
  return vendor === undefined ? [] : [readOnly(`${PATHS.source}/${vendor}`, addVendor(site, variant))];
}

/**
 * Files of the source tree for a step that compiles, with the go.work.sum that the download step has completed: where
 * one of its lines is missing go would write it (golang/go:src/cmd/go/internal/modfetch/fetch.go, WriteGoSum).
 */
export function withWorkSum(
  site: Site,
  files: Tree,
  { modules: all }: Shared,
  { module, label }: VariantPlan,
): Tree {
  const path = workSum(site, module);
  const modules = all.get(module);
  if (modules === undefined || path === undefined) return files;
  return site.add({
    kind: "files",
    // Programs of several modules have downloads of their own, each with lines of its own.
    id: stepName(`${files.step} with go.work.sum`, label),
    title: "[internal] go.work.sum",
    on: files,
    actions: [{ kind: "copy", from: modules, source: "/go.work.sum", dest: `/${path}`, times: "epoch" }],
    exported: false,
  });
}

/** Where go.work.sum stands in the source tree; undefined without a workspace or a download. */
function workSum({ plan }: Site, module: string): string | undefined {
  const workspace = plan.modules.find(({ dir }) => dir === module)?.workspace;
  return workspace === undefined ? undefined : workspace === "." ? "go.work.sum" : `${workspace}/go.work.sum`;
}

/**
 * Some files of what a service's programs read, and go.work.sum, as a tree apart, so that their content and nothing else
 * is the key.
 */
export function addChosenFiles(
  site: Site,
  id: string,
  title: string,
  files: readonly string[],
  { vendor, label, module }: VariantPlan,
  source: Tree,
): Tree {
  const sum = workSum(site, module);
  const read = new Set(sum === undefined ? files : [...files, sum]);
  // The vendor folder is a mount of its own below this read-only one.
  const place =
    vendor === undefined
      ? undefined
      : site.add({
          kind: "files",
          id: stepName("vendor place", label),
          title: "[internal] place of the vendor directory",
          actions: inlineFiles([], [vendor]),
        });
  return site.add({
    kind: "files",
    id: `${id} files`,
    title,
    on: place,
    actions: [
      {
        kind: "copy",
        from: source,
        source: "/",
        dest: "/",
        contents: true,
        parents: true,
        include: [...read].toSorted().map(escapePattern),
        times: "epoch",
      },
    ],
    exported: false,
  });
}

/** Mounts that were filled by other rules than today's are not read: raised whenever a rule was wrong. */
const MOUNT_RULES = 2;

/**
 * Id of a cache mount that one project's builds with one set of flags share. It is hashed: a hostile description cannot
 * write another project's id.
 */
export function compileCacheId(
  { plan, resolved }: Site,
  { variant, project }: LinkPlan,
  use: "build" | "own",
): string {
  const {
    env,
    tags,
    profile,
    profiles,
    gcflags = [],
    asmflags = [],
    mode,
    instrument,
    cover,
    cTools,
  } = variant;
  const words = [
    ...gcflags,
    ...asmflags,
    ...(mode === undefined ? [] : [`mode=${mode}`]),
    ...(instrument === undefined ? [] : [instrument]),
    ...(cover === undefined ? [] : [`cover=${cover.join(",")}`]),
    ...(profiles === undefined ? [] : ["profiles"]),
  ];
  const flags = JSON.stringify([
    MOUNT_RULES,
    env,
    tags,
    profile,
    resolved.toolchain.reference,
    ...(words.length === 0 ? [] : [words]),
    // What C is compiled with: go's key of a package knows neither headers nor libraries of the system.
    ...(cTools === undefined
      ? []
      : [
          [
            resolved.stepImages?.[cTools.image]?.reference,
            cTools.compilers,
            cTools.foreign,
            cTools.libraries,
            cTools.env,
          ],
        ]),
  ]);
  const hash = createHash("sha256").update(flags).digest("hex").slice(0, 16);
  return cacheId(plan.cacheNamespace, `${project}/${use}/${hash}`);
}
