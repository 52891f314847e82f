import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { rigFolder, type RigPaths } from "./paths.ts";

/**
 * Starts the process that ends a lease of this process when this process ends, however it ends: it holds the
 * read end of a pipe, and the kernel closes the write end with us. It has its own session, so that a Ctrl-C
 * meant for us does not end it too.
 *
 * @returns what ends the use now, and waits until that is done
 */
export function startReaper(paths: RigPaths, lease: string): () => Promise<void> {
  mkdirSync(paths.stateDir, { recursive: true });
  const log = openSync(join(paths.stateDir, "reaper.log"), "a");
  const child = spawn(process.execPath, [join(rigFolder, "reaper.ts"), paths.name, lease], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
    child.on("error", () => resolve());
  });
  const { stdin } = child;
  stdin?.on("error", () => undefined);
  // Neither the child nor the pipe to it keeps this process alive.
  child.unref();
  if (stdin instanceof Socket) stdin.unref();
  return async () => {
    child.ref();
    stdin?.end();
    await ended;
  };
}
