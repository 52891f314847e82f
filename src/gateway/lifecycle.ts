import type { Environment } from "./build-opts.ts";
import type { GatewayClient } from "./client.ts";
import { GatewayError, isGatewayError, stackDetail } from "./errors.ts";
import type { Result } from "./result.ts";
import { openStdio } from "./stdio.ts";
import { Code, methodPath, PING_TIMEOUT, type Transport } from "./transport.ts";

/** Builds one request: gives the result, or throws. */
export type BuildFunc = (client: GatewayClient) => Promise<Result>;

/** How a frontend is run. */
export interface RunOptions {
  /** Default: `openStdio()`. */
  readonly transport?: Transport | undefined;
  readonly env?: Environment | undefined;
  /**
   * Turns what the build threw into the error that the user sees. Default: a `GatewayError` as it
   * is, anything else with its message and stack.
   */
  readonly describe?: ((error: unknown) => Error) | undefined;
}

/** How long a cancelled frontend tries to say so, in milliseconds. */
const CANCEL_TIMEOUT = 2_000;

/**
 * Runs a frontend from its first to its last moment: Go's RunFromEnvironment. Connects to BuildKit
 * over stdin and stdout, sends `Ping` before anything else is loaded, lets the build run, returns
 * its result or its error exactly once, and ends the process without closing the session, which
 * BuildKit would take for a failure (moby/buildkit:frontend/gateway/gateway.go, Return and serve).
 *
 * `build` may be given as `{ load: () => import("./build.ts").then((m) => m.build) }`: the module is
 * then loaded while `Ping` travels.
 *
 * The process ends with 0 once BuildKit has the outcome, whatever it is, and with 1 when BuildKit is
 * gone or takes no outcome. Uncaught exceptions and rejections are returned as errors too. SIGTERM ends the build as
 * cancelled: a process that is the first of its container, as a frontend is, has no other end of its own.
 */
export async function runFrontend(
  build: BuildFunc | { readonly load: () => Promise<BuildFunc> },
  options: RunOptions = {},
): Promise<never> {
  const transport = options.transport ?? openStdioOrExit();
  const pong = transport.unary(methodPath("Ping"), new Uint8Array(0), { timeout: PING_TIMEOUT });
  pong.catch(() => undefined);
  void transport.lost.then((reason) => fail("BuildKit is gone", reason));

  let crashed: ((error: unknown) => void) | undefined;
  const crash = new Promise<never>((_, reject) => (crashed = reject));
  crash.catch(() => undefined);
  let decided = false;
  const onCrash = (error: unknown): void => {
    // After the outcome is decided nothing may spoil it: BuildKit discards the result of a process that fails.
    if (decided) report("ignored after the result was returned", error);
    else crashed?.(error);
  };
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
  process.on("SIGTERM", () => {
    if (decided) return;
    crashed?.(new GatewayError("the frontend was told to end (SIGTERM)", { code: Code.Canceled }));
    // BuildKit may take no outcome any more.
    setTimeout(() => fail("cancelled", "SIGTERM"), CANCEL_TIMEOUT).unref();
  });

  let client: GatewayClient;
  try {
    const loaded = typeof build === "function" ? build : build.load();
    if (loaded instanceof Promise) loaded.catch(() => undefined);
    client = await (await import("./client.ts")).createGatewayClient(transport, { env: options.env, pong });
    build = await Promise.race([loaded, crash]).catch((error: unknown) => {
      // Returned below, as the error of a build that could not begin.
      return () => Promise.reject(error instanceof Error ? error : new Error(String(error)));
    });
  } catch (error) {
    return fail("cannot talk to BuildKit", error);
  }

  let outcome: Result | Error;
  try {
    outcome = await Promise.race([build(client), crash]);
  } catch (error) {
    outcome = describeSafely(options.describe ?? describe, error);
  }
  decided = true;
  try {
    await client.return(outcome);
  } catch (error) {
    // A result that BuildKit does not take, such as one with a stale reference: tell why instead.
    if (outcome instanceof Error) return fail("cannot return the error", error);
    await client.return(describe(error)).catch((second: unknown) => fail("cannot return the result", second));
  }
  process.exit(0);
}

function openStdioOrExit(): Transport {
  try {
    return openStdio();
  } catch (error) {
    return fail("cannot start", error);
  }
}

function describe(error: unknown): Error {
  if (isGatewayError(error)) return error;
  if (!(error instanceof Error)) return new GatewayError(String(error));
  return new GatewayError(error.message, { details: [stackDetail(error)], cause: error });
}

function describeSafely(describeError: (error: unknown) => Error, error: unknown): Error {
  try {
    return describeError(error);
  } catch {
    return describe(error);
  }
}

/** stderr is the daemon's log. One line: it has other readers. */
function report(what: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`frontend: ${what}: ${text.replaceAll("\n", " ")}\n`);
}

function fail(what: string, error: unknown): never {
  report(what, error);
  process.exit(1);
}
