import { visibleText } from "../../description/index.ts";
import { abilitiesOf } from "../abilities.ts";
import { isImage } from "../outputs.ts";
import { imageConfig } from "../image-config.ts";
import type { ImageConfig, Resolved } from "../resolved.ts";
import type { SourceFile, Step, Tree } from "../step.ts";
import type { LinkPlan, Plan, PlatformPlan, VariantPlan } from "../types.ts";
import type { Platform } from "../../description/index.ts";
import type { Shared } from "./compile.ts";
import { addCooked, addStd } from "./cook.ts";
import { addHelper } from "./helper.ts";
import { addExecutables, addImage, type Binary } from "./image.ts";
import { addIdentified } from "./build-id.ts";
import { addListing } from "./listing.ts";
import { addDebugger } from "./debugger.ts";
import { addModules } from "./modules.ts";
import { type Site, stepList } from "./site.ts";
import { addToolchain } from "./toolchain.ts";

/** All that a build runs and lays together, and what comes out. */
export interface Build {
  /** Each behind those that it needs. */
  readonly steps: readonly Step[];
  /** In the order in which platforms were asked for. */
  readonly results: readonly PlatformResult[];
  /** What may be asked for before the plan is complete. */
  readonly ahead: Ahead;
  /** The description first, and files that places of steps are in. */
  readonly sources: readonly SourceFile[];
}

/** What comes out for one platform. */
export interface PlatformResult {
  /** As of a step: `image orders linux/amd64`. */
  readonly id: string;
  readonly platform: Platform;
  readonly tree: Tree;
  /** What the image says of itself; absent for the bare executable. */
  readonly config?: ImageConfig | undefined;
  readonly baseConfig?: ImageConfig | undefined;
}

export interface Ahead {
  /** The download, to be run first when credentials may be missing. */
  readonly download?: Tree | undefined;
  /** What tells how to cut the compilation of other modules into groups. */
  readonly listing?: Tree | undefined;
  /** The standard library's caches, which need neither: worth starting while the listing is awaited. */
  readonly std: readonly Tree[];
}

/**
 * The steps of a plan on one builder.
 *
 * ```
 * toolchain ─ helper ─┬─ modules ───────────┐      with cgo, `tools` below all that compile
 *                     ├─ std ── deps ───────┴─ own ── build ─┐
 *                     └─ rootfs ─────────────────────────────┴─ image
 * ```
 *
 * Everything left of `own` and `build` is keyed on no line of the service's own code.
 */
export function stepsOf(plan: Plan, resolved: Resolved): Build {
  const { steps, add } = stepList();
  const ground = {
    plan,
    resolved,
    abilities: abilitiesOf(resolved.settings.caps),
    sources: sourceFiles(plan, resolved),
    add,
  };
  const site: Site = { ...ground, toolchain: addToolchain(ground) };
  const shared = addShared(site);
  const { platforms } = plan.service;
  const std = platforms.flatMap(({ links }) => unique(links).map((variant) => addStd(site, shared, variant)));
  const results = platforms.map((platform) => addResult(site, shared, platform));
  const { modules, listed } = shared;
  const [download] = modules.values();
  return {
    steps: steps(),
    results,
    ahead: {
      ...(download === undefined ? {} : { download }),
      ...(listed === undefined ? {} : { listing: listed.listing }),
      std,
    },
    sources: site.sources,
  };
}

function addShared(site: Site): Shared {
  const { plan } = site;
  const helper = addHelper(site);
  const modules = new Map(plan.modules.map((download) => [download.dir, addModules(site, helper, download)]));
  const listable = modules.get(plan.listing?.dir ?? "");
  const listed =
    listable === undefined || plan.listing === undefined
      ? undefined
      : addListing(site, helper, listable, plan.listing);
  return { helper, modules, listed };
}

function addResult(site: Site, shared: Shared, platform: PlatformPlan): PlatformResult {
  const { plan, resolved } = site;
  const cooked = addCaches(site, shared, unique(platform.links));
  const binaries = platform.links.map((link): Binary => {
    const cache = cooked.get(link.variant.label) ?? addCooked(site, shared, link.variant);
    return { program: link.program, tree: addIdentified(site, shared, link, cache), link };
  });
  if (!isImage(plan.output)) {
    const tree = addExecutables(site, platform, binaries);
    return { id: tree.step, platform: platform.platform, tree };
  }
  const base = resolved.bases[platform.id];
  return {
    id: `image ${plan.service.name} ${platform.id}`,
    platform: platform.platform,
    tree: addImage(site, shared.helper, platform, base, binaries, addDebugger(site, shared.helper, platform)),
    config: imageConfig(plan, platform, base),
    baseConfig: base?.config,
  };
}

/** Build caches by their variant: modules of one service compile one upon the other. */
function addCaches(site: Site, shared: Shared, variants: readonly VariantPlan[]): ReadonlyMap<string, Tree> {
  const caches = new Map<string, Tree>();
  const last = new Map<string, Tree>();
  for (const variant of variants) {
    const cache = addCooked(site, shared, variant, last.get(variant.std.label));
    caches.set(variant.label, cache);
    if (variant.deps !== undefined) last.set(variant.std.label, cache);
  }
  return caches;
}

/** Of several programs that are compiled alike, the one variant. */
function unique(links: readonly LinkPlan[]): readonly VariantPlan[] {
  return [...new Map(links.map(({ variant }) => [variant.label, variant])).values()];
}

/** Clients print the lines as they are. Of the description they are known to be printable. */
function sourceFiles({ modules }: Plan, { description }: Resolved): readonly SourceFile[] {
  const files = new Map(
    modules.flatMap((download) => download.files.map(({ path, text }) => [path, text] as const)),
  );
  return [
    { ...description, language: "YAML" },
    ...[...files].map(([path, text]): SourceFile => ({
      filename: path,
      language: "",
      text: visibleText(text),
    })),
  ];
}
