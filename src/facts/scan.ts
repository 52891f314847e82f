import { refusedPackages } from "./refused-packages.ts";
import type { Platform } from "../oci/index.ts";
import { explainCgo } from "./cgo-needed.ts";
import { closureOf, type Closure, type PackageRef, type ScannedPackage } from "./closure.ts";
import { contextsOf } from "./contexts.ts";
import { importsOf } from "./import-path.ts";
import { explainLink, explainLoose } from "./loose.ts";
import { importPathOf } from "./module-paths.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, isWithin, sorted } from "./paths.ts";
import type { IgnoreRule } from "./source-tree.ts";
import { missingSums } from "./sums.ts";
import type {
  FactsDiagnostic,
  GoModule,
  PlatformFacts,
  ServiceFacts,
  ServiceQuery,
  VendorLink,
} from "./types.ts";
import { vendorLinks } from "./vendor-links.ts";

/**
 * What services need of the tree, for each platform. What is wrong with the code stands among the diagnostics, as far as
 * it shows without a compiler; the rest is Go's to report. Rejects when the tree does.
 *
 * Several services go in one pass: their levels travel together and shared files are read once. Where their sum meets a
 * bound, the answers about all of them are incomplete.
 */
export async function scanServices(
  tree: OpenTree,
  queries: readonly ServiceQuery[],
): Promise<readonly ServiceFacts[]> {
  const followed = await Promise.all(queries.map((query) => follow(tree, query)));
  const isCut = tree.budget.isCut;
  const around = await Promise.all(followed.map((service) => lookAround(tree, service, isCut)));
  const whose = (path: string): string =>
    queries.length === 1 ? `closure of ${path} is` : "closures of the services are together";
  return around.map((service) => summarise(service, whose(service.importPath)));
}

/** A service whose imports were followed. */
interface Followed {
  readonly query: ServiceQuery;
  /** Of the main package. */
  readonly importPath: string;
  readonly closures: readonly PlatformClosures[];
}

async function follow(tree: OpenTree, query: ServiceQuery): Promise<Followed> {
  const { module, main } = query;
  await tree.reach(main);
  const [place, back] = await Promise.all([
    tree.resolve(main),
    localPackages(tree, module, query.importedBack ?? []),
  ]);
  const importPath = importPathOf(module, main);
  const root = { importPath, dir: place.kind === "dir" ? place.path : main, links: place.links };
  const closures = contextsOf(tree, query).map(async (context): Promise<PlatformClosures> => {
    const [whole, alone] = await Promise.all([
      closureOf(tree, module, context, [root, ...back]),
      closureOf(tree, module, context, back),
    ]);
    return { platform: context.platform, closure: whole, back: alone };
  });
  return { query, importPath, closures: await Promise.all(closures) };
}

/** Those of the import paths that are packages of the context. */
async function localPackages(
  tree: OpenTree,
  module: GoModule,
  paths: readonly string[],
): Promise<readonly PackageRef[]> {
  const resolve = importsOf(tree, module);
  const found = await Promise.all(paths.map(async (path) => ({ path, led: await resolve(path) })));
  return found.flatMap(({ path, led }) =>
    led.kind === "local" ? [{ importPath: path, dir: led.dir, links: led.links }] : [],
  );
}

/** A service with what there is beside its packages. */
interface Described extends Followed {
  readonly profile: string | undefined;
  readonly targets: LinkTargets;
  /** What leads nowhere. */
  readonly loose: readonly FactsDiagnostic[];
  readonly links: readonly VendorLink[];
  /** The rule that hides go.sum, where one does. */
  readonly ignoredSums: IgnoreRule | undefined;
  readonly isCut: boolean;
}

async function lookAround(tree: OpenTree, service: Followed, isTreeCut: boolean): Promise<Described> {
  const { module, main } = service.query;
  const isCut = isTreeCut || service.closures.some(({ closure }) => closure.isCut);
  const [{ profile, findings }, targets, links, loose] = await Promise.all([
    findDefaultProfile(tree, main),
    linkTargets(tree, module.modFiles),
    vendorLinks(tree, module),
    isCut ? [] : explainLoose(tree, module, scannedOf(service)),
  ]);
  const cgo = service.closures.flatMap(({ closure }) =>
    explainCgo(closure.packages, service.importPath, service.query.cgo === true),
  );
  const refused = refusedPackages(service.closures.map(({ closure }) => closure));
  const ignoredSums = tree.ignoredBy(childPath(module.dir, "go.sum"));
  return {
    ...service,
    profile,
    targets,
    links,
    loose: [...loose, ...(isCut ? [] : [...refused, ...cgo]), ...findings],
    ignoredSums,
    isCut,
  };
}

