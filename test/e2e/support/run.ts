import { spawn } from "node:child_process";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What stdout held, undecoded: LLB, tar archives. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** Runs a command to its end; a failure is a result like any other, for the test to look at. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => undefined); // it ended without reading all: its exit code tells why
  child.stdin.end(options.input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const bytes = Buffer.concat(out);
      resolve({ code, bytes, stdout: bytes.toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** The run if it succeeded; otherwise a test failure that shows what the command said. */
export async function succeeded(running: Promise<Run>): Promise<Run> {
  const done = await running;
  if (done.code !== 0) {
    throw new Error(
      `exit code ${done.code ?? "none"}\n${done.stderr}\n${done.bytes.length > 9999 ? "" : done.stdout}`,
    );
  }
  return done;
}
