import { ensureFrontendImage, ensureGzipFrontendImage } from "../../frontend-image/index.ts";
import { type Log, unreachableHosts, up } from "../../rig/index.ts";
import { type Check, checks } from "./checks.ts";
import type { Daemon } from "./daemons.ts";

/** The frontend image under the names that descriptions give it. */
export interface Frontends {
  readonly zstd: string;
  readonly gzip: string;
}

export interface Outcome {
  readonly daemon: Daemon;
  readonly results: readonly Readonly<{
    name: string;
    /** What was seen instead; undefined when it was as it should be. */
    failure: string | undefined;
    seconds: number;
  }>[];
}

interface TryOptions {
  readonly ids: Map<string, string>;
  readonly log: Log;
  readonly only?: ((check: Check) => boolean) | undefined;
}

/** Puts the frontend image, in both forms, and the stand-ins into the registry that all daemons pull from. */
export async function withFrontend<T>(log: Log, use: (frontends: Frontends) => Promise<T>): Promise<T> {
  const standIns = (await unreachableHosts(log)).length > 0;
  const rig = await up({ name: "compat", mirrors: "always", standIns, ephemeral: true, log });
  try {
    const zstd = await ensureFrontendImage({ rig, log });
    const gzip = await ensureGzipFrontendImage({ rig, log });
    return await use({ zstd: zstd.name, gzip: gzip.name });
  } finally {
    await rig.release();
  }
}

/**
 * Starts a daemon and tries all that concerns it; a failure does not end the rest.
 *
 * @param options.ids image ids of the reference; see {@link Check}
 * @param options.only tries no more than these checks
 */
export async function tryDaemon(
  daemon: Daemon,
  frontends: Frontends,
  { ids, log, only = () => true }: TryOptions,
): Promise<Outcome> {
  log(`${daemon.title}: starting`);
  const running = await daemon.start(log);
  try {
    const results: Outcome["results"][number][] = [];
    const frontend = daemon.can.zstd ? frontends.zstd : frontends.gzip;
    for (const check of checks.filter((candidate) => candidate.concerns(daemon) && only(candidate))) {
      const start = performance.now();
      const failure = await check.try({ daemon, running, frontend, ids }).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const seconds = (performance.now() - start) / 1000;
      log(`${daemon.title}: ${check.name}: ${failure ?? "as it should be"} (${seconds.toFixed(1)} s)`);
      results.push({ name: check.name, failure, seconds });
    }
    return { daemon, results };
  } finally {
    await running.release();
  }
}
