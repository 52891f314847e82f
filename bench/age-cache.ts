import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip, zstdCompress, zstdDecompress } from "node:zlib";
import { repository, splitReference, type Descriptor, type Manifest } from "./registry-client.ts";

const block = 512;
const digestOf = (data: Uint8Array): string => `sha256:${createHash("sha256").update(data).digest("hex")}`;

const octalField = (header: Buffer, start: number, length: number): number =>
  Number.parseInt(header.toString("latin1", start, start + length).replaceAll(/[\0 ]/g, "") || "0", 8);

const text = (header: Buffer, start: number, length: number): string =>
  header.toString("latin1", start, start + length).replace(/\0.*$/, "");

const zstd = {
  unpack: promisify<Buffer, Buffer>(zstdDecompress),
  pack: promisify<Buffer, Buffer>(zstdCompress),
};
const gzipped = { unpack: promisify<Buffer, Buffer>(gunzip), pack: promisify<Buffer, Buffer>(gzip) };

/** Files of a GOCACHE wherever it lies: `gc/4f/4f…-a`, `root/.cache/go-build/4f/4f…-d`, `trim.txt`. */
const cacheEntry = /(^|\/)([0-9a-f]{2}\/[0-9a-f]{64}-[ad](\/.*)?|trim\.txt)$/;

/**
 * Makes the GOCACHE entries in a layer older, as they would be had the layer been made that long ago: entry
 * times, and the time inside trim.txt. Times in the future stay.
 *
 * @param tar the layer, changed in place
 * @returns how many entries are now older
 */
export function ageLayer(tar: Buffer, seconds: number, now = Date.now() / 1000): number {
  let aged = 0;
  let longName: string | undefined;
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    if (header[0] === 0) break;
    const size = octalField(header, 124, 12);
    const flag = String.fromCharCode(header[156] ?? 0);
    const body = tar.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
    if (flag === "x") {
      longName = /\d+ path=(.*)\n/.exec(body.toString("utf8"))?.[1] ?? longName;
      if (/\d+ mtime=/.test(body.toString("utf8"))) {
        throw new Error("a pax mtime, which ageLayer does not know");
      }
      continue;
    }
    const prefix = text(header, 345, 155);
    const name = longName ?? (prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
    longName = undefined;
    const time = octalField(header, 136, 12);
    if (!cacheEntry.test(name) || time > now) continue;
    header.write(
      `${Math.floor(time - seconds)
        .toString(8)
        .padStart(11, "0")}\0`,
      136,
      "latin1",
    );
    header.write("        ", 148, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    if (name.endsWith("trim.txt") && size >= 10) {
      const trimmed = Number.parseInt(body.toString("latin1", 0, 10), 10);
      body.write(String(trimmed - seconds).padStart(10, "0"), 0, "latin1");
    }
    aged += 1;
  }
  return aged;
}

const uncompressed = "containerd.io/uncompressed";

/**
 * Copies an exported registry cache under another name with its GOCACHE entries aged: layers are unpacked,
 * their entry times set back, packed again, and every digest that named the old layer names the new one. For
 * the daemon it is the cache of a build made that long ago.
 *
 * @returns how many entries became older
 */
export async function ageRegistryCache(
  host: string,
  from: string,
  to: string,
  seconds: number,
): Promise<number> {
  const [fromName, fromTag] = splitReference(from);
  const [toName, toTag] = splitReference(to);
  const [source, target] = [repository(host, fromName), repository(host, toName)];
  const { manifest, type } = await source.manifest(fromTag);
  const entries: Descriptor[] = manifest.manifests ?? manifest.layers ?? [];
  const renamed = new Map<string, string>();
  let aged = 0;
  const layers: Descriptor[] = [];
  let config: Buffer | undefined;
  for (const entry of [...entries, ...(manifest.config === undefined ? [] : [manifest.config])]) {
    if (entry.mediaType.includes("cacheconfig")) {
      config = await source.blob(entry.digest);
      continue;
    }
    if (!entry.mediaType.includes("layer") && !entry.mediaType.includes("tar")) {
      await target.mountBlob(entry.digest, fromName);
      layers.push(entry);
      continue;
    }
    const old = await source.blob(entry.digest);
    const { unpack, pack } = entry.mediaType.includes("zstd") ? zstd : gzipped;
    const tar = await unpack(old);
    const count = ageLayer(tar, seconds);
    if (count === 0) {
      await target.mountBlob(entry.digest, fromName);
      layers.push(entry);
      continue;
    }
    aged += count;
    const packed = await pack(tar);
    const digest = digestOf(packed);
    await target.putBlob(digest, packed);
    renamed.set(entry.digest, digest);
    const plain = entry.annotations?.[uncompressed];
    if (plain !== undefined) renamed.set(plain, digestOf(tar));
    layers.push({
      ...entry,
      digest,
      size: packed.length,
      annotations: { ...entry.annotations, [uncompressed]: digestOf(tar) },
    });
  }
  if (config === undefined) throw new Error(`${from} is no registry cache`);
  const rewrite = (value: string): string =>
    [...renamed].reduce((result, [before, after]) => result.replaceAll(before, after), value);
  const newConfig = Buffer.from(rewrite(config.toString("utf8")));
  await target.putBlob(digestOf(newConfig), newConfig);
  const describeConfig = (descriptor: Descriptor): Descriptor => ({
    ...descriptor,
    digest: digestOf(newConfig),
    size: newConfig.length,
  });
  const isConfig = (descriptor: Descriptor): boolean => descriptor.mediaType.includes("cacheconfig");
  const byPlace = [...layers];
  const replace = (list: readonly Descriptor[]): Descriptor[] =>
    list.map((descriptor) =>
      isConfig(descriptor) ? describeConfig(descriptor) : (byPlace.shift() ?? descriptor),
    );
  const next: Manifest = { ...manifest };
  if (manifest.manifests !== undefined) next.manifests = replace(manifest.manifests);
  if (manifest.layers !== undefined) next.layers = replace(manifest.layers);
  if (manifest.config !== undefined && isConfig(manifest.config)) {
    next.config = describeConfig(manifest.config);
  }
  await target.putManifest(toTag, JSON.stringify(next), type);
  return aged;
}
