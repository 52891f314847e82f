// What all end-to-end tests share: one running rig with the packaged frontend image in its registry.
import type { TestProject } from "vitest/node";
import { ensureFrontendImage, type EnsuredImage } from "../../frontend-image/index.ts";
import type { RigInstance } from "../../rig/index.ts";
import { withLock } from "../../rig/lock.ts";
import { upTestRig } from "./test-rig.ts";

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
 * with this run, however that ends, unless GO_FRONTEND_KEEP_RIG=1. Its build cache stays as long as its cache folder.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keep = process.env["GO_FRONTEND_KEEP_RIG"] === "1";
  const leave = await enter();
  const { release, ...rig } = await upTestRig({ keep, log });
  const end = async (): Promise<void> => {
    await release();
    leave();
  };
  try {
    project.provide("rig", rig);
    project.provide("frontend", await ensureFrontendImage({ rig, log }));
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

/**
 * Waits until no other run uses this cache folder's test rig: two checkouts would push their frontends to one registry
 * under one name, and each would test the other's.
 *
 * @returns what lets the next one in
 */
const enter = async (): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const held = async (): Promise<void> => new Promise((leave) => resolve(leave));
    withLock("end-to-end tests", "running end-to-end tests", log, held).catch(reject);
  });

const start = performance.now();

function log(line: string): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(` setup ${seconds} s  ${line}`);
}
