// Layers as zstd: what is written is what was given, at the size of the layer that holds Node too.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { compressZstd, verifyZstd } from "../../frontend-image/compress.ts";

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

test("a layer of more than 32 MB is compressed whole", async () => {
  // Node itself, the largest thing the image holds; its repeated head keeps the test short.
  const node = readFileSync(process.execPath).subarray(0, 4 << 20);
  const layer = Buffer.concat(Array.from({ length: 12 }, () => node));
  expect(layer.length).toBeGreaterThan(32 << 20);
  const compressed = await compressZstd(layer);
  expect(zstdDecompressSync(compressed).equals(layer)).toBe(true);
  expect(() => verifyZstd(compressed, digestOf(layer))).not.toThrow();
});

test("an empty, a damaged and another layer are refused by name", () => {
  const digest = digestOf(Buffer.from("layer"));
  const compressed = zstdCompressSync(Buffer.from("layer"));
  const damaged = Buffer.from(compressed);
  damaged[damaged.length - 2] = (damaged.at(-2) ?? 0) ^ 0xff;
  expect(() => verifyZstd(Buffer.alloc(0), digest)).toThrow(`layer ${digest}: its compressed form is empty`);
  expect(() => verifyZstd(damaged, digest)).toThrow(`layer ${digest}: its compressed form `);
  expect(() => verifyZstd(zstdCompressSync(Buffer.from("other")), digest)).toThrow(
    `layer ${digest}: its compressed form unpacks to ${digestOf(Buffer.from("other"))}`,
  );
});
