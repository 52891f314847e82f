import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { compress, decompress, type Effort, type LayerForm, zstdLevels } from "./compress.ts";
import type { Architecture } from "./layout.ts";

/** OCI image layout and image specification, v1.1. */
export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Readonly<{ architecture: string; os: string }>;
}

export interface Index {
  readonly manifests: readonly Descriptor[];
}

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The parts of an image configuration that are looked at here. */
export interface ImageConfig {
  readonly architecture: string;
  readonly config?: Readonly<{ Entrypoint?: readonly string[] }>;
  /** The digests of the layers, unpacked. */
  readonly rootfs: Readonly<{ diff_ids: readonly string[] }>;
}

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const blobPath = (layout: string, digest: string): string => join(layout, "blobs", digest.replace(":", "/"));

const readBlob = (layout: string, digest: string): Buffer => readFileSync(blobPath(layout, digest));

/**
 * Checks that bytes are what a descriptor says.
 *
 * @param what names them in the error: "layer 1 for amd64"
 * @throws Error when they are empty, of another size or of another digest
 */
function checkBlob(bytes: Uint8Array, { digest, size }: Descriptor, what: string): void {
  const wrong = (how: string): Error => new Error(`${what} (${digest}) ${how}`);
  if (bytes.length === 0 || size === 0) throw wrong("is empty");
  if (bytes.length !== size) throw wrong(`has ${bytes.length} bytes; its manifest says ${size}`);
  const found = digestOf(bytes);
  if (found !== digest) throw wrong(`is another one: ${found}`);
}

/** The one manifest of a layout as `buildctl build --output type=oci,tar=false` writes it. */
function onlyManifest(layout: string): Manifest {
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as Index;
  const [descriptor, ...others] = index.manifests;
  if (descriptor?.mediaType !== mediaTypes.manifest || others.length > 0) {
    throw new Error(`${layout} holds something else than one image for one platform`);
  }
  return JSON.parse(readBlob(layout, descriptor.digest).toString()) as Manifest;
}

