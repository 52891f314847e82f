import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, downloadsFolder, onInterrupt } from "../../rig/index.ts";
import { rigFolder } from "../../rig/paths.ts";
import { identify, isAlive } from "../../rig/process.ts";

/**
 * Gives this process and its children a cache folder with nothing in it, inside the real one: whatever this repository
 * makes (frontend image, stand-ins, compiled test programs, build caches of daemons, the registry) is made anew by the
 * code as it is now, and no other run sees it. What comes from others is used from the real folder.
 *
 * @param keep leave the folder to the next run
 * @param beforeEnd ends what writes into the folder, on an interruption
 * @returns what removes the folder; it goes at the latest with this process, interrupted or not
 */
export function useOwnCache({
  keep,
  beforeEnd,
}: Readonly<{ keep: boolean; beforeEnd: () => Promise<void> }>): () => void {
  const runs = join(cacheFolder(), "test-run");
  mkdirSync(runs, { recursive: true });
  // Of runs that were killed.
  for (const name of readdirSync(runs)) if (!isRunning(name)) remove(join(runs, name));
  const self = identify(process.pid);
  // Short, for sockets lie below it.
  const folder = join(runs, `${process.pid}-${self?.startTime ?? "0"}`);
  mkdirSync(folder, { recursive: true });
  process.env["GO_FRONTEND_DOWNLOADS"] = downloadsFolder();
  process.env["GO_FRONTEND_CACHE"] = folder;
  let there = true;
  const end = (): void => {
    if (there) remove(folder);
    there = false;
  };
  if (keep) return () => undefined;
  process.once("exit", end);
  onInterrupt(async () => {
    await beforeEnd();
    end();
  });
  return end;
}

/** Whether the process that a folder is named after runs. */
function isRunning(name: string): boolean {
  const [pid, startTime = ""] = name.split("-");
  return isAlive({ pid: Number(pid), startTime });
}

/** Removes a folder, and the daemons that may still run in it. */
function remove(folder: string): void {
  const rigs = join(folder, "rig");
  for (const name of existsSync(rigs) ? readdirSync(rigs) : []) {
    if (name.startsWith(".")) continue;
    spawnSync(process.execPath, [join(rigFolder, "cli.ts"), "reset", "--name", name], {
      env: { ...process.env, GO_FRONTEND_CACHE: folder },
      stdio: "ignore",
    });
  }
  // What was interrupted with this process may write a moment longer.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
