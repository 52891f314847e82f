import { goMinor, NEWEST_GO_MINOR } from "../description/index.ts";
import type { Platform } from "../oci/index.ts";
import { evaluate, type Constraint, type HasTag } from "./constraint.ts";
import type { GoFile } from "./go-file.ts";

/**
 * One build configuration: which files and tags are in.
 * Rules: golang/go:src/go/build/build.go (matchTag, goodOSArchFile), src/internal/syslist, src/internal/buildcfg/cfg.go, Go 1.26.
 */
export interface BuildContext {
  /** Equal keys select equal files. */
  readonly key: string;
  readonly platform: Platform;
  readonly cgo: boolean;
  readonly hasTag: HasTag;
}

export interface ContextOptions {
  readonly platform: Platform;
  readonly tags?: readonly string[] | undefined;
  readonly cgo?: boolean | undefined;
  readonly goVersion?: string | undefined;
  readonly experiments?: readonly string[] | undefined;
  readonly unknownToolchain?: boolean | undefined;
}

/** The build context of one platform with its tags; without a Go version, that of the newest release known here. */
export function buildContext(options: ContextOptions): BuildContext {
  const { os, architecture: arch } = options.platform;
  const cgo = options.cgo ?? false;
  const minor = releaseOf(options.goVersion);
  const tags = new Set<string>([
    os,
    arch,
    "gc",
    ...userTags(options.tags),
    ...archTags(options.platform, minor),
  ]);
  for (const experiment of experiments(os, arch, minor, options.experiments ?? [])) {
    tags.add(`goexperiment.${experiment}`);
  }
  if (tags.has("goexperiment.boringcrypto")) tags.add("boringcrypto");
  for (let i = 1; i <= minor; i++) tags.add(`go1.${i}`);
  if (cgo) tags.add("cgo");
  if (os === "android") tags.add("linux");
  if (os === "illumos") tags.add("solaris");
  if (os === "ios") tags.add("darwin");
  if (unixSystems.has(os)) tags.add("unix");
  const isUnknown = openTags(options, minor);
  const key = JSON.stringify([...tags].sort().concat(options.unknownToolchain === true ? "?" : ""));
  const hasTag: HasTag = (tag) => (isUnknown(tag) ? undefined : tags.has(tag));
  return { key, platform: options.platform, cgo, hasTag };
}

/**
 * The tags that the toolchain image decides, where it is not known: releases after the oldest that it can be, what
 * GOEXPERIMENT or the way it was made turn on, the level of the architecture (GOAMD64 and its kind) where the
 * platform names none, and the version of the FIPS module. Of a release newer than those known here the experiments are not known either.
 */
function openTags(options: ContextOptions, minor: number): (tag: string) => boolean {
  const { architecture: arch, variant = "" } = options.platform;
  const isExperiment = (tag: string): boolean => tag.startsWith("goexperiment.") || tag === "boringcrypto";
  if (options.unknownToolchain !== true) return (tag) => minor > NEWEST_GO_MINOR && isExperiment(tag);
  return (tag) =>
    (/^go1\.\d+$/.test(tag) && (goMinor(tag) ?? 0) > minor) ||
    isExperiment(tag) ||
    tag.startsWith("fips140v") ||
    (variant === "" && tag.startsWith(`${arch}.`));
}

/** `boringcrypto` is an old name of the experiment, so asking for it as a tag has no effect. */
function userTags(tags: readonly string[] | undefined): readonly string[] {
  return (tags ?? []).filter((tag) => tag !== "boringcrypto" && tag !== "");
}

/** Whether a file is in the build; where the toolchain decides and is not known, it may be, and so it counts. */
export function matches(context: BuildContext, constraint: Constraint): boolean {
  return evaluate(constraint, context.hasTag) !== false;
}

/** Whether only the toolchain, which is not known, tells if a file is in the build. */
export function isOpen(context: BuildContext, constraint: Constraint): boolean {
  return evaluate(constraint, context.hasTag) === undefined;
}

/** Whether a file that is not in the build would be with cgo. */
export function needsCgo(context: BuildContext, file: GoFile): boolean {
  if (context.cgo || file.packageName === "documentation") return false;
  const withCgo = evaluate(file.constraint, (tag) => tag === "cgo" || context.hasTag(tag));
  const isIn = matches(context, file.constraint) && !file.imports.includes("C");
  return withCgo === true && !isIn;
}

/** The `_GOOS`, `_GOARCH` and `_GOOS_GOARCH` suffixes of a file name, before an optional `_test`. */
export function fileNameMatches(context: BuildContext, name: string): boolean {
  const dot = name.indexOf(".");
  const stem = dot < 0 ? name : name.slice(0, dot);
  // `linux.go` is an ordinary file: a suffix needs something before its underscore.
  const underscore = stem.indexOf("_");
  if (underscore < 0) return true;
  const parts = stem.slice(underscore).split("_");
  const has = (tag: string): boolean => context.hasTag(tag) === true;
  if (parts.at(-1) === "test") parts.pop();
  const last = parts.at(-1);
  const before = parts.at(-2);
  if (last === undefined) return true;
  if (before !== undefined && knownSystems.has(before) && knownArchitectures.has(last)) {
    return has(last) && has(before);
  }
  if (knownSystems.has(last) || knownArchitectures.has(last)) return has(last);
  return true;
}

