// The plan: everything a build will do, as plain data. It is decided once, in this room, from the
// description, the facts of the source tree and what the client asked for. With what the builder says of images it
// becomes steps (steps/index.ts), and those become LLB.
import type { VendorLink } from "../facts/index.ts";
import type { Owner, Platform } from "../description/index.ts";
import type { ImportPart } from "./deps-parts.ts";
import type { Retries, Scope } from "./retry.ts";
import type { InlineFile } from "./inline-file.ts";
import type { ModulesPlan } from "./modules-plan.ts";
import type { Place } from "./place.ts";

export type { InlineFile } from "./inline-file.ts";
export type { AuthPlan, DownloadPart, ImportedModules, ModulesPlan } from "./modules-plan.ts";
export type { Place } from "./place.ts";
export type { BuildRequest, Revision } from "./request.ts";

/** What the linker writes of the commit into the build information, as the go command would. */
export interface VcsStamp {
  readonly revision: string;
  /** In UTC, like `2026-01-31T09:30:00Z`. */
  readonly time?: string | undefined;
  readonly modified?: boolean | undefined;
  /** The main module's version, which Go 1.24 and later releases say. */
  readonly version?: string | undefined;
}

export interface ToolchainPlan {
  /** Image reference, not yet resolved to a digest. */
  readonly reference: string;
  /** The Go release, as far as it is known ("1.26" or "1.26.3"). */
  readonly goVersion: string;
  /**
   * Present where the client or the description names the image: it may hold another release, with other experiments
   * turned on and for another level of the architecture. This is the oldest release that can compile the module.
   */
  readonly atLeast?: string | undefined;
  /** Where the choice stands: in the description, or else in go.mod. */
  readonly at: Place;
}

/** Packages compiled ahead, into a build cache that travels as a layer. */
export interface StdPlan {
  readonly id: string;
  /** As of {@link VariantPlan.label}, without the module, of which nothing is in it. */
  readonly label: string;
  readonly packages: readonly string[];
  /** True when the helper's own compilation can be the start of this cache. */
  readonly onHelper: boolean;
}

export interface DepsPlan {
  readonly id: string;
  /** Working directory. */
  readonly dir: string;
  readonly files: readonly InlineFile[];
  /** A package that imports what any service imports that is compiled alike: for asking about packages. */
  readonly stub: InlineFile;
  /** What this service imports, each compiled upon those before it; see deps-parts.ts. */
  readonly parts: readonly (ImportPart & { readonly stub: InlineFile })[];
  /** Whether the service imports all that the stub does. */
  readonly isAll: boolean;
  /** In place of them, once packages are listed. */
  readonly groups?: readonly DepsGroup[] | undefined;
}

/** A part of the other modules' packages, compiled apart from the rest; see groups.ts. */
export interface DepsGroup {
  readonly name: string;
  /** Import paths handed to `go build`. */
  readonly packages: readonly string[];
  /** A go.mod and go.sum of its own, which name only the modules it reads. */
  readonly files: readonly InlineFile[];
  /** Where the module cache holds what it reads and no group before it does. */
  readonly modulePaths: readonly string[];
  /** Folders below those that it does not read, though a later group may. */
  readonly withoutPaths: readonly string[];
  /** Whether there may be such folders, now or after an edit. */
  readonly partial: boolean;
}

/** The step that lists the packages of other modules, for grouping them. */
export interface ListingPlan {
  readonly dir: string;
  /** The stub package, relative to dir. */
  readonly stub: string;
  /** Paths of the modules of the source tree. */
  readonly modules: readonly string[];
  readonly files: readonly InlineFile[];
  readonly tags: readonly string[];
  readonly platforms: readonly { readonly id: string; readonly env: Readonly<Record<string, string>> }[];
  /** Whether the source tree alone tells what the service imports: no links, nothing missing. */
  readonly plain: boolean;
  /** Set once the listing is known: it names every package that the service needs of other modules. */
  readonly exact?: boolean | undefined;
}

/** Where a profile of a list comes from. */
export type ProfileSource =
  | { readonly kind: "file"; readonly path: string; readonly at: Place }
  | { readonly kind: "url"; readonly url: string; readonly checksum: string; readonly at: Place }
  | { readonly kind: "image"; readonly reference: string; readonly path: string; readonly at: Place };

