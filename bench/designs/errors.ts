import type { Progress } from "../progress.ts";

/** A failed build's error: the client's last line, the vertices' errors and the end of the logs. */
export function commandError(error: unknown, progress: Progress): Error {
  const message = error instanceof Error ? error.message : String(error);
  const logs = progress.logs.trimEnd().split("\n").slice(-12).join("\n");
  return new Error([message, ...progress.errors, logs].filter((part) => part !== "").join("\n"));
}
