import type { ProxySettings } from "./step.ts";
import type { ContextRules, Plan } from "./types.ts";

/** What only the builder and the client can say, and steps are made of beside the plan. */
export interface Resolved {
  readonly toolchain: ResolvedImage;
  /** By the platform that they are the base of; a base that is not here stands for itself. */
  readonly bases: Readonly<Record<string, ResolvedImage>>;
  /** Images of the description's steps and of the C tools, by their references; one that is not here stands for itself. */
  readonly stepImages?: Readonly<Record<string, ResolvedImage>> | undefined;
  /** Images of the shell beside the debugger, by platform, likewise. */
  readonly shells?: Readonly<Record<string, ResolvedImage>> | undefined;
  /** Images that hold profiles, likewise. */
  readonly profileImages?: Readonly<Record<string, ResolvedImage>> | undefined;
  readonly context: ContextRules;
  readonly settings: BuilderSettings;
  /** The description, for BuildKit's excerpts when a step fails. */
  readonly description: { readonly filename: string; readonly text: string };
}

/** An image with the digest it had when the build began. */
export interface ResolvedImage {
  /** Reference to put into the graph, with a digest where one is known. */
  readonly reference: string;
  readonly config: ImageConfig;
  /** Set where a named context of the client takes the image's place. */
  readonly replaced?: boolean | undefined;
}

export interface BuilderSettings {
  /** Stages to run without cache: names of {@link Stage}, the service, or a step of the description; empty: all; undefined: none. */
  readonly noCache: readonly string[] | undefined;
  readonly networkMode: "host" | "none" | undefined;
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[];
  readonly proxy: ProxySettings;
  readonly resolveMode: "default" | "pull" | "local";
  /** Ids of the capabilities that the builder has; see {@link Abilities} for what steps do without some. */
  readonly caps: ReadonlySet<string>;
}

/** Parts of a build that `--no-cache-filter` names. */
export type Stage = "steps" | "tools" | "helper" | "modules" | "std" | "deps" | "build" | "rootfs";

/** The part of the OCI image configuration that a build reads and writes (opencontainers/image-spec:config.md). */
export interface ImageConfig {
  readonly created?: string | undefined;
  readonly architecture?: string | undefined;
  readonly os?: string | undefined;
  readonly "os.version"?: string | undefined;
  readonly "os.features"?: readonly string[] | undefined;
  readonly variant?: string | undefined;
  readonly author?: string | undefined;
  readonly config?: ContainerConfig | undefined;
  readonly history?: readonly HistoryEntry[] | undefined;
}

export interface ContainerConfig {
  readonly User?: string | undefined;
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined;
  readonly Env?: readonly string[] | undefined;
  readonly Entrypoint?: readonly string[] | undefined;
  readonly Cmd?: readonly string[] | undefined;
  readonly Volumes?: Readonly<Record<string, object>> | undefined;
  readonly WorkingDir?: string | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
  readonly StopSignal?: string | undefined;
}

export interface HistoryEntry {
  readonly created?: string | undefined;
  readonly created_by?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  readonly empty_layer?: boolean | undefined;
}

/** Environment that the golang images have: steps depend on it, and without a registry it cannot be read. */
const GOLANG_ENV = [
  "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "GOPATH=/go",
];

/**
 * What is taken to be so where no builder and no registry is asked: images stand for themselves, and the toolchain's
 * is laid out as the golang images are.
 *
 * @param ignore patterns of the context's ignore file
 */
export function unresolved(
  plan: Plan,
  description: Resolved["description"],
  {
    caps,
    ignore = [],
  }: { readonly caps: ReadonlySet<string>; readonly ignore?: readonly string[] | undefined },
): Resolved {
  return {
    toolchain: { reference: plan.toolchain.reference, config: { config: { Env: GOLANG_ENV } } },
    bases: {},
    context: { kind: "sent", ignore },
    settings: {
      noCache: undefined,
      networkMode: undefined,
      extraHosts: [],
      proxy: {},
      resolveMode: "default",
      caps,
    },
    description,
  };
}
