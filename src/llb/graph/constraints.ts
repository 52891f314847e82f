// Options that any op takes, and that marshal takes for all ops at once
// (moby/buildkit:client/llb/state.go).
import type { Platform, Range } from "../../oci/index.ts";

export interface ProgressGroup {
  readonly id: string;
  readonly name: string;
  /** A weak group loses against a strong one. */
  readonly weak: boolean;
}

/** Memory in bytes, shares relative, period and quota in microseconds, sets like `0-3`. */
export interface LinuxResources {
  readonly memory?: number | bigint | undefined;
  readonly memorySwap?: number | bigint | undefined;
  readonly cpuShares?: number | bigint | undefined;
  readonly cpuPeriod?: number | bigint | undefined;
  readonly cpuQuota?: number | bigint | undefined;
  readonly cpusetCpus?: string | undefined;
  readonly cpusetMems?: string | undefined;
}

/** What is said about an op outside its digest. */
export interface OpMetadata {
  readonly ignoreCache: boolean;
  readonly description: ReadonlyMap<string, string>;
  /** True forces the result into the cache export, false keeps it out. */
  readonly exportCache: boolean | undefined;
  readonly caps: ReadonlySet<string>;
  readonly progressGroup: ProgressGroup | undefined;
  readonly linuxResources: LinuxResources | undefined;
}

// ------------------------------------------------------------------ where an op comes from

/** What marshals itself, as a State does; this room knows neither the options nor what they give. */
export interface Marshalled {
  marshal(...options: readonly unknown[]): unknown;
}

/** A file that ops come from. */
export interface SourceMap {
  readonly filename: string;
  /** GitHub linguist's name of the language, such as `YAML`. */
  readonly language: string;
  readonly data: Uint8Array;
  /** The graph the file was loaded with, a state; optional, and repeated in every error when given. */
  readonly state: Marshalled | undefined;
  /** An option that ties an op to ranges of this file. */
  readonly location: (ranges: readonly Range[]) => ConstraintsOpt;
}

export interface SourceLocation {
  readonly sourceMap: SourceMap;
  readonly ranges: readonly Range[];
}

// ------------------------------------------------------------------ constraints

export interface Constraints {
  readonly platform: Platform | undefined;
  readonly filters: readonly string[];
  readonly metadata: OpMetadata;
  readonly localUniqueID: string;
  readonly locations: readonly SourceLocation[];
}

/** Something being built that has constraints: what a constraint option changes. */
export interface HasConstraints {
  constraints: Constraints;
}

/** An option for any op and for marshal. It changes what it is given and returns nothing. */
export type ConstraintsOpt = (target: HasConstraints) => void;

export const emptyMetadata: OpMetadata = {
  ignoreCache: false,
  description: new Map(),
  exportCache: undefined,
  caps: new Set(),
  progressGroup: undefined,
  linuxResources: undefined,
};

export const emptyConstraints: Constraints = {
  platform: undefined,
  filters: [],
  metadata: emptyMetadata,
  localUniqueID: "",
  locations: [],
};

/** Lays `over` on `base`; capabilities and descriptions unite, the rest is replaced where given. */
export function mergeMetadata(base: OpMetadata, over: OpMetadata): OpMetadata {
  if (base === emptyMetadata) return over;
  return {
    ignoreCache: base.ignoreCache || over.ignoreCache,
    description: union(base.description, over.description),
    exportCache: over.exportCache ?? base.exportCache,
    caps: base.caps.size === 0 ? over.caps : new Set([...base.caps, ...over.caps]),
    progressGroup: over.progressGroup ?? base.progressGroup,
    linuxResources: over.linuxResources ?? base.linuxResources,
  };
}

function union(
  base: ReadonlyMap<string, string>,
  over: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (base.size === 0) return over;
  return over.size === 0 ? base : new Map([...base, ...over]);
}

function changeMetadata(change: (metadata: OpMetadata) => Partial<OpMetadata>): ConstraintsOpt {
  return (target) => {
    const { constraints } = target;
    const metadata = { ...constraints.metadata, ...change(constraints.metadata) };
    target.constraints = { ...constraints, metadata };
  };
}

/** The constraints that options leave behind. */
export function applyConstraints(options: readonly ConstraintsOpt[]): Constraints {
  const target: HasConstraints = { constraints: emptyConstraints };
  for (const option of options) option(target);
  return target.constraints;
}

