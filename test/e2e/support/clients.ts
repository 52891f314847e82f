// The clients that users have, each set to the tests' builder.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnsuredImage } from "../../../frontend-image/index.ts";
import { ensureBuildxBuilder, systemCaBundle } from "../../../rig/index.ts";
import type { TestRig } from "../setup.ts";
import { type Run, run, type RunOptions } from "./run.ts";

export type Client = (args: readonly string[], options?: RunOptions) => Promise<Run>;

export interface Clients {
  /** The standalone binary: `buildx build …`. */
  readonly buildx: Client;
  readonly buildctl: Client;
  readonly crane: Client;
}

export async function clientsOf(rig: TestRig): Promise<Clients> {
  const { env } = await ensureBuildxBuilder(rig);
  const client =
    (command: string, first: readonly string[] = []): Client =>
    (args, options = {}) =>
      run(command, [...first, ...args], { ...options, env: { ...env, ...options.env } });
  return {
    buildx: client(rig.tools.buildx),
    buildctl: client(rig.tools.buildctl),
    crane: client(rig.tools.crane),
  };
}

/** What hands the certificates of a proxy that re-signs TLS to the download step, where this machine has any. */
export function caSecret(): readonly string[] {
  const bundle = systemCaBundle();
  return bundle === undefined ? [] : ["--secret", `id=ca-certificates,src=${bundle}`];
}

/**
 * What stands behind `# syntax=`: the name users write, where the rig answers for docker.io; else the same image in
 * the loopback registry.
 */
export function frontendName(rig: TestRig, frontend: EnsuredImage): string {
  return rig.mirrored.includes("docker.io") ? frontend.name : frontend.reference;
}

/** The same by its digest: a test that compares builds must not see another image pushed between them. */
export function pinnedFrontend(rig: TestRig, frontend: EnsuredImage): string {
  return `${frontendName(rig, frontend)}@${frontend.digest}`;
}

/** A directory for what a test file writes, and its end. */
export function scratchDir(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "go-frontend-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
