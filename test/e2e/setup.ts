// What all end-to-end tests share: one running rig with the packaged frontend image in its registry.
import type { TestProject } from "vitest/node";
import { type RigInstance, up } from "../../rig/index.ts";

/** The rig as tests get it: `const rig = inject("rig")`. */
export type TestRig = Omit<RigInstance, "release">;

declare module "vitest" {
  interface ProvidedContext {
    readonly rig: TestRig;
  }
}

/**
 * Brings the rig up and returns its end. A rig that was already running is used and left alone; one that this run
 * started goes with it, however the run ends, unless GO_FRONTEND_KEEP_RIG=1.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keep = process.env["GO_FRONTEND_KEEP_RIG"] === "1";
  const { release, ...rig } = await up({ ephemeral: !keep, log });
  project.provide("rig", rig);
  return release;
}

const start = performance.now();

function log(line: string): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(` setup ${seconds} s  ${line}`);
}
