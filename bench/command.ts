import { spawn } from "node:child_process";

export interface TimedResult {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end and says how long that took, from before it is started until its output is read.
 *
 * @param options.limit seconds after which it is killed
 * @throws an error with the end of its output when it fails or takes longer than the limit
 */
export async function timedCommand(
  command: string,
  args: readonly string[],
  options: Readonly<{ cwd?: string; env?: NodeJS.ProcessEnv; limit: number }>,
): Promise<TimedResult> {
  const start = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.limit * 1000,
    killSignal: "SIGKILL",
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const status = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) =>
      resolve(
        code === 0
          ? ""
          : signal === null
            ? `exit status ${code ?? "unknown"}`
            : `killed after ${options.limit} s`,
      ),
    );
  });
  const seconds = (performance.now() - start) / 1000;
  const result = {
    seconds,
    stdout: Buffer.concat(stdout).toString("utf8"),
    stderr: Buffer.concat(stderr).toString("utf8"),
  };
  if (status !== "") throw commandError(command, status, result);
  return result;
}

/** The command's own last words, without the raw progress around them. */
function commandError(command: string, status: string, result: TimedResult): Error {
  const lines = result.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  const error = new Error(
    `${command.split("/").at(-1) ?? command}: ${status}: ${lines.slice(-8).join("\n")}`,
  );
  return Object.assign(error, { stderr: result.stderr });
}

/** The raw output that came with a failed command. */
export const stderrOf = (error: unknown): string =>
  error instanceof Error && "stderr" in error && typeof error.stderr === "string" ? error.stderr : "";
