import { ensureEmulator, logToStderr } from "../../../rig/index.ts";
import { run, succeeded } from "./run.ts";

/** Runs an executable of another architecture to its end, and gives what it printed. */
export async function runForeign(
  architecture: "amd64" | "arm64",
  file: string,
  args: readonly string[],
): Promise<string> {
  const emulator = await ensureEmulator(architecture, logToStderr);
  return (await succeeded(run(emulator, [file, ...args]))).stdout;
}
