import type { Platform } from "../description/index.ts";

/** What the client asked for, beside the description. */
export interface BuildRequest {
  /** Name of the target to build; absent or empty: the only service's image. */
  readonly target?: string | undefined;
  /** Platforms named by the client; empty: the description's, or the builder's own. */
  readonly platforms: readonly Platform[];
  /** Where steps run. */
  readonly buildPlatform: Platform;
  /** Build arguments (`--build-arg`), by name. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Labels of the client (`--label`), which win over the description's. */
  readonly labels: Readonly<Record<string, string>>;
  /** SOURCE_DATE_EPOCH in seconds; absent: 0, the epoch itself. */
  readonly epoch?: number | undefined;
  /** What the client and the builder know of the commit that is built. */
  readonly revision?: Revision | undefined;
  /** Whether the builder stores images of one platform only; absent: no. */
  readonly classicStore?: boolean | undefined;
  /** Names of images that the client puts others in the place of (`--build-context NAME=…`), platforms left out. */
  readonly imageContexts?: readonly string[] | undefined;
  /** Prefix of cache mount ids, so that tenants of one builder do not share them. */
  readonly cacheNamespace: string;
}

/** A commit of the source, as far as somebody knows it. */
export interface Revision {
  /** Its name, in hexadecimal digits. */
  readonly commit?: string | undefined;
  /** URL of the repository, without a login. */
  readonly source?: string | undefined;
  /** When it was committed, in seconds since 1970. */
  readonly time?: number | undefined;
  /** The tag that it was asked for by. */
  readonly tag?: string | undefined;
  /** Whether the tree differs from it; absent: nobody has looked. */
  readonly dirty?: boolean | undefined;
  /** The client says that the tree differs, and counts files that git ignores. */
  readonly saidDirty?: boolean | undefined;
}
