import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./process.ts";
import type { RigInstance } from "./types.ts";

export interface BuildxBuilder {
  /** For `buildx build --builder`. */
  readonly name: string;
  /** What to add to the environment: the builder is known only there, and the user's own configuration stays untouched. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Makes the rig's daemon known to docker buildx as a builder of the driver `remote`. With the added environment
 * both the standalone `buildx build` and, where a docker CLI is installed, `docker buildx build` find it.
 */
export async function ensureBuildxBuilder(
  rig: Pick<RigInstance, "name" | "stateDir" | "buildkitHost" | "env"> & {
    readonly tools: Pick<RigInstance["tools"], "buildx">;
  },
): Promise<BuildxBuilder> {
  const name = `go-frontend-${rig.name}`;
  const docker = join(rig.stateDir, "docker");
  const plugins = join(docker, "cli-plugins");
  mkdirSync(plugins, { recursive: true });
  rmSync(join(plugins, "docker-buildx"), { force: true });
  symlinkSync(rig.tools.buildx, join(plugins, "docker-buildx"));
  const env = { ...rig.env, DOCKER_CONFIG: docker, BUILDX_BUILDER: name };
  const run = async (...args: readonly string[]): Promise<unknown> =>
    runCommand(rig.tools.buildx, args, { env: { ...process.env, ...env } });
  try {
    await run("inspect", name);
  } catch {
    await run("create", "--name", name, "--driver", "remote", rig.buildkitHost);
  }
  return { name, env };
}
