import { ensureFrontendImage } from "../frontend-image/index.ts";
import { runCommand } from "../rig/index.ts";
import type { Bench } from "./bench.ts";

/** Puts our frontend's image, made from this checkout, into the benchmark's registry. */
export async function pushOurFrontend(bench: Bench): Promise<void> {
  const { holder, log } = bench;
  const image = await ensureFrontendImage({ rig: holder, log, platforms: ["amd64"] });
  log(
    `our frontend's image: ${image.sizes.map(({ architecture, compressed }) => `${architecture} ${(compressed / 1e6).toFixed(1)} MB`).join(", ")}`,
  );
}

/** What a description names in `# syntax=`: the frontend of this checkout, and that of `--before`. */
export const ourFrontend = "org/go-frontend";
export const frontendBefore = "org/go-frontend-before";

/** The same of another checkout, by the programs of that checkout; nothing where none is compared. */
export async function pushFrontendBefore({ options, directRegistry, log }: Bench): Promise<void> {
  const { before } = options;
  if (before === undefined) return;
  const { stdout } = await runCommand(
    process.execPath,
    [
      "scripts/run.mjs",
      "frontend-image/cli.ts",
      "push",
      "--to",
      `${directRegistry}/${frontendBefore}`,
      "--tag",
      "latest",
      "--platform",
      "amd64",
    ],
    { cwd: before },
  );
  log(`the frontend before: ${stdout.trim().split("\n").at(-1) ?? ""}`);
}
