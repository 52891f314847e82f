// Reads images independently of the code that makes them: an OCI layout's blobs, and the tar entries of its layers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Config {
  readonly architecture: string;
  readonly os: string;
  readonly created: string;
  readonly config: {
    readonly User?: string;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly ExposedPorts?: Readonly<Record<string, object>>;
    readonly Volumes?: Readonly<Record<string, object>>;
    readonly StopSignal?: string;
  };
  readonly history: readonly { readonly created: string; readonly created_by: string }[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

export interface Entry {
  /** Without a leading slash or dot. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "other";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly content: Buffer;
}

export interface Image {
  readonly digest: string;
  readonly platform: string;
  readonly config: Config;
  readonly layers: readonly Descriptor[];
  /** Entries of all layers, lowest first. */
  readonly entries: readonly Entry[];
}

type Blobs = (digest: string) => Buffer;

/** The images of a layout (a directory, or the archive of `type=oci`), without attestations. */
export function readImages(path: string): readonly Image[] {
  const files = path.endsWith(".tar")
    ? new Map(readTar(readFileSync(path)).map((entry) => [entry.path, entry.content]))
    : undefined;
  const read = (name: string): Buffer => {
    if (files === undefined) return readFileSync(join(path, name));
    const content = files.get(name);
    if (content === undefined) throw new Error(`${path} has no ${name}`);
    return content;
  };
  const blobs: Blobs = (digest) => read(`blobs/${digest.replace(":", "/")}`);
  const { manifests } = parse<{ manifests: readonly Descriptor[] }>(read("index.json"));
  return manifests.flatMap((descriptor) => imagesOf(blobs, descriptor));
}

function imagesOf(blobs: Blobs, descriptor: Descriptor): readonly Image[] {
  const blob = parse<{
    manifests?: readonly Descriptor[];
    config?: Descriptor;
    layers?: readonly Descriptor[];
  }>(blobs(descriptor.digest));
  if (blob.manifests !== undefined) {
    const images = blob.manifests.filter((manifest) => manifest.platform?.os !== "unknown");
    return images.flatMap((manifest) => imagesOf(blobs, manifest));
  }
  if (blob.config === undefined) throw new Error(`${descriptor.digest} is no image`);
  const config = parse<Config>(blobs(blob.config.digest));
  const layers = blob.layers ?? [];
  return [
    {
      digest: descriptor.digest,
      platform: `${config.os}/${config.architecture}`,
      config,
      layers,
      entries: layers.flatMap((layer) => readTar(unpacked(layer, blobs(layer.digest)))),
    },
  ];
}

/** A builder that made a layer for a cache in another compression hands out that one (moby/buildkit:cache/compression.go). */
function unpacked({ mediaType }: Descriptor, blob: Buffer): Buffer {
  if (mediaType.endsWith("+zstd")) return zstdDecompressSync(blob);
  return mediaType.endsWith("gzip") ? gunzipSync(blob) : blob;
}

function parse<T>(bytes: Buffer): T {
  return JSON.parse(bytes.toString()) as T;
}

const TYPES: Readonly<Record<string, Entry["type"]>> = {
  "0": "file",
  "\0": "file",
  "5": "directory",
  "2": "symlink",
};

/** The entries of a tar archive (POSIX.1-1988 headers, pax and GNU long names). */
export function readTar(bytes: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const header = bytes.subarray(at, at + 512);
    const text = (from: number, length: number): string =>
      header.toString("utf8", from, from + length).replace(/\0.*$/s, "");
    const number = (from: number, length: number): number =>
      Number.parseInt(text(from, length).trim() || "0", 8);
    const size = number(124, 12);
    const content = bytes.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    const flag = header.toString("latin1", 156, 157);
    if (flag === "x") longName = /(?:^|\n)\d+ path=(.*)\n/.exec(content.toString())?.[1] ?? longName;
    else if (flag === "L") longName = content.toString().replace(/\0.*$/s, "");
    else if (flag !== "g") {
      const prefix = text(345, 155);
      const name = longName ?? (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`);
      longName = undefined;
      entries.push({
        path: name.replace(/^\.?\//, "").replace(/\/$/, ""),
        type: TYPES[flag] ?? "other",
        mode: number(100, 8),
        uid: number(108, 8),
        gid: number(116, 8),
        mtime: number(136, 12),
        content,
      });
    }
  }
  return entries;
}

/** In-toto statements (provenance, SBOM) beside the images of an OCI archive, as text. */
export function readStatements(path: string): readonly string[] {
  const entries = readTar(readFileSync(path));
  return entries
    .filter((entry) => entry.path.startsWith("blobs/") && entry.content[0] === 0x7b)
    .map((entry) => entry.content.toString())
    .filter((text) => text.includes('"https://in-toto.io/Statement/'));
}
