import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "../../rig/lock.ts";
import {
  identify,
  isAlive,
  runCommand,
  runWithProgress,
  startDetached,
  stopProcess,
  waitFor,
} from "../../rig/process.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-process-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("runCommand", () => {
  test("gives arguments and input as they are", async () => {
    const { stdout } = await runCommand("sh", ["-c", 'printf "%s|" "$@"; cat', "sh", "a b", "$HOME"], {
      input: "in",
    });
    expect(stdout).toBe("a b|$HOME|in");
  });

  test("tells the end of stderr and the exit status", async () => {
    await expect(runCommand("sh", ["-c", "echo reason >&2; exit 3"])).rejects.toThrow(
      /exit status 3\nreason/,
    );
  });

  test("tells the end of stdout too, where some programs give their reason", async () => {
    const script = 'echo working >&2; echo \'{"Error": "reason"}\'; exit 1';
    await expect(runCommand("sh", ["-c", script])).rejects.toThrow(
      /exit status 1\n\{"Error": "reason"\}\nworking/,
    );
  });

  test("tells that a command does not exist", async () => {
    await expect(runCommand("no-such-command-of-ours", [])).rejects.toThrow(/ENOENT/);
  });
});

test("runWithProgress says how far a long command is", async () => {
  const lines: string[] = [];
  await runWithProgress("sh", ["-c", "echo one >&2; echo two >&2; sleep 0.3"], {
    label: "building x",
    unit: "packages",
    log: (line) => lines.push(line),
    everySeconds: 0.1,
  });
  expect(lines[0]).toMatch(/^building x: \d+ s, 2 packages, two$/);
});

describe("processes", () => {
  test("an id of a later process is another process", () => {
    const self = identify(process.pid);
    expect(self && isAlive(self)).toBe(true);
    expect(isAlive({ pid: process.pid, startTime: "1" })).toBe(false);
  });

  test("a detached process is a session of its own, and ends even when it ignores SIGTERM", async () => {
    const logFile = join(folder, "log");
    const id = await startDetached("sh", ["-c", 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
      logFile,
    });
    expect(await waitFor(() => readFileSync(logFile, "utf8") === "ready\n", 10)).toBe(true);
    const stat = readFileSync(`/proc/${id.pid}/stat`, "utf8");
    expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]).toBe(String(id.pid));
    await stopProcess(id, 0.2);
    expect(isAlive(id)).toBe(false);
  });
});

describe("withLock", () => {
  test("lets one in at a time, in this process too", async () => {
    let inside = 0;
    const most: number[] = [];
    const work = async () => {
      inside += 1;
      most.push(inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all(
      [1, 2, 3].map(async () => withLock(`test ${folder}`, "testing", () => undefined, work)),
    );
    expect(most).toEqual([1, 1, 1]);
  });

  test("is free again when its holder is killed", async () => {
    const code = `
      import { withLock } from ${JSON.stringify(join(import.meta.dirname, "../../rig/lock.ts"))};
      import { writeFileSync } from "node:fs";
      await withLock("test ${folder}", "hanging", () => undefined, async () => {
        writeFileSync(${JSON.stringify(join(folder, "held"))}, "");
        await new Promise(() => setInterval(() => undefined, 1000));
      });`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "inherit" });
    expect(await waitFor(() => existsSync(join(folder, "held")), 20)).toBe(true);
    const said: string[] = [];
    const taken = withLock(
      `test ${folder}`,
      "hanging",
      (line) => said.push(line),
      async () => "mine",
    );
    await waitFor(() => said.length > 0, 10);
    holder.kill("SIGKILL");
    expect(await taken).toBe("mine");
    expect(said).toEqual([`waiting for process ${String(holder.pid)}, which is hanging`]);
  });
});
