import type { BuildRequest } from "../../plan/index.ts";

/** What the client asked for, read from the frontend options (moby/buildkit:frontend/dockerui/config.go). */
export interface Options {
  /** Name of the description in its source. */
  readonly filename: string;
  /** Build the plan for these; see {@link BuildRequest}. */
  readonly request: BuildRequest;
  /** Return an index even for one platform; undefined: only for several. */
  readonly multiPlatform: boolean | undefined;
  /** Names of stages to build without cache; empty array: all; undefined: none. */
  readonly noCache: readonly string[] | undefined;
  readonly resolveMode: "default" | "pull" | "local";
  readonly networkMode: "default" | "host" | "none" | undefined;
  /** Cache sources of the client, to be handed to each final solve. */
  readonly cacheImports: readonly CacheImport[];
  /** host=ip pairs for steps that have a network. */
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[];
  readonly proxy: ProxyOptions;
  /** Sub-request (frontend.outline …) instead of a build. */
  readonly requestId: string | undefined;
  readonly raw: ReadonlyMap<string, string>;
}

/** A cache source, as `--cache-from` names it. */
export interface CacheImport {
  readonly type: string;
  readonly attrs: Readonly<Record<string, string>>;
}

/** Proxy variables for steps that have a network. */
export interface ProxyOptions {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly ftpProxy?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly allProxy?: string | undefined;
}
