// All that a play needs, started and ended: two builders with the packaged frontend, contexts, the oracle.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureFrontendImage } from "../../frontend-image/index.ts";
import { type RigInstance, unreachableHosts, up } from "../../rig/index.ts";
import { goVersions } from "../../rig/standins/list.ts";
import { type StartBuilder, startBuilders } from "./builder.ts";
import { startContexts } from "./contexts.ts";
import { startOracle } from "./oracle.ts";
import type { Stage } from "./play.ts";

/** A stage, and its end. */
export interface OpenStage {
  readonly stage: Stage;
  /** Ends what was started for it. */
  readonly close: () => Promise<void>;
}

/** Starts everything on daemons of its own, whose caches stay for the next run. */
export async function openRigStage(say: (line: string) => void): Promise<OpenStage> {
  const standIns = (await unreachableHosts(say)).length > 0;
  const start = (name: string, log = say): Promise<RigInstance> =>
    up({ name, mirrors: "always", standIns, ephemeral: true, log });
  const first = await start("isolation");
  try {
    const native = process.arch === "arm64" ? "arm64" : "amd64";
    const frontend = await ensureFrontendImage({ rig: first, log: say, platforms: [native] });
    const opened = await openStage(
      (builder) => start(builder === 0 ? "isolation" : "isolation-other", () => undefined),
      `${frontend.name}@${frontend.digest}`,
      say,
    );
    const close = async (): Promise<void> => {
      await opened.close();
      await first.release();
    };
    return { ...opened, close };
  } catch (error) {
    await first.release();
    throw error;
  }
}

/** The same on daemons of the caller's. */
export async function openStage(
  start: StartBuilder,
  frontend: string,
  say: (line: string) => void,
): Promise<OpenStage> {
  const work = mkdtempSync(join(tmpdir(), "go-frontend-isolation-"));
  const [release = "", olderRelease = ""] = goVersions;
  const builders = startBuilders(start, frontend, work);
  const contexts = await startContexts(work);
  const close = async (): Promise<void> => {
    await contexts.close();
    await builders.close();
    rmSync(work, { recursive: true, force: true });
  };
  try {
    const oracle = await startOracle(work, release);
    return { stage: { builders, contexts, oracle, release, olderRelease, work, say }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A name for a play that no play has had, on whatever builder; all are of the same length, so that sizes do not differ. */
export const playNames = (): string => `s${randomBytes(4).toString("hex")}`;