// ------------------------------------------------------------------ where an op runs

/** The platform of the op; goes into its bytes as given, without normalising. */
export const platform =
  (value: Platform): ConstraintsOpt =>
  (target) => {
    target.constraints = { ...target.constraints, platform: value };
  };

const linux = (architecture: string, variant?: string): ConstraintsOpt =>
  platform({ os: "linux", architecture, variant });

export const linuxAmd64 = linux("amd64");
export const linuxArmhf = linux("arm", "v7");
/** The same as linuxArmhf, as in Go. */
export const linuxArm = linux("arm", "v7");
export const linuxArmel = linux("arm", "v6");
export const linuxArm64 = linux("arm64");
export const linuxS390x = linux("s390x");
export const linuxPpc64 = linux("ppc64");
export const linuxPpc64le = linux("ppc64le");
export const linuxRiscv64 = linux("riscv64");
export const darwin = platform({ os: "darwin", architecture: "amd64" });
export const windows = platform({ os: "windows", architecture: "amd64" });

/** Adds worker filters: only workers that match may run the op. */
export const requireFilters =
  (...filters: readonly string[]): ConstraintsOpt =>
  (target) => {
    target.constraints = { ...target.constraints, filters: [...target.constraints.filters, ...filters] };
  };

/** What makes local sources without a session distinct; Go takes a random one, here it must be given. */
export const localUniqueID =
  (id: string): ConstraintsOpt =>
  (target) => {
    target.constraints = { ...target.constraints, localUniqueID: id };
  };

// ------------------------------------------------------------------ how an op is cached and shown

/** Runs the op even when its result is cached; empties its cache mounts first. */
export const ignoreCache: ConstraintsOpt = changeMetadata(() => ({ ignoreCache: true }));

/** Adds descriptions; the key `llb.customname` names the step in the progress output. */
export const withDescription = (description: Readonly<Record<string, string>>): ConstraintsOpt =>
  changeMetadata((metadata) => ({
    description: new Map([...metadata.description, ...Object.entries(description)]),
  }));

/** The name of the step in progress output and in errors. */
export const withCustomName = (name: string): ConstraintsOpt => withDescription({ "llb.customname": name });

/** Forces the result into the cache export. */
export const withExportCache: ConstraintsOpt = changeMetadata(() => ({ exportCache: true }));
/** Keeps the result out of the cache export. */
export const withoutExportCache: ConstraintsOpt = changeMetadata(() => ({ exportCache: false }));
/** Leaves the cache export to the build's configuration, which is the default. */
export const withoutDefaultExportCache: ConstraintsOpt = changeMetadata(() => ({ exportCache: undefined }));

/** Shows steps of one id as one group. */
export const progressGroup = (id: string, name: string, weak = false): ConstraintsOpt =>
  changeMetadata(() => ({ progressGroup: { id, name, weak } }));

// ------------------------------------------------------------------ limits of an exec, outside its digest

/** Replaces all limits at once. */
export const withLinuxResources = (resources: LinuxResources): ConstraintsOpt =>
  changeMetadata(() => ({ linuxResources: { ...resources } }));

const limit = (resources: LinuxResources): ConstraintsOpt =>
  changeMetadata((metadata) => ({ linuxResources: { ...metadata.linuxResources, ...resources } }));

/** Bytes of memory. */
export const memoryLimit = (bytes: number | bigint): ConstraintsOpt => limit({ memory: bytes });
/** Bytes of memory and swap together; -1: any. */
export const memorySwapLimit = (bytes: number | bigint): ConstraintsOpt => limit({ memorySwap: bytes });
/** Weight among the processes of a busy machine; the kernel's default is 1024. */
export const cpuShares = (shares: number | bigint): ConstraintsOpt => limit({ cpuShares: shares });
/** Microseconds. */
export const cpuPeriod = (period: number | bigint): ConstraintsOpt => limit({ cpuPeriod: period });
/** Microseconds. */
export const cpuQuota = (quota: number | bigint): ConstraintsOpt => limit({ cpuQuota: quota });
/** CPUs that the process may run on, like `0-3` or `0,1`. */
export const cpusetCpus = (cpus: string): ConstraintsOpt => limit({ cpusetCpus: cpus });
/** Memory nodes that the process may use, like `0-3` or `0,1`. */
export const cpusetMems = (mems: string): ConstraintsOpt => limit({ cpusetMems: mems });
