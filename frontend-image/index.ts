import type { Log, RigInstance } from "../rig/index.ts";
import { buildFrontendImage, type PlatformSize } from "./build.ts";
import type { Architecture } from "./layout.ts";
import { imageName, pushFrontendImage } from "./push.ts";

export type EnsureOptions = Readonly<{
  rig: Omit<RigInstance, "release">;
  log: Log;
  /** Default: amd64 and arm64, under one index. */
  platforms?: readonly Architecture[];
}>;

export type EnsuredImage = Readonly<{
  /** What `# syntax=` and `--opt source=` take: resolved through the rig's mirror. */
  name: string;
  /** The image in the rig's registry, `localhost:PORT/…:latest`. */
  reference: string;
  /** The image index's digest. */
  digest: string;
  sizes: readonly PlatformSize[];
}>;

/**
 * Builds the frontend image of the sources as they are now and pushes it to the rig's registry, as `latest` and as
 * the package's version. Does only what is not done: a second call with the same sources takes a second.
 *
 * @throws Error that says what could not be fetched, built or pushed
 */
export const ensureFrontendImage = async ({ rig, log, platforms }: EnsureOptions): Promise<EnsuredImage> => {
  const image = await buildFrontendImage({
    builder: rig,
    log,
    ...(platforms === undefined ? {} : { platforms }),
  });
  const reference = await pushFrontendImage(image, rig, log);
  return { name: imageName, reference, digest: image.digest, sizes: image.sizes };
};
