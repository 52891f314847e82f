import { realpath } from "node:fs/promises";
import { relative } from "node:path";
import type { PackageFacts, ServiceFacts } from "../../src/facts/index.ts";
import type { Platform } from "../../src/oci/index.ts";
import { jsonStream, run } from "./go.ts";

/** One way to build: what `go list` and the scanner are both asked. */
export interface Configuration {
  readonly platform: Platform;
  readonly tags: readonly string[];
  readonly cgo: boolean;
}

/** What is compared: one entry a package, lists sorted. */
export interface Comparable {
  readonly packages: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly outside: readonly string[];
  readonly std: readonly string[];
  /** Imported, but nothing provides it. */
  readonly missing: readonly string[];
}

export const listFields = [
  "GoFiles",
  "CgoFiles",
  "CFiles",
  "CXXFiles",
  "MFiles",
  "HFiles",
  "FFiles",
  "SFiles",
  "SwigFiles",
  "SwigCXXFiles",
  "SysoFiles",
  "EmbedFiles",
] as const;

interface ListedPackage {
  readonly ImportPath: string;
  readonly Dir?: string;
  readonly Standard?: boolean;
  readonly Imports?: readonly string[];
  readonly ImportMap?: Readonly<Record<string, string>>;
  readonly Module?: {
    readonly Main?: boolean;
    readonly Dir?: string;
    readonly Replace?: { readonly Dir?: string };
  };
  readonly Error?: { readonly Err?: string };
  readonly [field: string]: unknown;
}

export interface GoAnswer extends Comparable {
  /** Errors of packages, as Go words them. */
  readonly errors: readonly string[];
  readonly milliseconds: number;
  /** In-module packages that packages of other modules import. */
  readonly importedBack: readonly string[];
}

/** Asks `go list -deps -json` in `root` about the package in `dir` (relative to `root`). */
export async function askGo(
  root: string,
  moduleDir: string,
  dir: string,
  configuration: Configuration,
  mod = "mod",
  env: Readonly<Record<string, string>> = {},
): Promise<GoAnswer> {
  const started = performance.now();
  const target = relative(moduleDir, dir);
  const listed = await listPackages(`${root}/${moduleDir}`, target, configuration, mod, env);
  return { ...(await comparable(root, listed)), milliseconds: performance.now() - started };
}

