// The go command lines. The commands that fill caches and the one that links are rendered from the
// same values by the same functions: a flag that differs between them would make every package miss.
import { levelVariable, type Platform, type ServiceDescription } from "../description/index.ts";
import { PATHS } from "./paths.ts";
import type { VariantPlan } from "./types.ts";

/** The first argument of every go command: found through the toolchain image's PATH. */
const GO = "go";

/**
 * Environment that selects the target. The variant of a platform is the architecture's level
 * (golang/go:src/internal/buildcfg/cfg.go): arm v5–v7, amd64 v1–v4; arm64's v8 is Go's default.
 */
export function targetEnv(platform: Platform): Readonly<Record<string, string>> {
  const env: Record<string, string> = { CGO_ENABLED: "0", GOOS: platform.os, GOARCH: platform.architecture };
  const variant = platform.variant;
  if (variant === undefined) return env;
  const level = variant.replace(/^v/, "");
  switch (platform.architecture) {
    case "arm":
      return { ...env, GOARM: level };
    case "amd64":
      return { ...env, GOAMD64: variant };
    case "arm64":
      return { ...env, GOARM64: level.includes(".") ? variant : `${variant}.0` };
    default:
      return env;
  }
}

/** What a description chooses of the target: cgo, experiments, and levels of platforms without a variant. */
export type TargetSettings = Pick<ServiceDescription["build"], "cgo" | "experiments" | "levels" | "fips140">;

/** {@link targetEnv} with what the description chooses. */
export function chosenEnv(
  platform: Platform,
  { cgo, experiments, levels, fips140 }: TargetSettings,
): Readonly<Record<string, string>> {
  const level = platform.variant === undefined ? levelVariable(platform.architecture, levels) : undefined;
  return {
    ...targetEnv(platform),
    ...(cgo === undefined ? {} : { CGO_ENABLED: "1" }),
    ...(experiments.length === 0 ? {} : { GOEXPERIMENT: experiments.join(",") }),
    ...(level === undefined ? {} : Object.fromEntries([level])),
    ...(fips140 === "off" ? {} : { GOFIPS140: fips140 }),
  };
}

/** The target for a step that looks at packages and compiles none: the FIPS module is part of the standard library. */
export function lookingEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "GOFIPS140"));
}

/** Whether the go command takes the FIPS module from an archive of its release, which it unpacks into the module cache. */
export function unpacksFips({ env }: Pick<VariantPlan, "env">): boolean {
  const version = env["GOFIPS140"];
  return version !== undefined && version !== "latest";
}

/** What a person types into a POSIX shell, at the build context's root, to see the compiler say the same. */
export function commandByHand({ dir, env: chosen, tags, instrument, main }: ByHand): string {
  const env = Object.entries(chosen).map(([name, value]) => `${name}=${value}`);
  const flags = [
    ...(instrument === undefined ? [] : [`-${instrument}`]),
    ...(tags.length === 0 ? [] : [`-tags=${tags.join(",")}`]),
  ];
  const place = dir === "." ? [] : ["cd", shellWord(dir), "&&"];
  return [...place, ...env, "go", "build", ...[...flags, main].map(shellWord)].join(" ");
}

interface ByHand {
  /** Of the module. */
  readonly dir: string;
  /** Of the target. */
  readonly env: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly instrument?: VariantPlan["instrument"] | undefined;
  /** Of the main package, from the module's. */
  readonly main: string;
}

/** A word as a POSIX shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./,=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export interface CompileFlags {
  readonly tags: readonly string[];
  /** Path of the PGO profile inside the step. */
  readonly profile: string | undefined;
  readonly gcflags?: readonly string[] | undefined;
  readonly asmflags?: readonly string[] | undefined;
  readonly mode?: VariantPlan["mode"] | undefined;
  readonly instrument?: VariantPlan["instrument"] | undefined;
  readonly cover?: VariantPlan["cover"] | undefined;
}

/** Flags that are in the key of every package; the profile is where steps mount it. */
export function flagsOf({
  tags,
  profile,
  gcflags,
  asmflags,
  mode,
  instrument,
  cover,
  profiles,
}: Pick<
  VariantPlan,
  "tags" | "profile" | "profiles" | "gcflags" | "asmflags" | "mode" | "instrument" | "cover"
>): CompileFlags {
  const hasProfile = profile !== undefined || profiles !== undefined;
  return {
    tags,
    profile: hasProfile ? PATHS.profile : undefined,
    gcflags,
    asmflags,
    mode,
    instrument,
    cover,
  };
}