function scannedOf({ closures }: Followed): readonly ScannedPackage[] {
  return closures.flatMap(({ closure }) => [...closure.packages.values()]);
}

/** The profile that Go uses by itself; of a link without a target Go says nothing and builds without. */
async function findDefaultProfile(
  tree: OpenTree,
  main: string,
): Promise<{ readonly profile: string | undefined; readonly findings: readonly FactsDiagnostic[] }> {
  const path = childPath(main, "default.pgo");
  const found = await tree.resolve(path);
  if (found.kind === "file") return { profile: found.path, findings: [] };
  const isLost = found.links.length > 0 && found.kind !== "dir";
  const lost = isLost ? [await explainLink(tree, path)] : [];
  return { profile: undefined, findings: lost.map((finding) => ({ ...finding, severity: "warning" })) };
}

interface LinkTargets {
  readonly files: readonly string[];
  readonly links: readonly string[];
}

/** Where go.mod and the like really are, when they are symlinks. */
async function linkTargets(tree: OpenTree, files: readonly string[]): Promise<LinkTargets> {
  const found = await Promise.all(files.map((file) => tree.resolve(file)));
  const linked = found.filter(({ links }) => links.length > 0);
  return {
    files: linked.flatMap((target) => (target.kind === "file" ? [target.path] : [])),
    links: linked.flatMap(({ links }) => links),
  };
}

interface PlatformClosures {
  readonly platform: Platform;
  readonly closure: Closure;
  readonly back: Closure;
}

function summarise(service: Described, whose: string): ServiceFacts {
  const { query, importPath, closures, profile, targets, isCut } = service;
  const { module, main } = query;
  const common = [
    ...module.modFiles,
    ...targets.files,
    ...targets.links,
    ...(profile === undefined ? [] : [profile]),
  ];
  const platforms = closures.map((closure) => platformFacts(closure, common));
  const scanned = scannedOf(service);
  const outside = sorted(new Set(platforms.flatMap((facts) => facts.outside)));
  const missing = sorted(new Set(platforms.flatMap((facts) => facts.missing)));
  const limit: FactsDiagnostic = {
    severity: "warning",
    code: "GF019",
    message: `the import ${whose} too large to be followed exactly; the modules of the tree are sent whole`,
    help: "you need not do anything; to send less, leave folders out with .dockerignore, or give the service a module of its own",
  };
  return {
    importPath,
    main,
    platforms,
    files: sorted(new Set([...common, ...platforms.flatMap((facts) => facts.files)])),
    links: sorted(new Set([...scanned.flatMap(({ links }) => links), ...targets.links])),
    outside,
    outsideAt: placesOf(scanned),
    std: sorted(new Set(platforms.flatMap((facts) => facts.std))),
    missing,
    profile,
    vendor: module.vendor?.dir,
    vendorLinks: service.links,
    complete: !isCut,
    diagnostics: [
      ...missingSums(module, outside, service.ignoredSums),
      ...absentModules(module, [...outside, ...missing]),
      ...service.loose,
      ...(isCut ? [limit] : []),
    ],
  };
}

function placesOf(scanned: readonly ScannedPackage[]): ServiceFacts["outsideAt"] {
  const placed = scanned.flatMap(({ facts, imported }) =>
    imported.filter(({ text }) => facts.outside.includes(text)),
  );
  return Object.fromEntries(
    placed.toReversed().map(({ text, file, position }) => [text, { file, position }]),
  );
}

/** What is said of required modules that are not there, where packages of them may be imported. */
function absentModules(module: GoModule, imported: readonly string[]): readonly FactsDiagnostic[] {
  return module.absent
    .filter(({ path }) => imported.some((name) => isWithin(name, path)))
    .map(({ finding }) => finding);
}

function platformFacts(
  { platform, closure, back }: PlatformClosures,
  common: readonly string[],
): PlatformFacts {
  const scanned = [...closure.packages.values()];
  const packages = scanned
    .map(({ facts }) => facts)
    .toSorted((a, b) => (a.importPath < b.importPath ? -1 : 1));
  return {
    platform,
    packages,
    files: sorted(new Set([...common, ...filesOf(closure)])),
    importedBackFiles: sorted(new Set(filesOf(back))),
    outside: sorted(new Set(packages.flatMap(({ outside }) => outside))),
    std: sorted(new Set(packages.flatMap(({ std }) => std))),
    missing: sorted(new Set(scanned.flatMap(({ missing }) => missing.map(({ path }) => path)))),
  };
}

function filesOf({ packages }: Closure): readonly string[] {
  return [...packages.values()].flatMap(({ facts, links }) => [...facts.files, ...links]);
}