export interface ListedLists {
  readonly importPath: string;
  /** Absolute. */
  readonly dir: string;
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

/** All packages of a closure that Go has no complaint about, the standard library among them. */
export async function askForAll(
  root: string,
  dir: string,
  configuration: Configuration,
  mod: string,
): Promise<readonly ListedLists[]> {
  const listed = await listPackages(root, dir, configuration, mod, {});
  return listed.flatMap((each) => {
    // Package unsafe has no files to compile; what has an error is compared elsewhere.
    if (each.Dir === undefined || each.Error !== undefined || each.ImportPath === "unsafe") return [];
    const lists: Record<string, readonly string[]> = {};
    for (const field of listFields) lists[field] = namesIn(each, field);
    return [{ importPath: each.ImportPath, dir: each.Dir, lists }];
  });
}

function namesIn(listed: ListedPackage, field: string): readonly string[] {
  const names = listed[field];
  return Array.isArray(names) ? names.map(String).toSorted() : [];
}

async function listPackages(
  cwd: string,
  target: string,
  { platform, tags, cgo }: Configuration,
  mod: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly ListedPackage[]> {
  const fields = [
    "ImportPath",
    "Dir",
    "Standard",
    "Imports",
    "ImportMap",
    "Module",
    "Error",
    ...listFields,
  ].join(",");
  const flags = [`-json=${fields}`, ...(tags.length > 0 ? [`-tags=${tags.join(",")}`] : [])];
  const { code, stdout, stderr } = await run(
    "go",
    ["list", "-e", "-deps", ...flags, target === "" ? "." : `./${target}`],
    cwd,
    {
      GOOS: platform.os,
      GOARCH: platform.architecture,
      ...variantEnvironment(platform),
      CGO_ENABLED: cgo ? "1" : "0",
      GOFLAGS: mod === "" ? "" : `-mod=${mod}`,
      ...env,
    },
  );
  if (code !== 0) throw new Error(`go list failed: ${stderr.slice(0, 2000)}`);
  // The fields are those asked for, as `go help list` describes them.
  return [...jsonStream(stdout)] as ListedPackage[];
}

function variantEnvironment({
  architecture: arch,
  variant = "",
}: Platform): Readonly<Record<string, string>> {
  if (arch === "amd64" && variant !== "") return { GOAMD64: variant };
  return arch === "arm" && variant !== "" ? { GOARM: variant.replace("v", "") } : {};
}

async function comparable(
  root: string,
  listed: readonly ListedPackage[],
): Promise<Omit<GoAnswer, "milliseconds">> {
  const realRoot = await realpath(root);
  const own = new Map<string, ListedPackage>();
  const standard = new Set(listed.filter((each) => each.Standard === true).map((each) => each.ImportPath));
  for (const each of listed) {
    if (each.Standard === true || each.Dir === undefined || each.Dir === "") continue;
    const dir = await realpath(each.Dir).catch(() => each.Dir ?? "");
    const inTree = dir === realRoot || dir.startsWith(`${realRoot}/`);
    if (inTree && !relative(realRoot, dir).split("/").includes("vendor")) {
      own.set(each.ImportPath, { ...each, Dir: relative(realRoot, dir) });
    }
  }
  const packages: Record<string, Record<string, readonly string[]>> = {};
  const outside = new Set<string>();
  const std = new Set<string>();
  const missing = new Set<string>();
  // Without a directory and without a module Go found nothing, unless it could not get the zip of a known module. A path
  // without a dot then looks like the standard library to whoever does not know its list, as the scanner does not.
  const unknown = new Set(
    listed
      .filter((each) => (each.Dir ?? "") === "" && each.Module === undefined)
      .filter((each) => !/\.zip: /.test(each.Error?.Err ?? ""))
      .map((each) => each.ImportPath),
  );
  for (const each of own.values()) {
    const lists: Record<string, readonly string[]> = { Dir: [each.Dir === "" ? "." : (each.Dir ?? "")] };
    for (const field of listFields) {
      const names = each[field];
      if (Array.isArray(names) && names.length > 0) lists[field] = names.map(String).toSorted();
    }
    const imports = (each.Imports ?? []).map(
      (path) => Object.entries(each.ImportMap ?? {}).find(([, to]) => to === path)?.[0] ?? path,
    );
    const own1 = imports.filter((path) => own.has(path));
    if (own1.length > 0) lists["Imports"] = own1.toSorted();
    packages[each.ImportPath] = lists;
    // With cgo the command itself adds imports; they are not in the source.
    const added = Array.isArray(each["CgoFiles"]) ? ["runtime/cgo", "syscall", "unsafe"] : [];
    for (const path of imports) {
      if (path === "C" || own.has(path)) continue;
      if (standard.has(path)) {
        if (!added.includes(path)) std.add(path);
      } else if (unknown.has(path)) {
        (path.split("/", 1)[0]?.includes(".") ? missing : std).add(path);
      } else {
        outside.add(path);
      }
    }
  }
  const importedBack = new Set(
    listed
      .filter((each) => each.Standard !== true && !own.has(each.ImportPath))
      .flatMap((each) => each.Imports ?? [])
      .filter((path) => own.has(path)),
  );
  const errors = listed.flatMap((each) =>
    each.Error?.Err === undefined ? [] : [`${each.ImportPath}: ${each.Error.Err}`],
  );
  return {
    packages,
    outside: [...outside].toSorted(),
    std: [...std].toSorted(),
    missing: [...missing].toSorted(),
    errors,
    importedBack: [...importedBack].toSorted(),
  };
}

/** A package's files under the names that `go list` gives them. */
export function filesOf(
  files: Omit<PackageFacts, "importPath" | "imports" | "outside" | "std">,
): Readonly<Record<(typeof listFields)[number], readonly string[]>> {
  return {
    GoFiles: files.goFiles,
    CgoFiles: files.cgoFiles,
    CFiles: files.cFiles,
    CXXFiles: files.cxxFiles,
    MFiles: files.mFiles,
    HFiles: files.hFiles,
    FFiles: files.fFiles,
    SFiles: files.sFiles,
    SwigFiles: files.swigFiles,
    SwigCXXFiles: files.swigCxxFiles,
    SysoFiles: files.sysoFiles,
    EmbedFiles: files.embedFiles,
  };
}

/** The scanner's answer for one platform in the same form. */
export function fromFacts(facts: ServiceFacts, index: number): Comparable {
  const platform = facts.platforms[index];
  const packages: Record<string, Record<string, readonly string[]>> = {};
  const cgoStd = new Set<string>();
  for (const each of platform?.packages ?? []) {
    const lists: Record<string, readonly string[]> = { Dir: [each.dir] };
    const byField = filesOf(each);
    for (const field of listFields) if (byField[field].length > 0) lists[field] = byField[field];
    if (each.imports.length > 0) lists["Imports"] = each.imports;
    packages[each.importPath] = lists;
    const added = each.cgoFiles.length > 0 ? ["runtime/cgo", "syscall", "unsafe"] : [];
    for (const path of each.std) if (!added.includes(path)) cgoStd.add(path);
  }
  return {
    packages,
    outside: platform?.outside ?? [],
    std: [...cgoStd].toSorted(),
    missing: platform?.missing ?? [],
  };
}

/** Every difference in words; empty when both say the same. */
export function differences(go: Comparable, ours: Comparable): readonly string[] {
  const out: string[] = [];
  const compare = (what: string, a: readonly string[], b: readonly string[]): void => {
    const inGo = new Set(a);
    const inOurs = new Set(b);
    for (const each of a) if (!inOurs.has(each)) out.push(`${what}: only in go list: ${each}`);
    for (const each of b) if (!inGo.has(each)) out.push(`${what}: only in facts: ${each}`);
  };
  compare("packages", Object.keys(go.packages), Object.keys(ours.packages));
  for (const [path, lists] of Object.entries(go.packages)) {
    const mine = ours.packages[path];
    if (mine === undefined) continue;
    for (const field of new Set([...Object.keys(lists), ...Object.keys(mine)])) {
      compare(`${path} ${field}`, lists[field] ?? [], mine[field] ?? []);
    }
  }
  compare("outside", go.outside, ours.outside);
  compare("std", go.std, ours.std);
  compare("missing", go.missing, ours.missing);
  return out;
}
