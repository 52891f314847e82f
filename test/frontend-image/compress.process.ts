// Compressed layers: what is written is what was given, at the size of the layer that holds Node too.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { compress, decompress, type LayerForm } from "../../frontend-image/compress.ts";

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

test.each<LayerForm>(["zstd", "gzip"])("a layer of more than 32 MB is compressed whole: %s", async (form) => {
  // What repeats costs little, and shows the fault of Node's asynchronous zstd all the same.
  const layer = Buffer.alloc(40 << 20, readFileSync(process.execPath).subarray(0, 64 << 10));
  const [compressed, again] = await Promise.all([compress(layer, form), compress(layer, form)]);
  expect(decompress(compressed, form, digestOf(layer)).equals(layer)).toBe(true);
  expect(again.equals(compressed)).toBe(true);
});

test.each([
  ["zstd", zstdCompressSync],
  ["gzip", gzipSync],
] as const)("an empty, a damaged and another layer are refused by name: %s", (form, pack) => {
  const digest = digestOf(Buffer.from("layer"));
  const compressed = pack(Buffer.from("layer"));
  const damaged = Buffer.from(compressed);
  damaged[damaged.length - 2] = (damaged.at(-2) ?? 0) ^ 0xff;
  const read = (bytes: Uint8Array) => (): Buffer => decompress(bytes, form, digest);
  expect(read(compressed)().toString()).toBe("layer");
  expect(read(Buffer.alloc(0))).toThrow(`layer ${digest}: its compressed form is empty`);
  expect(read(damaged)).toThrow(`layer ${digest}: its compressed form `);
  expect(read(pack(Buffer.from("other")))).toThrow(
    `layer ${digest}: its compressed form unpacks to ${digestOf(Buffer.from("other"))}`,
  );
});