export function putBlob(layout: string, mediaType: string, bytes: Uint8Array): Descriptor {
  const digest = digestOf(bytes);
  const path = blobPath(layout, digest);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.tmp`, bytes);
    renameSync(`${path}.tmp`, path);
  }
  return { mediaType, digest, size: bytes.length };
}

export const putJson = (layout: string, mediaType: string, value: unknown): Descriptor =>
  putBlob(layout, mediaType, Buffer.from(JSON.stringify(value)));

const mediaTypeOf = (form: LayerForm): string => `${mediaTypes.layer}+${form}`;

/** The form of a compressed layer, by its media type. */
function formOf({ mediaType, digest }: Descriptor): LayerForm {
  if (mediaType === mediaTypeOf("zstd")) return "zstd";
  if (mediaType === mediaTypeOf("gzip")) return "gzip";
  throw new Error(`layer ${digest} is ${mediaType}, neither zstd nor gzip`);
}

/**
 * A layer's blob as zstd, from the store of those made before when it is there.
 *
 * @param store a folder that outlives this build; blobs in it are named after what they unpack to
 */
async function compressLayer(
  from: string,
  layer: Descriptor,
  to: string,
  store: string,
  effort: Effort,
): Promise<Descriptor> {
  if (layer.mediaType !== mediaTypes.layer) {
    throw new Error(`a layer is ${layer.mediaType}, not an uncompressed one`);
  }
  const known = join(store, `${layer.digest.slice("sha256:".length)}-${zstdLevels[effort]}.zst`);
  if (!isWhole(known, layer.digest)) {
    mkdirSync(store, { recursive: true });
    const temporary = `${known}.${process.pid}`;
    writeFileSync(temporary, await compress(readBlob(from, layer.digest), "zstd", effort));
    decompress(readFileSync(temporary), "zstd", layer.digest);
    renameSync(temporary, known);
  }
  // What was used last is forgotten last.
  utimesSync(known, new Date(), new Date());
  const bytes = readFileSync(known);
  const descriptor = { mediaType: mediaTypeOf("zstd"), digest: digestOf(bytes), size: bytes.length };
  const path = blobPath(to, descriptor.digest);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) linkOrCopy(known, path);
  return descriptor;
}

/** One file on disk for all images that share a layer, where both places are on one file system. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Whether the store has a layer and it is right: what an earlier version or an interrupted run left may not be. */
function isWhole(path: string, digest: string): boolean {
  if (!existsSync(path)) return false;
  try {
    decompress(readFileSync(path), "zstd", digest);
    return true;
  } catch {
    return false;
  }
}

/** A platform's image with its layers compressed, put into another layout. */
export async function addCompressed(
  from: string,
  to: string,
  store: string,
  effort: Effort,
  architecture: Architecture,
): Promise<Descriptor> {
  const manifest = onlyManifest(from);
  const config = putBlob(to, manifest.config.mediaType, readBlob(from, manifest.config.digest));
  const layers = await Promise.all(
    manifest.layers.map((layer) => compressLayer(from, layer, to, store, effort)),
  );
  return putManifest(to, config, layers, { architecture, os: "linux" });
}

function putManifest(
  layout: string,
  config: Descriptor,
  layers: readonly Descriptor[],
  platform: Descriptor["platform"],
): Descriptor {
  const image: Manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers };
  const descriptor = putJson(layout, mediaTypes.manifest, image);
  return platform === undefined ? descriptor : { ...descriptor, platform };
}

/** Makes a layout of these images under one index, and gives the index. */
export function writeIndex(layout: string, manifests: readonly Descriptor[]): Descriptor {
  const index = putJson(layout, mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
  });
  const root = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [index] };
  writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(layout, "index.json"), JSON.stringify(root));
  return index;
}

/** A platform's image of a layout, all of it read and compared with what its descriptors say. */
export interface CheckedPlatform {
  readonly architecture: Architecture;
  readonly manifest: Descriptor;
  readonly config: ImageConfig;
  readonly layers: readonly Descriptor[];
  /** Bytes of the config and the layers, as pulled. */
  readonly compressed: number;
  /** A layer unpacked: what the configuration says it is. */
  readonly unpack: (layer: number) => Buffer;
}

/** Where an image's blobs are: a layout's folder, a registry. */
export type BlobSource = (descriptor: Descriptor) => Promise<Buffer>;

export const layoutSource =
  (layout: string): BlobSource =>
  async ({ digest }) => {
    const path = blobPath(layout, digest);
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  };

/** The descriptor of the one image index of a layout. */
export function layoutIndex(layout: string): Descriptor {
  const root = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as Index;
  const [index, ...others] = root.manifests;
  if (index === undefined || others.length > 0) throw new Error(`${layout} does not hold one image`);
  return index;
}

/**
 * Reads all of an image, and checks every blob against its descriptor.
 *
 * @throws Error that names what is empty, damaged, missing or another one
 */
export async function checkImage(index: Descriptor, read: BlobSource): Promise<readonly CheckedPlatform[]> {
  const get = async (descriptor: Descriptor, what: string): Promise<Buffer> => {
    const bytes = await read(descriptor);
    checkBlob(bytes, descriptor, what);
    return bytes;
  };
  const parse = async (descriptor: Descriptor, what: string): Promise<unknown> =>
    JSON.parse((await get(descriptor, what)).toString());
  const { manifests } = (await parse(index, "the image index")) as Index;
  const platform = async (descriptor: Descriptor): Promise<CheckedPlatform> => {
    const architecture = descriptor.platform?.architecture === "arm64" ? "arm64" : "amd64";
    const manifest = (await parse(descriptor, `the manifest for ${architecture}`)) as Manifest;
    const config = (await parse(manifest.config, `the configuration for ${architecture}`)) as ImageConfig;
    const { diff_ids: diffIds } = config.rootfs;
    if (manifest.layers.length !== diffIds.length || diffIds.length === 0) {
      throw new Error(
        `${architecture} has ${manifest.layers.length} layers and ${diffIds.length} digests of them`,
      );
    }
    const blobs = await Promise.all(
      manifest.layers.map((layer, at) => get(layer, `layer ${at + 1} for ${architecture}`)),
    );
    const sizes = manifest.layers.map(({ size }) => size);
    return {
      architecture,
      manifest: descriptor,
      config,
      layers: manifest.layers,
      compressed: sizes.reduce((sum, size) => sum + size, manifest.config.size),
      unpack: (at) => {
        const [layer, blob, diffId] = [manifest.layers[at], blobs[at], diffIds[at]];
        if (layer === undefined || blob === undefined || diffId === undefined) {
          throw new Error(`${architecture} has no layer ${at + 1}`);
        }
        return decompress(blob, formOf(layer), diffId);
      },
    };
  };
  return Promise.all(manifests.map(platform));
}

/** Checks also that every layer unpacks to what the configuration says. */
export function checkLayers(platforms: readonly CheckedPlatform[]): void {
  for (const { layers, unpack } of platforms) layers.forEach((_, at) => unpack(at));
}

/** Writes the same images with their layers in another form into a new layout; configurations stay as they are. */
export async function writeInForm(
  from: string,
  platforms: readonly CheckedPlatform[],
  to: string,
  form: LayerForm,
): Promise<void> {
  const manifests: Descriptor[] = [];
  for (const { manifest, layers, unpack } of platforms) {
    const { config } = JSON.parse(readBlob(from, manifest.digest).toString()) as Manifest;
    const packed = await Promise.all(
      layers.map(async (_, at) => putBlob(to, mediaTypeOf(form), await compress(unpack(at), form))),
    );
    const copied = putBlob(to, config.mediaType, readBlob(from, config.digest));
    manifests.push(putManifest(to, copied, packed, manifest.platform));
  }
  writeIndex(to, manifests);
}
