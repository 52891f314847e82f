import { createHash } from "node:crypto";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";

/**
 * How layers are compressed. zstd is what builders should pull; gzip is for those that cannot read zstd (Docker Engine
 * before 23).
 */
export type LayerForm = "zstd" | "gzip";

/**
 * How hard zstd works: `small` is what is released, `quick` what is made for one machine's own use.
 *
 * Level 19 takes 12 % off level 12 and costs 25 s of one core, once for a version of Node; level 3 costs one second.
 */
export type Effort = "small" | "quick";

export const zstdLevels: Readonly<Record<Effort, number>> = { small: 19, quick: 3 };

// zstd, not gzip: 24 MB instead of 34, and pulled, unpacked and started in 0.57 of the time on an empty builder
// (medians of 6, registry on the same machine). With workers, zstd's output does not depend on how many there are.
const zstdParameters = (effort: Effort): Readonly<Record<number, number>> => ({
  [constants.ZSTD_c_compressionLevel]: zstdLevels[effort],
  [constants.ZSTD_c_nbWorkers]: 2,
  [constants.ZSTD_c_checksumFlag]: 1,
});

interface Task {
  readonly form: LayerForm;
  readonly effort: Effort;
  readonly bytes: Uint8Array;
}

/**
 * A layer's bytes, compressed in a thread of its own, so that Ctrl-C is answered meanwhile. The same bytes every time
 * on the same Node.
 *
 * The synchronous form of zlib, because the asynchronous zstd of Node 26.10 gives an empty buffer, and no error, for
 * more than 32 MB when it has workers.
 */
export const compress = (bytes: Uint8Array, form: LayerForm, effort: Effort = "small"): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // A copy that the thread takes over.
    const task: Task = { form, effort, bytes: new Uint8Array(bytes) };
    const worker = new Worker(new URL(import.meta.url), {
      workerData: task,
      transferList: [task.bytes.buffer as ArrayBuffer],
    });
    worker.once("message", (output: Uint8Array) => resolve(Buffer.from(output)));
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the thread that compresses ended with ${code}`)));
  });

/**
 * What a compressed layer unpacks to, having checked that it is the layer.
 *
 * @param digest of what it unpacks to, `sha256:…`
 * @throws Error that names the layer when it is empty, damaged or another one
 */
export function decompress(compressed: Uint8Array, form: LayerForm, digest: string): Buffer {
  const wrong = (what: string): Error => new Error(`layer ${digest}: its compressed form ${what}`);
  if (compressed.length === 0) throw wrong("is empty");
  let unpacked: Buffer;
  try {
    unpacked = form === "zstd" ? zstdDecompressSync(compressed) : gunzipSync(compressed);
  } catch (error) {
    throw wrong(`does not unpack: ${error instanceof Error ? error.message : String(error)}`);
  }
  const found = `sha256:${createHash("sha256").update(unpacked).digest("hex")}`;
  if (found !== digest) throw wrong(`unpacks to ${found}`);
  return unpacked;
}

const isTask = (data: unknown): data is Task =>
  typeof data === "object" && data !== null && "form" in data && "bytes" in data;

if (!isMainThread && isTask(workerData)) {
  const { form, effort, bytes } = workerData;
  parentPort?.postMessage(
    form === "zstd"
      ? zstdCompressSync(bytes, { params: zstdParameters(effort) })
      : gzipSync(bytes, { level: 6 }),
  );
}
