import type { State } from "../llb/index.ts";
import type { Platform } from "../description/index.ts";

/** What only the builder can say, and the graph needs. */
export interface Resolved {
  readonly toolchain: ResolvedImage;
  /** One for each of the plan's platforms; undefined where the plan needs no base image. */
  readonly bases: readonly (ResolvedImage | undefined)[];
  readonly context: SourceContext;
  readonly settings: GraphSettings;
  /** The description, for BuildKit's excerpts when a step fails. */
  readonly description: { readonly filename: string; readonly text: string };
}

/** An image with the digest it had when the build began. */
export interface ResolvedImage {
  /** Reference to put into the graph, with a digest where one is known. */
  readonly reference: string;
  readonly config: ImageConfig;
  /** Named context of the client that takes the image's place. */
  readonly state?: State;
}

/** The part of the OCI image configuration that a build reads and writes (opencontainers/image-spec:config.md). */
export interface ImageConfig {
  readonly created?: string;
  readonly architecture?: string;
  readonly os?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly variant?: string;
  readonly author?: string;
  readonly config?: ContainerConfig;
  readonly history?: readonly HistoryEntry[];
}

export interface ContainerConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** Gives parts of the build context as states, named after what they are for. */
export interface SourceContext {
  /**
   * @param paths exact files, or directories to take whole; relative to the context root
   * @param role stable name of the use; also the key under which transfers are compared
   */
  readonly files: (paths: readonly string[], role: string) => State;
}

export interface GraphSettings {
  /** Stages to run without cache: names of {@link Stage}; empty: all; undefined: none. */
  readonly noCache: readonly string[] | undefined;
  readonly networkMode: "host" | "none" | undefined;
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[];
  readonly proxy: Readonly<Record<string, string>>;
  readonly resolveMode: "default" | "pull" | "local";
  /** Ids of the capabilities that the builder has; see {@link Abilities} for what the graph does without some. */
  readonly caps: ReadonlySet<string>;
}

export type Stage = "helper" | "modules" | "std" | "deps" | "build" | "rootfs";

/** One platform's result: what to solve and what the image says of itself. */
export interface PlatformResult {
  readonly platform: Platform;
  readonly state: State;
  /** Absent for the bare executable. */
  readonly config: ImageConfig | undefined;
  readonly baseConfig: ImageConfig | undefined;
}

export interface Graph {
  readonly platforms: readonly PlatformResult[];
}

export interface Preparation {
  /** The download step alone, to be run first when credentials may be missing. */
  readonly download: State | undefined;
  /** The step whose result tells how to cut the compilation of other modules into groups. */
  readonly listing: State | undefined;
  /** The standard library's caches, which need neither: worth starting while the listing is awaited. */
  readonly std: readonly State[];
}
