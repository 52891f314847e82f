/** A part of a manifest that points to a blob (opencontainers/image-spec:descriptor.md). */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

export interface Manifest {
  mediaType?: string;
  config?: Descriptor;
  layers?: Descriptor[];
  manifests?: Descriptor[];
}

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

async function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`GET ${new URL(url).pathname}: ${response.status}`);
  return response;
}

/** A repository of a plain-http registry. */
export function repository(host: string, name: string) {
  const base = `http://${host}/v2/${name}`;
  return {
    manifest: async (reference: string): Promise<Readonly<{ manifest: Manifest; type: string }>> => {
      const response = await get(`${base}/manifests/${reference}`, { accept });
      return {
        manifest: (await response.json()) as Manifest,
        type: response.headers.get("content-type") ?? "",
      };
    },
    blob: async (digest: string): Promise<Buffer> =>
      Buffer.from(await (await get(`${base}/blobs/${digest}`)).arrayBuffer()),
    /** Takes a blob from another repository of the same registry. */
    mountBlob: async (digest: string, from: string): Promise<void> => {
      const response = await fetch(`${base}/blobs/uploads/?mount=${digest}&from=${from}`, { method: "POST" });
      if (response.status !== 201) throw new Error(`mount ${digest}: ${response.status}`);
    },
    putBlob: async (digest: string, data: Buffer): Promise<void> => {
      const start = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
      const location = new URL(start.headers.get("location") ?? "", base);
      location.searchParams.set("digest", digest);
      const response = await fetch(location, {
        method: "PUT",
        body: new Uint8Array(data),
        headers: { "content-type": "application/octet-stream" },
      });
      if (response.status !== 201) throw new Error(`put ${digest}: ${response.status}`);
    },
    putManifest: async (reference: string, text: string, type: string): Promise<void> => {
      const response = await fetch(`${base}/manifests/${reference}`, {
        method: "PUT",
        body: text,
        headers: { "content-type": type },
      });
      if (response.status !== 201) throw new Error(`put manifest ${reference}: ${response.status}`);
    },
  };
}

/** `name:tag` or `name@digest`, without a host, as its two parts. */
export function splitReference(reference: string): readonly [name: string, reference: string] {
  const at = reference.includes("@") ? reference.indexOf("@") : reference.lastIndexOf(":");
  return [reference.slice(0, at), reference.slice(at + 1)];
}

/**
 * The bytes of all blobs that a reference leads to, for one architecture where there are several; with `read`,
 * reads every blob, so that it is in the page cache whoever wrote it, and when.
 */
export async function blobBytes(host: string, image: string, read: boolean): Promise<number> {
  const [name, reference] = splitReference(image);
  const from = repository(host, name);
  const { manifest } = await from.manifest(reference);
  let bytes = 0;
  for (const descriptor of [
    ...(manifest.config === undefined ? [] : [manifest.config]),
    ...(manifest.layers ?? []),
  ]) {
    bytes += descriptor.size;
    if (read) await from.blob(descriptor.digest);
  }
  for (const child of manifest.manifests ?? []) {
    if (child.mediaType.includes("manifest") || child.mediaType.includes("index")) {
      bytes += await blobBytes(host, `${name}@${child.digest}`, read);
    } else {
      // A registry cache is an index whose entries are the layers themselves (moby/buildkit:cache/remotecache).
      bytes += child.size;
      if (read) await from.blob(child.digest);
    }
  }
  return bytes;
}
