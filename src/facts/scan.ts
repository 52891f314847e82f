import { BOUNDS } from "./bounds.ts";
import { buildContext } from "./build-context.ts";
import { explainCgo } from "./cgo-needed.ts";
import { makeClosure, type Closure, type PackageRef, type ScannedPackage } from "./closure.ts";
import { resolveImport } from "./import-path.ts";
import { explainLink, explainLoose } from "./loose.ts";
import { missingSums } from "./sums.ts";
import { knowledgeOf, pending, solve, type Known, type Knowledge } from "./knowledge.ts";
import { binaryName, importPathOf } from "./module-paths.ts";
import { childPath, isWithin, sorted } from "./paths.ts";
import type { IgnoreRule, SourceTree } from "./tree.ts";
import type {
  FactsDiagnostic,
  GoModule,
  PlatformFacts,
  ScanLimits,
  ServiceFacts,
  ServiceQuery,
  VendorLink,
} from "./types.ts";
import { vendorLinks } from "./vendor-links.ts";
import type { Platform } from "../oci/index.ts";

/** Generous for any real service; the modules of a tree beyond them are sent whole instead of by exact paths. */
const defaultLimits: ScanLimits = {
  packages: 20_000,
  files: BOUNDS.files,
  bytes: 1024 * 1024 * 1024,
  levels: 128,
};

/**
 * What one service needs of the tree, for each platform. Errors of the Go code are Go's to report: missing packages,
 * syntax errors and import cycles never fail a scan. Rejects when the tree does, or with the signal's reason.
 */
export async function scanService(tree: SourceTree, query: ServiceQuery): Promise<ServiceFacts> {
  const [facts] = await scanServices(tree, [query]);
  if (facts === undefined) throw new Error("facts: one query gave no answer");
  return facts;
}

/** Several services in one pass: their levels travel together and shared files are read once. */
export function scanServices(
  tree: SourceTree,
  queries: readonly ServiceQuery[],
): Promise<readonly ServiceFacts[]> {
  const knowledge = knowledgeOf(tree);
  const scans = queries.map((query) => startScan(knowledge, query));
  const signals = queries.flatMap((query) => query.signal ?? []);
  return solve(
    knowledge,
    () => {
      const answers = scans.map((scan) => scan());
      return answers.some((answer) => answer === pending)
        ? pending
        : answers.filter((answer) => answer !== pending);
    },
    signals.length === 0 ? undefined : AbortSignal.any(signals),
  );
}

interface Walk {
  readonly platform: Platform;
  readonly walk: () => Closure;
  /** What the packages of `query.importedBack` need, alone. */
  readonly back: () => Closure;
}

function startScan(knowledge: Knowledge, query: ServiceQuery): () => Known<ServiceFacts> {
  const { module, main } = query;
  const limits = { ...defaultLimits, ...query.limits };
  const before = { ...knowledge.counters };
  const importPath = importPathOf(module, main);
  const start = (root: PackageRef, back: readonly PackageRef[]): readonly Walk[] =>
    query.platforms.map((platform) => {
      const context = buildContext({ ...query, platform });
      return {
        platform,
        walk: makeClosure(knowledge, module, context, [root, ...back], limits.packages),
        back: makeClosure(knowledge, module, context, back, limits.packages),
      };
    });
  let walks: readonly Walk[] | undefined;
  let answer: ServiceFacts | undefined;

  return () => {
    if (answer !== undefined) return answer;
    knowledge.wantPackage(main);
    const place = knowledge.resolve(main);
    const refs = localPackages(knowledge, module, query.importedBack ?? []);
    if (place === pending || refs === pending) return pending;
    walks ??= start({ importPath, dir: place.kind === "dir" ? place.path : main, links: place.links }, refs);
    const closures = walks.map(({ platform, walk, back }) => ({ platform, closure: walk(), back: back() }));
    const { counters } = knowledge;
    const exceeded =
      counters.files - before.files > limits.files ||
      counters.bytes - before.bytes > limits.bytes ||
      counters.levels - before.levels > limits.levels ||
      counters.cut > 0 ||
      closures.some(({ closure }) => closure.packages.size >= limits.packages);
    if (!exceeded && closures.some(({ closure, back }) => !closure.complete || !back.complete)) {
      return pending;
    }
    const found = knowledge.resolve(childPath(main, "default.pgo"));
    if (found === pending) return pending;
    const profile = found.kind === "file" ? found.path : undefined;
    const isLost = found.links.length > 0 && (found.kind === "absent" || found.kind === "outside");
    const lost = isLost ? explainLink(knowledge, childPath(main, "default.pgo")) : undefined;
    if (lost === pending) return pending;
    const targets = linkTargets(knowledge, module.modFiles);
    if (targets === pending) return pending;
    const links = vendorLinks(knowledge, module);
    if (links === pending) return pending;
    const ignoredSums = knowledge.tree.ignoredBy?.(childPath(module.dir, "go.sum"));
    const scanned = closures.flatMap(({ closure }) => [...closure.packages.values()]);
    const loose = exceeded ? [] : explainLoose(knowledge, module, scanned);
    if (loose === pending) return pending;
    if (!exceeded) loose.push(...closures.flatMap(({ closure }) => explainCgo(closure.packages, importPath)));
    // Go builds without a profile then, and says nothing.
    if (lost !== undefined) loose.push({ ...lost, severity: "warning" });
    answer = summarise(
      query,
      importPath,
      closures,
      { profile, targets, ignoredSums, loose, links },
      exceeded,
      {
        levels: counters.levels - before.levels,
        dirsListed: counters.dirs - before.dirs,
        filesRead: counters.files - before.files,
        bytesRead: counters.bytes - before.bytes,
      },
    );
    return answer;
  };
}

