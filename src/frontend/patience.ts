import { setTimeout as pause } from "node:timers/promises";

/** How long a registry is waited for, in milliseconds: an attempt longer than its limit is given up. */
export interface Patience {
  readonly limits: readonly number[];
  /** Before the second attempt, the third and so on. */
  readonly pauses: readonly number[];
}

/** Below 90 seconds in all. The last attempt is the longest, for a registry that fetches an image itself before it answers. */
export const PATIENCE: Patience = {
  limits: [10_000, 10_000, 10_000, 10_000, 20_000],
  pauses: [1_000, 2_000, 4_000, 8_000],
};

/** That an answer did not come in time, in any attempt or in the last. */
class NoAnswer extends Error {
  constructor(limit: number) {
    super(`no answer for ${limit / 1_000} s`);
    this.name = "NoAnswer";
  }
}

/**
 * Asks a server up to five times, with growing pauses, as long as what fails may pass: BuildKit does so for what it pulls,
 * and not for what it is asked of an image (moby/buildkit:util/resolver/retryhandler/retry.go).
 *
 * @param ask gets a signal that fires when the attempt has lasted too long
 * @returns what it answered, or its last error with how often it was asked
 */
export async function patiently<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { limits, pauses }: Patience = PATIENCE,
): Promise<{ readonly value: T } | { readonly error: unknown; readonly attempts: number }> {
  for (let attempt = 0; ; attempt += 1) {
    const limit = limits[attempt] ?? 0;
    const signal = AbortSignal.timeout(limit);
    try {
      return { value: await ask(signal) };
    } catch (thrown) {
      const error = signal.aborted ? new NoAnswer(limit) : thrown;
      const rest = pauses[attempt];
      if (rest === undefined || !mayPass(error)) return { error, attempts: attempt + 1 };
      await pause(rest);
    }
  }
}

/**
 * Whether an error is a bad moment of a server or a network, and no answer: words of containerd's resolver and of Go's
 * net/http (containerd:core/remotes/docker/resolver.go).
 */
function mayPass(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  const message = error instanceof Error ? error.message : String(error);
  return (
    /unexpected status(?: code)? .*\b(?:408|425|429|5\d\d)\b/.test(message) ||
    /failed to do request: .*(?:EOF|connection reset|connection refused|broken pipe|i\/o timeout|TLS handshake timeout|server misbehaving|stream error|GOAWAY)|unexpected EOF|TLS handshake timeout/.test(
      message,
    )
  );
}
