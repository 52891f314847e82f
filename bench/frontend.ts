import { ensureFrontendImage } from "../frontend-image/index.ts";
import type { Bench } from "./bench.ts";

/** Puts our frontend's image, made from this checkout, into the benchmark's registry. */
export async function pushOurFrontend(bench: Bench): Promise<void> {
  const { holder, log } = bench;
  const image = await ensureFrontendImage({ rig: holder, log, platforms: ["amd64"] });
  log(
    `our frontend's image: ${image.sizes.map(({ architecture, compressed }) => `${architecture} ${(compressed / 1e6).toFixed(1)} MB`).join(", ")}`,
  );
}
