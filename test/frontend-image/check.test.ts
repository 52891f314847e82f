// An image in a layout is believed when all of it is what its descriptors say.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeOnce } from "../../frontend-image/files.ts";
import {
  checkImage,
  checkLayers,
  type Descriptor,
  digestOf,
  layoutIndex,
  layoutSource,
  putBlob,
  putJson,
  writeIndex,
} from "../../frontend-image/oci.ts";

let layout = "";
beforeEach(() => {
  layout = mkdtempSync(join(tmpdir(), "go-frontend-layout-"));
});
afterEach(() => rmSync(layout, { recursive: true, force: true }));

const zstdLayer = "application/vnd.oci.image.layer.v1.tar+zstd";

/** A layout of one image with one layer. */
function writeLayout(blob: Uint8Array, diffId: string): Descriptor {
  const layer = putBlob(layout, zstdLayer, blob);
  const config = putJson(layout, "application/vnd.oci.image.config.v1+json", {
    architecture: "arm64",
    rootfs: { type: "layers", diff_ids: [diffId] },
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = putJson(layout, mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] });
  writeIndex(layout, [{ ...manifest, platform: { architecture: "arm64", os: "linux" } }]);
  return layer;
}

const check = async (): Promise<void> =>
  checkLayers(await checkImage(layoutIndex(layout), layoutSource(layout)));
const content = Buffer.from("a layer");
const blobFile = ({ digest }: Descriptor): string => join(layout, "blobs", digest.replace(":", "/"));

test("a right one is read whole", async () => {
  const layer = writeLayout(zstdCompressSync(content), digestOf(content));
  const [platform] = await checkImage(layoutIndex(layout), layoutSource(layout));
  expect(platform).toMatchObject({ architecture: "arm64", layers: [{ digest: layer.digest }] });
  expect(platform?.unpack(0).toString()).toBe("a layer");
  await expect(check()).resolves.toBeUndefined();
});

describe("an error names the layer", () => {
  test("that is empty, although its digest is right", async () => {
    const layer = writeLayout(Buffer.alloc(0), digestOf(content));
    await expect(check()).rejects.toThrow(`layer 1 for arm64 (${layer.digest}) is empty`);
  });

  test("that is not there", async () => {
    const layer = writeLayout(zstdCompressSync(content), digestOf(content));
    rmSync(blobFile(layer));
    await expect(check()).rejects.toThrow(`layer 1 for arm64 (${layer.digest}) is empty`);
  });

  test("that is cut off", async () => {
    const layer = writeLayout(zstdCompressSync(content), digestOf(content));
    writeFileSync(blobFile(layer), readFileSync(blobFile(layer)).subarray(1));
    await expect(check()).rejects.toThrow(
      `layer 1 for arm64 (${layer.digest}) has ${layer.size - 1} bytes; its manifest says ${layer.size}`,
    );
  });

  test("that has other bytes", async () => {
    const layer = writeLayout(zstdCompressSync(content), digestOf(content));
    writeFileSync(blobFile(layer), Buffer.alloc(layer.size, 1));
    await expect(check()).rejects.toThrow(`layer 1 for arm64 (${layer.digest}) is another one: sha256:`);
  });

  test("that unpacks to another one", async () => {
    writeLayout(zstdCompressSync(content), digestOf(Buffer.from("another")));
    await expect(check()).rejects.toThrow(
      `layer ${digestOf(Buffer.from("another"))}: its compressed form unpacks to ${digestOf(content)}`,
    );
  });
});

test("a folder from before that is not whole is made anew", async () => {
  const folder = join(layout, "made");
  const make = (text: string) => async (target: string) => writeFileSync(join(target, "text"), text);
  const whole = async (path: string) => readFileSync(join(path, "text"), "utf8") !== "damaged";
  const read = (): string => readFileSync(join(folder, "text"), "utf8");
  await madeOnce(folder, make("first"), whole);
  await madeOnce(folder, make("second"), whole);
  expect(read()).toBe("first");
  writeFileSync(join(folder, "text"), "damaged");
  await madeOnce(folder, make("third"), whole);
  expect(read()).toBe("third");
});
