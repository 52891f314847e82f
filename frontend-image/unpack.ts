import { mkdirSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { runCommand } from "../rig/index.ts";
import type { BuiltImage } from "./build.ts";
import { type Manifest, readBlob } from "./oci.ts";

/** The unpacked layers of a platform's image, as tar. */
export const layersOf = (image: BuiltImage, digest: string): readonly Buffer[] => {
  const manifest = JSON.parse(readBlob(image.layout, digest).toString()) as Manifest;
  return manifest.layers.map((layer) => zstdDecompressSync(readBlob(image.layout, layer.digest)));
};

/**
 * Unpacks the image of this machine's architecture into a new folder, owners and modes included.
 *
 * @throws Error when the image has no such platform
 */
export const unpackImage = async (image: BuiltImage, root: string): Promise<void> => {
  const own = image.sizes.find(
    ({ architecture }) => (architecture === "arm64") === (process.arch === "arm64"),
  );
  if (own === undefined) throw new Error("the image is not built for this machine's architecture");
  mkdirSync(root, { recursive: true });
  for (const layer of layersOf(image, own.digest)) {
    await runCommand("tar", ["-x", "-p", "--numeric-owner", "-C", root], { input: layer });
  }
};
