import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { rigError, type Log } from "./text.ts";

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Called for every complete line of stderr. */
  readonly onStderrLine?: (line: string) => void;
}

const running = new Set<ChildProcess>();

/** Ends the commands that run; those who wait for them get an error. */
export function endCommands(): void {
  for (const child of running) child.kill("SIGTERM");
}

let ending: number | undefined;

/** Whether this process is ending, as it was asked to: nothing further is to be begun. */
export const isEnding = (): boolean => ending !== undefined;

/**
 * On Ctrl-C and the other ends asked for from outside: ends the commands that run, does `cleanUp` once and exits
 * with the shell's status for the signal. A second signal exits at once, unless it comes within a second: one Ctrl-C
 * reaches a process from the terminal and from the parents that pass it on.
 */
export function onInterrupt(cleanUp: () => Promise<void> = async () => undefined): void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const end = (name: keyof typeof codes): void => {
    if (ending !== undefined) {
      if (Date.now() - ending > 1000) process.exit(codes[name]);
      return;
    }
    ending = Date.now();
    endCommands();
    cleanUp().then(
      () => process.exit(codes[name]),
      () => process.exit(codes[name]),
    );
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, end);
}

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split("\n").slice(-count).join("\n");

/**
 * Runs a command to its end, with its argv as given (no shell).
 *
 * @returns its output, decoded as UTF-8
 * @throws RigError with the last lines of both its outputs when it cannot be started or does not exit with 0
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    signal: options.signal,
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  child.stdin.on("error", () => undefined); // a child that ends early closes its stdin: its exit status tells why
  child.stdin.end(options.input);
  let stdout = "";
  let stderr = "";
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) options.onStderrLine?.(line);
  });
  const status = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) =>
      resolve(code === 0 ? "" : `exit status ${signal ?? code ?? "unknown"}`),
    );
  });
  running.delete(child);
  if (status !== "") {
    // Both: with -json the go command gives its reason on stdout, and may have spoken of downloads on stderr before.
    const said = [stdout, stderr].filter((text) => text !== "").map((text) => lastLines(text, 20));
    throw rigError([`${[command, ...args].join(" ")}: ${status}`, ...said].join("\n"));
  }
  return { stdout, stderr };
}

/** Whether a command exists in PATH and runs with these arguments to exit status 0. */
export async function commandWorks(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await runCommand(command, args);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a long command and says every few seconds that it still runs, with the number of lines it has said
 * (for `go build -v`: packages compiled) and the last of them.
 */
export async function runWithProgress(
  command: string,
  args: readonly string[],
  options: CommandOptions & Readonly<{ label: string; log: Log; unit?: string; everySeconds?: number }>,
): Promise<CommandResult> {
  const start = Date.now();
  let lines = 0;
  let last = "";
  const timer = setInterval(
    () => {
      const seconds = Math.round((Date.now() - start) / 1000);
      options.log(
        `${options.label}: ${seconds} s, ${lines} ${options.unit ?? "lines"}${last === "" ? "" : `, ${last}`}`,
      );
    },
    (options.everySeconds ?? 10) * 1000,
  );
  try {
    return await runCommand(command, args, {
      ...options,
      onStderrLine: (line) => {
        lines += 1;
        last = line.trim().slice(0, 80);
        options.onStderrLine?.(line);
      },
    });
  } finally {
    clearInterval(timer);
  }
}

/** A process named so that a later process with the same id is not mistaken for it. */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: string;
}

/** Names the process `pid`, or undefined when there is none (or it is a zombie). */
export function identify(pid: number): ProcessId | undefined {
  try {
    // proc(5): the command in parentheses may itself hold parentheses and spaces; field 3 is the state and
    // field 22 the start time in clock ticks since boot.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const startTime = fields[19];
    return fields[0] === "Z" || startTime === undefined ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs. */
export const isAlive = (id: ProcessId): boolean => identify(id.pid)?.startTime === id.startTime;

/** Waits until `done` holds, at most `seconds`; tells whether it came to hold. */
export async function waitFor(
  done: () => boolean | Promise<boolean>,
  seconds: number,
  everyMs = 10,
): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (!(await done())) {
    if (Date.now() > end) return false;
    await sleep(everyMs);
  }
  return true;
}

/**
 * Starts a process that outlives this one: its own session, no terminal, output appended to `logFile`.
 *
 * @throws RigError when it cannot be started
 */
export async function startDetached(
  command: string,
  args: readonly string[],
  options: Readonly<{ logFile: string; env?: NodeJS.ProcessEnv; cwd?: string }>,
): Promise<ProcessId> {
  const out = openSync(options.logFile, "a");
  try {
    const child = spawn(command, args, {
      cwd: options.cwd ?? "/",
      env: options.env ?? process.env,
      detached: true,
      stdio: ["ignore", out, out],
    });
    await new Promise<void>((resolve, reject) => {
      child.on("error", (error) => reject(rigError(`${command}: ${error.message}`)));
      child.on("spawn", resolve);
    });
    child.unref();
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (id === undefined) throw rigError(`${command} ended at once; its log is ${options.logFile}`);
    return id;
  } finally {
    closeSync(out);
  }
}

/** Sends a signal to a process; one that has just ended does not mind. */
export function signal(id: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Ends a process: SIGTERM, and SIGKILL when it still runs after `seconds`. */
export async function stopProcess(id: ProcessId, seconds = 10): Promise<void> {
  for (const [name, patience] of [
    ["SIGTERM", seconds],
    ["SIGKILL", 5],
  ] as const) {
    signal(id, name);
    if (await waitFor(() => !isAlive(id), patience)) return;
  }
  throw rigError(`process ${id.pid} does not end`);
}