/** What compiles C, and what is linked with it: packages of a distribution, installed by a step of its own. */
export interface CToolsPlan {
  /** Image of the distribution, not yet resolved to a digest. */
  readonly image: string;
  /** Packages, as apt-get is told: the same for all services of a platform. */
  readonly compilers: readonly string[];
  /** What a service needs besides; may be empty. */
  readonly libraries: readonly string[];
  /** The target's architecture, where packages of it are installed on a builder of another. */
  readonly foreign?: string | undefined;
  readonly link: "static" | "dynamic";
  /** Where the go command finds compilers and pkg-config. */
  readonly env: Readonly<Record<string, string>>;
  readonly at: Place;
}

/** A detector that is compiled into every package: go build's `-race` or `-asan`. */
export type Instrument = "race" | "asan";

/** One way of compiling: a platform and the flags that are part of every package's cache key. */
export interface VariantPlan {
  /** The platform's name. */
  readonly id: string;
  readonly platform: Platform;
  /** Directory of the module. */
  readonly module: string;
  /** In the names of its steps, what tells them from those of other variants of the platform; most often empty. */
  readonly label: string;
  /** CGO_ENABLED, GOOS, GOARCH and the architecture's level. */
  readonly env: Readonly<Record<string, string>>;
  /** Present with cgo. */
  readonly cTools?: CToolsPlan | undefined;
  /** A go.work of the source tree does not list the module, and may be sent with folders of it. */
  readonly passesWorkspace?: true | undefined;
  readonly tags: readonly string[];
  /** For all packages; absent: none. */
  readonly gcflags?: readonly string[] | undefined;
  readonly asmflags?: readonly string[] | undefined;
  /** Absent: an executable that is loaded where it says. */
  readonly mode?: "pie" | undefined;
  /** Absent: no detector is compiled in. */
  readonly instrument?: Instrument | undefined;
  /** Absent: nothing is counted; empty: packages of the main module; else patterns of import paths. */
  readonly cover?: readonly string[] | undefined;
  /** Context path of the PGO profile. */
  readonly profile: string | undefined;
  /** In place of it, profiles from several places; they are merged. */
  readonly profiles?: readonly ProfileSource[] | undefined;
  /** Context path of the vendor directory. */
  readonly vendor: string | undefined;
  /** What stands in the vendor directory by way of links, in the order to put it there; absent where nothing does. */
  readonly vendorLinks?: readonly VendorLink[] | undefined;
  readonly std: StdPlan;
  /** Absent when the service imports nothing but what `std` holds. */
  readonly deps: DepsPlan | undefined;
}

/** The service's own packages, of which there are many, compiled in parts; see strata.ts. */
export interface OwnPlan {
  /** go.mod, go.sum … as paths of the context: every part reads them. */
  readonly modFiles: readonly string[];
  /** Each after those it builds on. The main package is in none of them. */
  readonly strata: readonly Stratum[];
}

export interface Stratum {
  /** Name of its step, without its number. */
  readonly name: string;
  /** Import paths handed to `go build`. */
  readonly packages: readonly string[];
  /** Exact files of its packages; it also reads those of the strata before it. */
  readonly files: readonly string[];
  /** As of {@link LinkPlan.reusable}, for its packages alone. */
  readonly reusable: boolean;
}

/** An executable of the image. */
export interface ProgramPlan {
  readonly name: string;
  /** Import path of the main package. */
  readonly importPath: string;
  /** The main package as the go command is told, or from the context's root where services have several modules. */
  readonly main: string;
  /** Where the executable stands in the image. */
  readonly path: string;
  /** Exact files of the context that linking it needs, union over the platforms; directories that are sent whole. */
  readonly files: readonly string[];
  readonly at: Place;
}