interface LinkTargets {
  readonly files: readonly string[];
  readonly links: readonly string[];
}

/** Where go.mod and the like really are, when they are symlinks. */
function linkTargets(knowledge: Knowledge, files: readonly string[]): Known<LinkTargets> {
  const linked = files.map((file) => knowledge.resolve(file));
  if (linked.some((each) => each === pending)) return pending;
  const found = linked.flatMap((each) => (each === pending || each.links.length === 0 ? [] : [each]));
  return {
    files: found.flatMap((each) => (each.kind === "file" ? [each.path] : [])),
    links: found.flatMap((each) => each.links),
  };
}

/** Those of the import paths that are packages of the context. */
function localPackages(
  knowledge: Knowledge,
  module: GoModule,
  paths: readonly string[],
): Known<readonly PackageRef[]> {
  const out: PackageRef[] = [];
  let complete = true;
  for (const path of paths) {
    const found = resolveImport(knowledge, module, path);
    if (found === pending) complete = false;
    else if (found.kind === "local") out.push({ importPath: path, dir: found.dir, links: found.links });
  }
  if (!complete) return pending;
  return out;
}

interface PlatformClosures {
  readonly platform: Platform;
  readonly closure: Closure;
  readonly back: Closure;
}

interface AroundClosures {
  readonly profile: string | undefined;
  readonly targets: LinkTargets;
  /** The rule that hides go.sum, where one does. */
  readonly ignoredSums: IgnoreRule | undefined;
  /** What leads nowhere. */
  readonly loose: readonly FactsDiagnostic[];
  readonly links: readonly VendorLink[];
}

function summarise(
  query: ServiceQuery,
  importPath: string,
  closures: readonly PlatformClosures[],
  { profile, targets, ignoredSums, loose, links }: AroundClosures,
  exceeded: boolean,
  stats: ServiceFacts["stats"],
): ServiceFacts {
  const { module, main } = query;
  const common = [
    ...module.modFiles,
    ...targets.files,
    ...targets.links,
    ...(profile === undefined ? [] : [profile]),
  ];
  const platforms = closures.map((each) => platformFacts(each, common));
  const scanned = closures.flatMap(({ closure }) => [...closure.packages.values()]);
  const outside = sorted(new Set(platforms.flatMap((each) => each.outside)));
  const missing = sorted(new Set(platforms.flatMap((each) => each.missing)));
  const limit: FactsDiagnostic = {
    severity: "warning",
    code: "GF019",
    message: `the import closure of ${importPath} is too large to be followed exactly; the modules of the tree are sent whole`,
    help: "nothing need be done; to send less, leave folders out with .dockerignore, or give the service a module of its own",
  };
  return {
    importPath,
    main,
    binary: binaryName(importPath),
    platforms,
    files: sorted(new Set([...common, ...platforms.flatMap((each) => each.files)])),
    links: sorted(new Set([...scanned.flatMap((each) => each.links), ...targets.links])),
    outside,
    outsideAt: placesOf(scanned),
    std: sorted(new Set(platforms.flatMap((each) => each.std))),
    missing,
    profile,
    vendor: module.vendor?.dir,
    vendorLinks: links,
    complete: !exceeded,
    diagnostics: [
      ...missingSums(module, outside, ignoredSums),
      ...absentModules(module, [...outside, ...missing]),
      ...loose,
      ...(exceeded ? [limit] : []),
    ],
    stats,
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
    .filter(({ path }) => imported.some((each) => isWithin(each, path)))
    .map(({ finding }) => finding);
}

function platformFacts(
  { platform, closure, back }: PlatformClosures,
  common: readonly string[],
): PlatformFacts {
  const scanned = [...closure.packages.values()];
  const packages = scanned
    .map((each) => each.facts)
    .toSorted((a, b) => (a.importPath < b.importPath ? -1 : 1));
  return {
    platform,
    packages,
    files: sorted(new Set([...common, ...filesOf(closure)])),
    importedBackFiles: sorted(new Set(filesOf(back))),
    outside: sorted(new Set(packages.flatMap((each) => each.outside))),
    std: sorted(new Set(packages.flatMap((each) => each.std))),
    missing: sorted(new Set(scanned.flatMap((each) => each.missing.map(({ path }) => path)))),
    usesCgo: packages.some((each) => each.cgoFiles.length > 0),
  };
}

function filesOf(closure: Closure): readonly string[] {
  return [...closure.packages.values()].flatMap((each) => [...each.facts.files, ...each.links]);
}
