import type { Log, RigInstance } from "../rig/index.ts";
import { buildFrontendImage, type BuiltImage, gzipForm } from "./build.ts";
import type { CheckedPlatform } from "./oci.ts";
import type { Architecture } from "./layout.ts";
import { imageName, pushFrontendImage, tagOf } from "./push.ts";

export interface EnsureOptions {
  /** Whose registry gets the image, and who is to use it. */
  readonly rig: Omit<RigInstance, "release">;
  readonly log: Log;
  /** Default: amd64 and arm64, under one index. */
  readonly platforms?: readonly Architecture[];
}

export interface EnsuredImage {
  /** What `# syntax=` and `--opt source=` take: resolved through the rig's mirror. */
  readonly name: string;
  /** The image in the rig's registry, `localhost:PORT/…:latest`. */
  readonly reference: string;
  /** The image index's digest. */
  readonly digest: string;
  /** What was pushed, by platform. */
  readonly sizes: readonly PlatformSize[];
}

export interface PlatformSize {
  readonly architecture: Architecture;
  readonly digest: string;
  /** Bytes of the config and the layers, as pulled. */
  readonly compressed: number;
  readonly layers: readonly number[];
}

/**
 * Builds the frontend image of the sources as they are now and pushes it to the rig's registry, as `latest` and as
 * the package's version. Does only what is not done: a second call with the same sources takes a second.
 *
 * @throws Error that says what could not be fetched, built or pushed
 */
export const ensureFrontendImage = async (options: EnsureOptions): Promise<EnsuredImage> =>
  pushed(await build(options), options);

/**
 * The same with gzip layers, as `gzip` and `VERSION-gzip`: for builders that cannot read zstd.
 *
 * @throws Error that says what could not be fetched, built or pushed
 */
export const ensureGzipFrontendImage = async (options: EnsureOptions): Promise<EnsuredImage> =>
  pushed(await gzipForm(await build(options), options.log), options);

const build = ({ log, platforms }: EnsureOptions): Promise<BuiltImage> =>
  buildFrontendImage({ log, ...(platforms === undefined ? {} : { platforms }) });

async function pushed(image: BuiltImage, { rig, log }: EnsureOptions): Promise<EnsuredImage> {
  const { reference, platforms } = await pushFrontendImage(image, rig, log);
  const name = image.form === "zstd" ? imageName : `${imageName}:${tagOf("latest", image.form)}`;
  return { name, reference, digest: image.digest, sizes: platforms.map(sizeOf) };
}

const sizeOf = ({ architecture, manifest, compressed, layers }: CheckedPlatform): PlatformSize => ({
  architecture,
  digest: manifest.digest,
  compressed,
  layers: layers.map(({ size }) => size),
});
export { pushQuickImage, quickFrontendImage } from "./quick.ts";
