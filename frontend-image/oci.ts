import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { compressZstd, verifyZstd } from "./compress.ts";
import type { Architecture } from "./layout.ts";

/** OCI image layout and image specification, v1.1. */
const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  zstdLayer: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

export type Descriptor = Readonly<{
  mediaType: string;
  digest: string;
  size: number;
  platform?: Readonly<{ architecture: string; os: string }>;
}>;

export type Manifest = Readonly<{
  schemaVersion: 2;
  mediaType: string;
  config: Descriptor;
  layers: readonly Descriptor[];
}>;

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const blobPath = (layout: string, digest: string): string => join(layout, "blobs", digest.replace(":", "/"));

export const readBlob = (layout: string, digest: string): Buffer => readFileSync(blobPath(layout, digest));

/** The one manifest of a layout as `buildctl build --output type=oci,tar=false` writes it. */
const onlyManifest = (layout: string): Manifest => {
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    readonly manifests: readonly Descriptor[];
  };
  const [descriptor, ...others] = index.manifests;
  if (descriptor?.mediaType !== mediaTypes.manifest || others.length > 0) {
    throw new Error(`${layout} holds something else than one image for one platform`);
  }
  return JSON.parse(readBlob(layout, descriptor.digest).toString()) as Manifest;
};

const putBlob = (layout: string, mediaType: string, bytes: Uint8Array): Descriptor => {
  const digest = digestOf(bytes);
  const path = blobPath(layout, digest);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.tmp`, bytes);
    renameSync(`${path}.tmp`, path);
  }
  return { mediaType, digest, size: bytes.length };
};

const putJson = (layout: string, mediaType: string, value: unknown): Descriptor =>
  putBlob(layout, mediaType, Buffer.from(JSON.stringify(value)));

/**
 * A layer's blob as zstd, from the store of those made before when it is there.
 *
 * @param store a folder that outlives this build; blobs in it are named after what they unpack to
 */
const compressLayer = async (
  from: string,
  layer: Descriptor,
  to: string,
  store: string,
): Promise<Descriptor> => {
  if (layer.mediaType !== mediaTypes.layer) {
    throw new Error(`a layer is ${layer.mediaType}, not an uncompressed one`);
  }
  const known = join(store, `${layer.digest.slice("sha256:".length)}-19.zst`);
  if (!isWhole(known, layer.digest)) {
    mkdirSync(store, { recursive: true });
    const temporary = `${known}.${process.pid}`;
    writeFileSync(temporary, await compressZstd(readBlob(from, layer.digest)));
    verifyZstd(readFileSync(temporary), layer.digest);
    renameSync(temporary, known);
  }
  // What was used last is forgotten last.
  utimesSync(known, new Date(), new Date());
  const bytes = readFileSync(known);
  const descriptor = { mediaType: mediaTypes.zstdLayer, digest: digestOf(bytes), size: bytes.length };
  const path = blobPath(to, descriptor.digest);
  mkdirSync(dirname(path), { recursive: true });
  // One file on disk for all images that share the layer.
  if (!existsSync(path)) linkSync(known, path);
  return descriptor;
};

/** Whether the store has a layer and it is right: what an earlier version or an interrupted run left may not be. */
const isWhole = (path: string, digest: string): boolean => {
  if (!existsSync(path)) return false;
  try {
    verifyZstd(readFileSync(path), digest);
    return true;
  } catch {
    return false;
  }
};

/** A platform's image with its layers compressed, put into another layout. */
export const addCompressed = async (
  from: string,
  to: string,
  store: string,
  architecture: Architecture,
): Promise<Descriptor> => {
  const manifest = onlyManifest(from);
  const config = putBlob(to, manifest.config.mediaType, readBlob(from, manifest.config.digest));
  const layers = await Promise.all(manifest.layers.map((layer) => compressLayer(from, layer, to, store)));
  const image: Manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers };
  return { ...putJson(to, mediaTypes.manifest, image), platform: { architecture, os: "linux" } };
};

/** Makes a layout of these images under one index, and gives the index. */
export const writeIndex = (layout: string, manifests: readonly Descriptor[]): Descriptor => {
  const index = putJson(layout, mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
  });
  const root = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [index] };
  writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(layout, "index.json"), JSON.stringify(root));
  return index;
};
