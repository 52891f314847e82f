import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "../rig/index.ts";
import type { Bench } from "./bench.ts";
import { benchFolder, dataFolder } from "./workspace.ts";

const goEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  CGO_ENABLED: "0",
  GOWORK: "off",
  GOFLAGS: "-buildvcs=false -trimpath",
});

const frontend = "github.com/moby/buildkit/frontend/dockerfile/cmd/dockerfile-frontend";

async function buildBinary(
  output: string,
  module: string,
  target: string,
  rebuild: boolean,
): Promise<string> {
  mkdirSync(dirname(output), { recursive: true });
  if (rebuild || !existsSync(output)) {
    await runCommand("go", ["build", "-ldflags", "-s -w", "-o", output, target], {
      cwd: module,
      env: goEnvironment(),
    });
  }
  return output;
}

/** The planner of D2 and D3, as a program of this machine. */
export const chefBinary = async (): Promise<string> =>
  buildBinary(join(dataFolder(), "bin", "chef", "chef"), join(benchFolder, "designs", "chef"), ".", true);

/** An image of one static program, pushed under a docker.io name. */
async function pushProgram(
  bench: Bench,
  program: string,
  name: string,
  config: readonly string[],
): Promise<void> {
  const tar = `${program}.tar`;
  await runCommand("tar", [
    "--create",
    `--file=${tar}`,
    "--owner=0",
    "--group=0",
    `--directory=${dirname(program)}`,
    ...readdirSync(dirname(program)).filter((file) => !file.endsWith(".tar")),
  ]);
  const reference = `${bench.directRegistry}/${name}`;
  await runCommand(bench.tools.crane, [
    "append",
    "--insecure",
    "--oci-empty-base",
    "--platform",
    "linux/amd64",
    "--new_layer",
    tar,
    "--new_tag",
    reference,
  ]);
  rmSync(tar);
  await runCommand(bench.tools.crane, [
    "mutate",
    "--insecure",
    "--set-platform",
    `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`,
    ...config,
    "--tag",
    reference,
    reference,
  ]);
}

/**
 * Pushes the images that peers need: D2's planner, and the Dockerfile frontend as an image of its own, made of
 * the same BuildKit release as the daemon (upstream's docker/dockerfile:1 cannot be pulled everywhere).
 */
export async function pushPeerImages(bench: Bench): Promise<void> {
  await pushProgram(bench, await chefBinary(), "bench/chef:latest", []);
  const tools = join(benchFolder, "..", "rig", "tools", "buildkit");
  const program = await buildBinary(
    join(dataFolder(), "bin", "dockerfile-frontend", "dockerfile-frontend"),
    tools,
    frontend,
    false,
  );
  await pushProgram(bench, program, "docker/dockerfile:1", [
    "--entrypoint",
    "/dockerfile-frontend",
    "--label",
    "moby.buildkit.frontend.network.none=true",
    "--label",
    "moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts",
  ]);
}