export interface LinkPlan {
  readonly program: ProgramPlan;
  readonly variant: VariantPlan;
  /** Absent when the own packages are few: then the link step compiles them. */
  readonly ownPackages?: OwnPlan | undefined;
  /**
   * Whether a later build may take what is compiled here out of a cache mount: Go's own key of each package then holds
   * all that the package is made of. Where it does not, or nobody knows, there is no mount.
   */
  readonly reusable: boolean;
  /** Full argv of the go command. */
  readonly argv: readonly string[];
  readonly dir: string;
  /** Module paths whose packages are the service's own. */
  readonly modules: readonly string[];
  /** First-party packages in the closure: what one clean build compiles. */
  readonly packages: number;
  /** Line printed after go's own messages when the compilation fails. */
  readonly failure: string;
  /** Absent: nothing of the commit is written into the build information. */
  readonly vcs?: VcsStamp | undefined;
  /** Present where a GNU build id is written into the executable, of what this command links: the one that ships. */
  readonly buildIdOf?: readonly string[] | undefined;
  /** go.mod or go.work with `godebug` lines of the description, in place of the tree's. */
  readonly godebug?: InlineFile | undefined;
  /** Names the module within the namespace, for cache mounts; as of {@link Plan.project}. */
  readonly project: string;
}

export interface ImagePlan {
  readonly base:
    | { readonly kind: "static" }
    | { readonly kind: "scratch" }
    | { readonly kind: "image"; readonly reference: string; readonly at: Place };
  readonly user: string | undefined;
  readonly ports: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly workdir: string | undefined;
  /** Folders before those of PATH; absent: none. */
  readonly path?: readonly string[] | undefined;
  /** Absent: the base's. */
  readonly stopSignal?: string | undefined;
  /** Beside those of the base; absent: none. */
  readonly volumes?: readonly string[] | undefined;
  /** Absent: the image holds its base and its binaries. */
  readonly content?: ContentPlan | undefined;
}