/** How packages of other modules are compiled: nothing is counted in them unless some are named. */
export function othersOf(variant: VariantPlan): VariantPlan {
  const { cover, ...others } = variant;
  return cover === undefined || cover.length === 0 ? others : variant;
}

/** Compiles packages into the build cache; no output file. */
export function cookCommand(packages: readonly string[], flags: CompileFlags): readonly string[] {
  // Paths come from go.mod and import paths, which were checked before: none can be taken for a flag.
  const flag = packages.find((path) => path === "" || path.startsWith("-"));
  if (flag !== undefined) throw new Error(`${JSON.stringify(flag)} is not a package`);
  return [GO, "build", "-v", ...compileFlags(flags), ...packages];
}

export interface LinkFlags extends CompileFlags {
  readonly output: string;
  readonly strip: boolean;
  /** How C is linked; absent without cgo. */
  readonly cgo?: "static" | "dynamic" | undefined;
  /** Whether there is room for a build id. */
  readonly buildId?: boolean | undefined;
  readonly ldflags?: readonly string[] | undefined;
  /** `-X` values: importpath.name → value. */
  readonly vars: readonly (readonly [string, string])[];
}

/** Compiles what is left and links one main package. */
export function linkCommand(main: string, flags: LinkFlags): readonly string[] {
  return [GO, "build", "-v", ...compileFlags(flags), `-ldflags=${ldflags(flags)}`, "-o", flags.output, main];
}

/** What is in the key of every package of the build, besides the environment. */
function compileFlags(flags: CompileFlags): readonly string[] {
  return [
    ...(flags.tags.length > 0 ? [`-tags=${flags.tags.join(",")}`] : []),
    // Always said: the default, auto, would look for a profile beside each main package.
    `-pgo=${flags.profile ?? "off"}`,
    ...forAll("gcflags", flags.gcflags),
    ...forAll("asmflags", flags.asmflags),
    ...(flags.mode === undefined ? [] : [`-buildmode=${flags.mode}`]),
    ...(flags.instrument === undefined ? [] : [`-${flags.instrument}`]),
    ...(flags.cover === undefined ? [] : ["-cover"]),
    ...(flags.cover === undefined || flags.cover.length === 0 ? [] : [`-coverpkg=${flags.cover.join(",")}`]),
  ];
}

/** Flags of a tool for all packages; those that a description may name hold no space. */
function forAll(name: string, flags: readonly string[] = []): readonly string[] {
  return flags.length === 0 ? [] : [`-${name}=all=${flags.join(" ")}`];
}

/**
 * Flags of go that are the same for every step, whatever the project. -mod is not among them: go takes the vendor
 * folder where there is one, and its advice on a missing requirement is left out where -mod is given
 * (golang/go:src/cmd/go/internal/modload/import.go, queryImport).
 */
export const GO_FLAGS = "-trimpath -buildvcs=false";

/** Environment of every go command; nothing in it names the project or the machine. */
export function goEnv(target: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...target,
    GOCACHE: PATHS.buildCache,
    GOENV: "off",
    GOFLAGS: GO_FLAGS,
    GOMODCACHE: PATHS.moduleCache,
    GOTELEMETRY: "off",
    GOTOOLCHAIN: "local",
    HOME: "/tmp",
  };
}

function ldflags(flags: LinkFlags): string {
  const words = flags.strip ? ["-s", "-w"] : [];
  // The build id names the link's inputs, not its output; without it equal code gives equal bytes.
  words.push("-buildid=", ...(flags.ldflags ?? []));
  // Go's own linker cannot link C; said always, so that a binary is linked alike whatever packages it has.
  if (flags.cgo !== undefined) words.push("-linkmode=external");
  if (flags.cgo === "static") words.push(`-extldflags=-static${flags.mode === "pie" ? "-pie" : ""}`);
  if (flags.buildId === true) words.push(`-B=0x${"00".repeat(20)}`);
  for (const [name, value] of flags.vars) words.push("-X", quoteField(`${name}=${value}`));
  return words.join(" ");
}

/**
 * One field of a flag that go splits on spaces. Single or double quotes hold a field together and
 * there are no escapes (golang/go:src/cmd/internal/quoted/quoted.go), so a value with both kinds of
 * quotes cannot be said; {@link isQuotable} tells.
 */
function quoteField(field: string): string {
  if (!/[\s'"]/.test(field)) return field;
  return field.includes("'") ? `"${field}"` : `'${field}'`;
}

/** Whether the linker's `-X` can be told a value: one that holds both kinds of quotes cannot be quoted. */
export function isQuotable(value: string): boolean {
  return !(value.includes("'") && value.includes('"'));
}
