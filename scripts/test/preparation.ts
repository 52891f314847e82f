import { type ChildProcess, spawn } from "node:child_process";
import { constants, cpus, setPriority } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultTools, hasBuildkitd, missingTools, oldestBuildkitd } from "../../rig/index.ts";

/** What is made in the background for the end-to-end tests. */
export interface Preparation {
  /** Waits until all is made, and says meanwhile what is done. */
  readonly finished: () => Promise<void>;
  /** Breaks it off. */
  readonly end: () => Promise<void>;
}

/** CPU minutes that compiling all tools takes, and that everything of ours takes, measured on two cores of 2.5 GHz. */
const minutes = { tools: 14, oldestBuildkitd: 6, ours: 4 } as const;

/**
 * Starts to make what the end-to-end tests need: compiled tools where they are missing, stand-ins, the frontend image.
 * At a low priority, so that the tests that run meanwhile have the processors.
 */
export async function startPreparation(say: (line: string) => void): Promise<Preparation> {
  const missing = await missingTools(defaultTools).catch(() => defaultTools);
  const share = missing.length / defaultTools.length;
  const oldest = hasBuildkitd(oldestBuildkitd) ? [] : [`buildkitd ${oldestBuildkitd}`];
  const cores = cpus().length;
  const compiling = minutes.tools * share + minutes.oldestBuildkitd * oldest.length;
  const wall = Math.ceil((compiling + minutes.ours) / cores);
  const programs = [...missing, ...oldest];
  const compile = programs.length === 0 ? "" : `compiles ${programs.join(", ")} (once), `;
  say(
    `preparing in the background: ${compile}makes stand-ins where registries cannot be reached, and the frontend image; ` +
      `about ${wall} minutes on ${cores} cores. Tests that need no daemon run meanwhile.`,
  );
  const child = spawn(process.execPath, [join(import.meta.dirname, "prepare.ts")], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined);
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const lines = linesOf(child);
  const start = performance.now();
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  }).then(() => {
    over = true;
  });
  const finished = async (): Promise<void> => {
    for (let shown = Math.max(0, lines.length - 1); ;) {
      for (; shown < lines.length; shown += 1) say(`  ${lines[shown] ?? ""}`);
      if (over) break;
      await Promise.race([ended, sleep(1000)]);
    }
    const took = Math.round((performance.now() - start) / 1000);
    // A failure is the end-to-end tests' to report: their setup does the same and meets it again.
    say(`preparing ${child.exitCode === 0 ? "took" : "failed after"} ${took} s`);
  };
  const end = async (): Promise<void> => {
    // It ends its own commands first.
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
    child.kill("SIGKILL");
    await ended;
  };
  return { finished, end };
}

/** The lines that a process writes, as they come. */
function linesOf(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    });
  }
  return lines;
}