/** What an image holds beside its base and its binaries. */
export interface ContentPlan {
  readonly dirs: readonly DirectoryPlan[];
  /** Directories that are made where there is none, for the image's user. */
  readonly absent: readonly string[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly texts: readonly TextPlan[];
  readonly copies: readonly CopiesPlan[];
  /** Where directories and links are asked for, or else what there is. */
  readonly at: Place;
}

/** A file of the image with its text. */
export interface TextPlan {
  readonly path: string;
  readonly text: string;
  /** Octal digits: `0644`. */
  readonly mode: string;
  readonly owner: Owner;
  readonly at: Place;
}

/** Files of the tree that are put into the image together. */
export interface CopiesPlan {
  /** As the description names them. */
  readonly from: string;
  /** Directories that they bring, which are made where there are none. */
  readonly dirs: readonly string[];
  readonly files: readonly {
    readonly source: string;
    readonly path: string;
    /** Absent for links. */
    readonly mode?: string | undefined;
  }[];
  readonly owner: Owner;
  readonly at: Place;
}

export interface DirectoryPlan {
  readonly path: string;
  /** Octal digits: `0755`. */
  readonly mode: string;
  /** Absent: the image's user. */
  readonly owner?: Owner | undefined;
}

/** A step of the description, which writes files of the tree before anything is compiled; see generators.ts. */
export interface GeneratorPlan {
  readonly name: string;
  readonly image: { readonly reference: string; readonly at: Place };
  /** They run one after the other, in what the one before has left. */
  readonly commands: readonly { readonly argv: readonly string[]; readonly at: Place }[];
  readonly env: readonly (readonly [string, string])[];
  /** Where they start, below the context's root. */
  readonly dir: string;
  /** What it sees of the context: files, and directories that are taken whole. */
  readonly files: readonly string[];
  /** Paths in those directories that are left out, since a generator writes them. */
  readonly without: readonly string[];
  /** Files of those that have other texts than in the context. */
  readonly texts?: readonly InlineFile[] | undefined;
  /** What it sees of others' outputs. */
  readonly taken: readonly GeneratedPath[];
  readonly outputs: readonly { readonly path: string; readonly at: Place }[];
  readonly network: boolean;
  readonly credentials: readonly StepCredential[];
  /** Directories that it finds as its last run left them, and the ids of their mounts; absent: none. */
  readonly caches?: readonly { readonly path: string; readonly id: string }[] | undefined;
  /**
   * Stands for the client's cache namespace; present where there are credentials or caches. BuildKit keys a step on the
   * ids of secrets and caches and not on what they hold: what one tenant's secret has opened, or a mount of theirs has
   * held, is no result of another's.
   */
  readonly tenant?: string | undefined;
  readonly at: Place;
}

/** What a generator gets of the client. */
export type StepCredential =
  | { readonly kind: "step-secret"; readonly secret: string; readonly at: Place }
  | { readonly kind: "step-agent"; readonly agent: string; readonly at: Place };

/** A path of the tree that a generator writes. */
export interface GeneratedPath {
  /** Name of the generator. */
  readonly step: string;
  readonly path: string;
}

/** What of a service's tree is generated. */
export interface Generated {
  /** Each behind those that it reads from. */
  readonly generators: readonly GeneratorPlan[];
  /** Outputs that take the place of what the context has there. */
  readonly paths: readonly GeneratedPath[];
  /** Outputs that files of the image are taken from; absent: none. */
  readonly imagePaths?: readonly GeneratedPath[] | undefined;
}

/** How files of the build context, or of a directory beside it, reach the builder. */
export type ContextRules =
  /** From a client, without what the patterns of its ignore file leave out. */
  | { readonly kind: "sent"; readonly ignore: readonly string[] }
  /** They are there: a repository or an archive that the builder itself has fetched. */
  | { readonly kind: "fetched" };

/** A directory that the client hands in beside the build context, and where it stands in the tree. */
export interface NamedContext {
  readonly name: string;
  readonly path: string;
  readonly rules: ContextRules;
}

/** What of the tree is not as the build context has it; see altered.ts. */
export interface Alterations {
  /** Files with other texts, and files that the context does not have. */
  readonly texts: readonly InlineFile[];
  /** Files of the context that are not there. */
  readonly removed: readonly string[];
  readonly contexts: readonly NamedContext[];
  /** Files of the context that say so. */
  readonly reads: readonly string[];
}

/** What is made for one platform. */
export interface PlatformPlan {
  /** The platform's name. */
  readonly id: string;
  readonly platform: Platform;
  /** One for each program, in their order. */
  readonly links: readonly LinkPlan[];
  readonly image: ImagePlan;
}

export interface ServicePlan {
  readonly name: string;
  /** In the order of the description; at least one. The image starts the first. */
  readonly programs: readonly ProgramPlan[];
  /** Those of all programs. */
  readonly files: readonly string[];
  /** Present where some files of the tree are generated; {@link files} names none of those. */
  readonly generated?: Generated | undefined;
  /** Present where some files of the tree are not the context's; {@link files} names none of those. */
  readonly altered?: Alterations | undefined;
  readonly platforms: readonly PlatformPlan[];
  readonly at: Place;
}

/**
 * What comes out: the image, or the bare executables; those with symbols and DWARF, or an image of unoptimized ones with
 * a debugger.
 */
export type Output = "image" | "binary" | "symbols" | "debug";

export interface Target {
  readonly name: string;
  readonly service: string;
  readonly output: Output;
  readonly description: string;
  readonly default: boolean;
}

export interface Plan {
  readonly module: { readonly path: string; readonly dir: string };
  readonly output: Output;
  readonly target: string;
  readonly targets: readonly Target[];
  readonly toolchain: ToolchainPlan;
  readonly buildPlatform: Platform;
  /** Of each module from which programs are built, where something outside the tree is needed and not vendored. */
  readonly modules: readonly ModulesPlan[];
  readonly service: ServicePlan;
  /** The download of the debugger, where there is one. */
  readonly debugger?: ModulesPlan | undefined;
  /** Present when it pays to know the packages of other modules before they are compiled. */
  readonly listing: ListingPlan | undefined;
  /** Time of every file and of the image's `created`, in seconds since 1970. */
  readonly epoch: number;
  readonly scope: Scope;
  /** What is planned next when a step fails because this plan missed something; see retry.ts. */
  readonly retries: Retries;
  /** Start of cache mounts' ids, so that tenants of one builder do not share them; may be empty. */
  readonly cacheNamespace: string;
  /** Names the module within the namespace. It is hashed: a hostile description cannot write another project's. */
  readonly project: string;
}
