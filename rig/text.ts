/** Where a progress line goes; lines carry no newline. */
export type Log = (line: string) => void;

/** Progress to stderr, so that stdout stays free for what a command prints as its result. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`${line}\n`);
};

/**
 * An error of the rig that a user can act on.
 *
 * @param message what went wrong, in one line
 * @param help what to do about it
 */
export function rigError(message: string, help?: string): Error {
  const error = new Error(help === undefined ? message : `${message}\nhelp: ${help}`);
  error.name = "RigError";
  return error;
}

/** Seconds since `start` (milliseconds of Date.now()), with one decimal. */
export const secondsSince = (start: number): string => `${((Date.now() - start) / 1000).toFixed(1)} s`;
