import { createHash, randomUUID } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { isRecord, readJson, writeJson } from "../files.ts";
import { tarBlocks, type TarEntry } from "./tar.ts";

/** The architectures stand-ins are made for, by Go's and OCI's names. */
export type Architecture = "amd64" | "arm64";
export const architectures = ["amd64", "arm64"] as const satisfies readonly Architecture[];

/** A gzipped layer in the blob store. */
export interface Layer {
  readonly digest: string;
  readonly size: number;
  readonly diffId: string;
}

/** The parts of an OCI image configuration that stand-ins set. */
export interface ImageConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: object;
}

const mediaType = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

const blobPath = (store: string, digest: string): string => join(store, "blobs", digest.replace(":", "/"));

const isLayer = (value: unknown): value is Layer =>
  isRecord(value) &&
  typeof value["digest"] === "string" &&
  typeof value["size"] === "number" &&
  typeof value["diffId"] === "string";

function tally() {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
}

/** Packs entries into the store as a gzipped layer. */
async function packLayer(store: string, entries: Iterable<TarEntry>): Promise<Layer> {
  mkdirSync(join(store, "blobs", "sha256"), { recursive: true });
  const temporary = join(store, "blobs", `${randomUUID()}.tmp`);
  const [plain, packed] = [tally(), tally()];
  try {
    // Level 6 of zlib and no name or time in the header: the same entries give the same blob.
    await pipeline(
      Readable.from(tarBlocks(entries)),
      plain.stream,
      createGzip({ level: 6 }),
      packed.stream,
      createWriteStream(temporary),
    );
    const layer: Layer = { ...packed.result(), diffId: plain.result().digest };
    renameSync(temporary, blobPath(store, layer.digest));
    return layer;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * A layer from the store, made when none was made under this key before.
 *
 * @param key names the content: what goes into it, never where it lies
 * @param make hands the layer's entries to `pack`; what they are read from must stay until that is done
 */
export async function makeLayer(
  store: string,
  key: string,
  make: (pack: (entries: Iterable<TarEntry>) => Promise<Layer>) => Promise<Layer>,
): Promise<Layer> {
  const memo = join(store, "layers", `${createHash("sha256").update(key).digest("hex")}.json`);
  const known = readJson(memo, isLayer);
  if (known !== undefined && (await isWhole(blobPath(store, known.digest), known))) return known;
  const layer = await make(async (entries) => packLayer(store, entries));
  writeJson(memo, layer);
  return layer;
}

/** Whether a layer lies in the store as it was written. */
async function isWhole(path: string, { digest, size }: Layer): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.size !== size) return false;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest("hex")}` === digest;
}

function writeBlob(store: string, type: string, value: unknown): Descriptor {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  mkdirSync(join(store, "blobs", "sha256"), { recursive: true });
  writeFileSync(blobPath(store, digest), bytes);
  return { mediaType: type, digest, size: bytes.length };
}

/**
 * Writes a multi-platform image as an OCI layout whose blobs are the store's.
 *
 * @param name the layout's folder name in the store
 * @returns the layout's path and the digest of the image index
 */
export function writeImage(
  store: string,
  name: string,
  platforms: readonly Readonly<{
    architecture: Architecture;
    layers: readonly Layer[];
    config: ImageConfig;
  }>[],
): Readonly<{ layout: string; digest: string }> {
  const manifests = platforms.map(({ architecture, layers, config }) => {
    const platform = { architecture, os: "linux", ...(architecture === "arm64" ? { variant: "v8" } : {}) };
    const image = writeBlob(store, mediaType.config, {
      ...platform,
      created: "2025-01-01T00:00:00Z",
      config,
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({
        created: "2025-01-01T00:00:00Z",
        created_by: `go-frontend stand-in ${name}`,
      })),
    });
    const manifest = writeBlob(store, mediaType.manifest, {
      schemaVersion: 2,
      mediaType: mediaType.manifest,
      config: image,
      layers: layers.map(({ digest, size }) => ({ mediaType: mediaType.layer, digest, size })),
    });
    return { ...manifest, platform };
  });
  const index = writeBlob(store, mediaType.index, {
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests,
  });
  const layout = join(store, "images", name);
  mkdirSync(layout, { recursive: true });
  rmSync(join(layout, "blobs"), { force: true, recursive: true });
  symlinkSync(join("..", "..", "blobs"), join(layout, "blobs"));
  writeJson(join(layout, "oci-layout"), { imageLayoutVersion: "1.0.0" });
  writeJson(join(layout, "index.json"), { schemaVersion: 2, mediaType: mediaType.index, manifests: [index] });
  return { layout, digest: index.digest };
}
