import { createHash } from "node:crypto";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

// zstd, not gzip: 24 MB instead of 34, and pulled, unpacked and started in 0.57 of the time on an empty builder
// (medians of 6, registry on the same machine). Level 19 takes 12 % off level 12 and costs 25 s of one core, once
// for a version of Node. With workers, zstd's output does not depend on how many there are.
const parameters = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_nbWorkers]: 2,
  [constants.ZSTD_c_checksumFlag]: 1,
};

/**
 * A layer's bytes as zstd, compressed in a thread of its own, so that Ctrl-C is answered meanwhile.
 *
 * The synchronous form of zlib, because the asynchronous one of Node 26.10 gives an empty buffer, and no error, for
 * more than 32 MB when it has workers.
 */
export const compressZstd = (bytes: Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // A copy that the thread takes over.
    const input = new Uint8Array(bytes);
    const worker = new Worker(new URL(import.meta.url), { workerData: input, transferList: [input.buffer] });
    worker.once("message", (output: Uint8Array) => resolve(Buffer.from(output)));
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the thread that compresses ended with ${code}`)));
  });

/**
 * Checks that a compressed layer is the layer.
 *
 * @param digest of what it unpacks to, `sha256:…`
 * @throws Error that names the layer when it is empty, damaged or another one
 */
export const verifyZstd = (compressed: Uint8Array, digest: string): void => {
  const wrong = (what: string): Error => new Error(`layer ${digest}: its compressed form ${what}`);
  if (compressed.length === 0) throw wrong("is empty");
  let unpacked: Buffer;
  try {
    unpacked = zstdDecompressSync(compressed);
  } catch (error) {
    throw wrong(`does not unpack: ${error instanceof Error ? error.message : String(error)}`);
  }
  const found = `sha256:${createHash("sha256").update(unpacked).digest("hex")}`;
  if (found !== digest) throw wrong(`unpacks to ${found}`);
};

if (!isMainThread && workerData instanceof Uint8Array) {
  parentPort?.postMessage(zstdCompressSync(workerData, { params: parameters }));
}
