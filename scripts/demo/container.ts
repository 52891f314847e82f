import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cacheFolder, runCommand } from "../../rig/index.ts";
import { bundleConfig } from "./bundle.ts";
import type { PlatformImage } from "./image.ts";

/** A running container. */
export interface Container {
  /** What it has written so far, standard output and error together. */
  readonly output: () => string;
  /** Its exit status when it has ended. */
  readonly exit: () => number | undefined;
  /** Waits until it ends, at most `seconds`. */
  readonly ended: (seconds: number) => Promise<number | undefined>;
  /** The TCP ports it listens on now. */
  readonly ports: () => readonly number[];
  /** The path of a Unix socket that leads to one of its ports; its network has no other way in. */
  readonly reach: (port: number) => Promise<string>;
  /** Ends it as an engine does (SIGTERM, SIGKILL after 10 s) and leaves nothing of it. */
  readonly stop: () => Promise<void>;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs one of our own files with a pipe as stdin, whose end tells it to end. */
function helper(command: readonly [string, ...string[]], inherit: "ignore" | "pipe"): ChildProcess {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: "/", detached: true, stdio: ["pipe", inherit, "ignore"] });
  child.stdin?.on("error", () => undefined);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const over = child.exitCode !== null || child.signalCode !== null;
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.stdin?.end();
  if (!over) await ended;
}

/** Sockets that listen, in the text of /proc/PID/net/tcp and tcp6: state 0A (net/tcp_states.h). */
const listening = (text: string): readonly number[] =>
  text.split("\n").flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === "0A" && local !== undefined
      ? [Number.parseInt(local.slice(local.indexOf(":") + 1), 16)]
      : [];
  });

/**
 * Starts an image as a container: its own processes, mounts and network (the loopback interface only), the image's
 * user, environment, entrypoint and working directory, a read-only root filesystem, no privileges.
 *
 * @param args in place of the image's own arguments
 * @param onStart gets what ends it at once, before there is anything to end
 * @param files paths in the container, and what the files there hold: as mounted by an engine
 * @throws Error with what runc said
 */
export async function startContainer(
  runc: string,
  image: PlatformImage,
  args: readonly string[] | undefined,
  onStart: (end: () => Promise<void>) => void,
  files: Readonly<Record<string, string>> = {},
): Promise<Container> {
  const base = join(cacheFolder(), "demo", "run");
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, `${process.pid}-`));
  const id = `go-frontend-demo-${folder.slice(folder.lastIndexOf("/") + 1)}`;
  const [root, rootfs] = [join(folder, "runc"), join(folder, "rootfs")];
  const keeper = helper([process.execPath, here("keeper.ts"), runc, root, id, folder], "ignore");
  onStart(async () => end(keeper));
  try {
    mkdirSync(rootfs);
    await runCommand("tar", ["-x", "-p", "--numeric-owner", "-C", rootfs, "-f", image.tar]);
    const mounted = Object.entries(files).map(([path, text], index) => {
      const source = join(folder, `file-${index}`);
      writeFileSync(source, text);
      return [path, source] as const;
    });
    const config = bundleConfig(image.config, rootfs, id, args, Object.fromEntries(mounted));
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    const pidFile = join(folder, "pid");
    // Detached: Ctrl-C in a terminal is for the demo, which ends the container itself.
    const child = spawn(runc, ["--root", root, "run", "--bundle", folder, "--pid-file", pidFile, id], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-1_000_000)));
    }
    let exit: number | undefined;
    const closed = new Promise<void>((resolve) => {
      child.on("error", (error) => {
        output += error.message;
        exit = 127;
        resolve();
      });
      child.on("close", (code) => {
        exit = code ?? 137;
        resolve();
      });
    });
    const ended = async (seconds: number): Promise<number | undefined> => {
      await Promise.race([closed, sleep(seconds * 1000, undefined, { ref: false })]);
      return exit;
    };
    while (exit === undefined && !existsSync(pidFile)) await sleep(10);
    const pid = existsSync(pidFile) ? readFileSync(pidFile, "utf8") : "";
    if (pid === "") throw new Error(`runc did not start the image: ${output.trim()}`);
    const forwards: ChildProcess[] = [];
    return {
      output: () => output,
      exit: () => exit,
      ended,
      ports: () => {
        try {
          const texts = ["tcp", "tcp6"].map((name) => readFileSync(`/proc/${pid}/net/${name}`, "utf8"));
          return [...new Set(texts.flatMap(listening))].toSorted((a, b) => a - b);
        } catch {
          return []; // it has ended
        }
      },
      reach: async (port) => {
        const socket = join(folder, `${port}.sock`);
        if (existsSync(socket)) return socket;
        const enter = ["nsenter", `--net=/proc/${pid}/ns/net`] as const;
        const child = helper([...enter, process.execPath, here("forward.ts"), socket, String(port)], "pipe");
        forwards.push(child);
        await new Promise((resolve, reject) => {
          child.stdout?.on("data", resolve);
          child.on("error", reject);
          child.on("exit", (code) =>
            reject(new Error(`cannot enter the container's network: ${String(code)}`)),
          );
        });
        return socket;
      },
      stop: async () => {
        if (exit === undefined) {
          await runCommand(runc, ["--root", root, "kill", id, "TERM"]).catch(() => undefined);
          await ended(10);
        }
        await Promise.all(forwards.map(end));
        await end(keeper);
      },
    };
  } catch (error) {
    await end(keeper);
    throw error;
  }
}