/** Texts that name no release of Go 1 count as the newest known here. */
function releaseOf(version: string | undefined): number {
  const minor = goMinor(version ?? "") ?? NEWEST_GO_MINOR;
  return Number.isFinite(minor) ? minor : NEWEST_GO_MINOR;
}

/** Rules: golang/go:src/internal/buildcfg/cfg.go (gogoarchTags), with the release that brought each. */
function archTags(platform: Platform, minor: number): readonly string[] {
  const { architecture: arch, variant = "" } = platform;
  switch (arch) {
    case "amd64": {
      const level = Number(/^v([1-4])$/.exec(variant)?.[1] ?? 1);
      return range(1, level).map((i) => `amd64.v${i}`);
    }
    case "arm": {
      const level = Number(/^v?([5-7])/.exec(variant)?.[1] ?? 7);
      return range(5, level).map((i) => `arm.${i}`);
    }
    case "arm64":
      return minor < 23 ? [] : arm64Tags(variant);
    case "386":
      return [`386.${variant === "softfloat" ? "softfloat" : "sse2"}`];
    case "mips":
    case "mipsle":
    case "mips64":
    case "mips64le":
      return [`${arch}.${variant === "softfloat" ? "softfloat" : "hardfloat"}`];
    case "ppc64":
    case "ppc64le": {
      const level = Number(/^power(8|9|10)$/.exec(variant)?.[1] ?? 8);
      return range(8, level).map((i) => `${arch}.power${i}`);
    }
    case "riscv64": {
      if (minor < 23) return [];
      const level = Number(/^rva(20|22|23)u64$/.exec(variant)?.[1] ?? 20);
      return [20, 22, 23].filter((i) => i <= level).map((i) => `riscv64.rva${i}u64`);
    }
    case "wasm":
      // Before, GOWASM turned them on.
      return minor < 26 ? [] : ["wasm.satconv", "wasm.signext"];
    default:
      return [];
  }
}

/** v9.x includes everything up to v8.(x+5). */
function arm64Tags(variant: string): readonly string[] {
  const match = /^v?([89])(?:\.(\d))?/.exec(variant);
  const major = Number(match?.[1] ?? 8);
  const minor = Number(match?.[2] ?? 0);
  const ofMajor = range(0, minor).map((i) => `arm64.v${major}.${i}`);
  return major === 9
    ? [...ofMajor, ...range(0, Math.min(minor + 5, 9)).map((i) => `arm64.v8.${i}`)]
    : ofMajor;
}

/** The experiments a release turns on by itself, changed by GOEXPERIMENT (`name`, `noname`, `none`). */
function experiments(os: string, arch: string, minor: number, asked: readonly string[]): ReadonlySet<string> {
  const on = new Set<string>();
  for (const [name, from, to] of baselineExperiments) if (minor >= from && minor <= to) on.add(name);
  if (minor < (registerAbiSince[arch] ?? Infinity)) {
    ["regabiwrappers", "regabiargs"].forEach((name) => on.delete(name));
  }
  if (!exchangesBytes.has(arch)) on.delete("spinbitmutex");
  if (["darwin", "ios", "aix"].includes(os)) on.delete("dwarf5");
  for (const name of asked.flatMap((value) => value.split(",")).filter((value) => value !== "")) {
    if (name === "none") on.clear();
    else if (name === "regabi") ["regabiwrappers", "regabiargs"].forEach((part) => on.add(part));
    else if (name.startsWith("no")) on.delete(name.slice(2));
    else on.add(name);
  }
  return on;
}

/** The release that passes arguments in registers on an architecture; 17: no later than the oldest that is told apart. */
const registerAbiSince: Readonly<Record<string, number>> = {
  amd64: 17,
  arm64: 17,
  ppc64: 17,
  ppc64le: 17,
  riscv64: 17,
  loong64: 22,
  s390x: 26,
};

/** Where Go 1.24 can exchange a byte atomically. */
const exchangesBytes: ReadonlySet<string> = new Set(["386", "amd64", "arm", "arm64", "ppc64", "ppc64le"]);

/** Name, first and last minor release in which it is on by default. Only user code that names them can see it. */
const baselineExperiments: readonly (readonly [string, number, number])[] = [
  ["regabiwrappers", 17, 999],
  ["regabiargs", 17, 999],
  ["coverageredesign", 20, 24],
  ["allocheaders", 22, 22],
  ["exectracer2", 22, 22],
  ["aliastypeparams", 24, 25],
  ["swissmap", 24, 25],
  ["spinbitmutex", 24, 24],
  ["synchashtriemap", 24, 25],
  ["dwarf5", 25, 999],
  ["randomizedheapbase64", 26, 999],
  ["greenteagc", 26, 999],
];

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** Past, present and reserved GOOS values; used for file names, so none is ever removed. */
const knownSystems: ReadonlySet<string> = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos".split(
    " ",
  ),
);

const unixSystems: ReadonlySet<string> = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris".split(" "),
);

const knownArchitectures: ReadonlySet<string> = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le " +
    "ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);
