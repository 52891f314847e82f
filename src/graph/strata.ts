import { escapePattern } from "../facts/index.ts";
import {
  addMount,
  args,
  asPersistentCacheDir,
  cacheMountLocked,
  copy,
  dir,
  mkdir,
  readonly,
  scratch,
  type State,
  withCreatedTime,
  withoutExportCache,
  withParents,
} from "../llb/index.ts";
import { type LinkPlan, PATHS, stepProfile, type Stratum, stratumCommand } from "../plan/index.ts";
import { type Cooked, vendorTree } from "./caches.ts";
import {
  cacheId,
  EPOCH,
  goEnvironment,
  type GraphContext,
  keyedByDefinition,
  sandbox,
  withoutIndex,
  withoutNetwork,
} from "./context.ts";
import type { Helper } from "./helper.ts";
import { named } from "./name.ts";

/**
 * Compiles a large service's own packages in strata, before the link step and with the same flags, and
 * gives the build cache that the link step starts with. Each step sees the files of its own packages
 * and those below, taken from what the link step's source holds anyway: nothing is sent twice, and an
 * edit above leaves its key as it was.
 */
export function cookStrata(
  context: GraphContext,
  helper: Helper,
  link: LinkPlan,
  cooked: Cooked,
  source: State,
): State {
  const { own, variant } = link;
  // Without copying by pattern every step would see all files: the link step can as well do it alone.
  if (own === undefined || !context.abilities.copyByPattern) return cooked.buildCache;
  return own.strata.reduce((cache, stratum, index) => {
    const files = own.strata.slice(0, index + 1).flatMap((each) => each.files);
    const name = `[own ${variant.id}] files of ${index + 1}`;
    const read = ownFiles([...own.modFiles, ...workSum(context), ...files], variant.vendor, source, name);
    return cookStratum(context, helper, link, stratum, cooked, cache, read);
  }, cooked.buildCache);
}

function cookStratum(
  context: GraphContext,
  helper: Helper,
  link: LinkPlan,
  stratum: Stratum,
  cooked: Cooked,
  cache: State,
  read: State,
): State {
  const { variant } = link;
  const { vendor } = variant;
  const some = `${stratum.packages[0] ?? ""}${stratum.packages.length > 1 ? ", …" : ""}`;
  const run = context.toolchain.run(
    // Lenient: what cannot be compiled is the link step's error, with its words.
    args([
      helper.path,
      "cook",
      "-lenient",
      ...(stratum.reusable ? [`-warm=${PATHS.warm}`, `-modules=${link.modules.join(",")}`] : []),
      "--",
      ...stratumCommand(variant, stratum, stepProfile(variant)),
    ]),
    ...goEnvironment(variant),
    withoutIndex(),
    dir(`${PATHS.source}/${link.dir}`),
    ...sandbox(),
    helper.mount,
    addMount(PATHS.source, read, readonly),
    ...(vendor === undefined
      ? []
      : [addMount(`${PATHS.source}/${vendor}`, vendorTree(context, variant), readonly)]),
    // A hint, as every cache mount: on a builder that keeps it, an edit compiles what it touches and no more.
    ...(stratum.reusable
      ? [
          addMount(
            PATHS.warm,
            scratch(),
            asPersistentCacheDir(cacheId(context, link, "own"), cacheMountLocked),
          ),
        ]
      : []),
    ...cooked.moduleMounts,
    ...cooked.profileMount,
    withoutNetwork(),
    ...context.step(
      "build",
      `[own ${variant.id}] go build ${stratum.packages.length} packages: ${some}`,
      context.plan.service.at,
    ),
  );
  return run.addMount(PATHS.buildCache, cache, keyedByDefinition(context));
}

/** The go.work.sum that the download step has completed; see withWorkSum. */
function workSum({ plan }: GraphContext): readonly string[] {
  const workspace = plan.modules?.workspace;
  return workspace === undefined ? [] : [workspace === "." ? "go.work.sum" : `${workspace}/go.work.sum`];
}

/** What one stratum reads, as a tree of its own, so that its content and nothing else is the key. */
function ownFiles(files: readonly string[], vendor: string | undefined, source: State, name: string): State {
  const at = withCreatedTime(EPOCH);
  const chosen = copy(
    source,
    "/",
    "/",
    {
      copyDirContentsOnly: true,
      includePatterns: [...new Set(files)].toSorted().map(escapePattern),
      createDestPath: true,
    },
    at,
  );
  const tree = scratch();
  // The vendor folder is a mount of its own below this read-only one.
  const place = vendor === undefined ? tree : tree.file(mkdir(`/${vendor}`, 0o755, at, withParents(true)));
  return place.file(chosen, named(name), withoutExportCache());
}
