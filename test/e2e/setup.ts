// What all end-to-end tests share: one running rig with the packaged frontend image in its registry.
import type { TestProject } from "vitest/node";
import { ensureFrontendImage, type EnsuredImage } from "../../frontend-image/index.ts";
import { type RigInstance, unreachableHosts, up } from "../../rig/index.ts";

/** The rig as tests get it: `const rig = inject("rig")`. */
export type TestRig = Omit<RigInstance, "release">;

declare module "vitest" {
  interface ProvidedContext {
    readonly rig: TestRig;
    /** The packaged frontend: made from these sources, pushed to the rig's registry. */
    readonly frontend: EnsuredImage;
  }
}

/**
 * Brings the rig up and returns its end. It is one of the tests' own, so that a developer's stays as it is; it goes
 * with the last run that uses it, however that ends, unless GO_FRONTEND_KEEP_RIG=1. Its build cache stays.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keep = process.env["GO_FRONTEND_KEEP_RIG"] === "1";
  // The loopback registry answers for docker.io even where that can be reached: `org/go-frontend` must be ours.
  // Stand-ins for what others publish are in it only where the others cannot be reached.
  const standIns = (await unreachableHosts(log)).length > 0;
  const { release, ...rig } = await up({ name: "test", mirrors: "always", standIns, ephemeral: !keep, log });
  try {
    project.provide("rig", rig);
    project.provide("frontend", await ensureFrontendImage({ rig, log }));
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

const start = performance.now();

function log(line: string): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(` setup ${seconds} s  ${line}`);
}
