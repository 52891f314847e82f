import { mkdirSync } from "node:fs";
import { runCommand } from "../rig/index.ts";
import type { CheckedPlatform } from "./oci.ts";

/** Unpacks a platform's image into a new folder, owners and modes included. */
export async function unpackImage({ layers, unpack }: CheckedPlatform, root: string): Promise<void> {
  mkdirSync(root, { recursive: true });
  for (const at of layers.keys()) {
    await runCommand("tar", ["-x", "-p", "--numeric-owner", "-C", root], { input: unpack(at) });
  }
}
