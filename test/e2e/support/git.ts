// A git repository as build context: what a folder holds, served on the loopback interface.
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./port.ts";
import { run, succeeded } from "./run.ts";

const author = { name: "e2e", email: "e2e@example.com", date: "2020-01-02T03:04:05Z" };

/** Makes a folder a repository with one commit on the branch main. The result is the commit. */
export async function commitFolder(folder: string): Promise<string> {
  const env = {
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: author.date,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
    GIT_COMMITTER_DATE: author.date,
  };
  const git = async (...args: readonly string[]): Promise<string> =>
    (await succeeded(run("git", args, { cwd: folder, env }))).stdout.trim();
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=All of it");
  return git("rev-parse", "HEAD");
}

export interface GitServer {
  /** `git://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves all repositories below a folder. */
export async function serveGit(root: string): Promise<GitServer> {
  const port = await freePort();
  const daemon = spawn(
    "git",
    [
      "daemon",
      "--export-all",
      `--base-path=${root}`,
      "--listen=127.0.0.1",
      `--port=${port}`,
      "--reuseaddr",
      root,
    ],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  let said = "";
  daemon.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  while (!(await listens(port))) {
    if (daemon.exitCode !== null) throw new Error(`git daemon ended: ${said}`);
    await sleep(20);
  }
  return { url: `git://127.0.0.1:${port}`, close: () => end(daemon) };
}

/** `git daemon` is a process below `git`: the group is ended. */
async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.pid === undefined || daemon.exitCode !== null) return;
  const ended = new Promise((resolve) => daemon.once("exit", resolve));
  process.kill(-daemon.pid, "SIGTERM");
  await ended;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
