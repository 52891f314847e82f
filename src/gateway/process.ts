import { randomUUID } from "node:crypto";
import { gateway, llbBridge, pb } from "../proto/index.ts";
import type { Caps } from "./caps.ts";
import { GatewayError } from "./errors.ts";
import { fromStatus, toGatewayError, type RequestOptions } from "./rpc.ts";
import { Code, type DuplexCall, type Transport } from "./transport.ts";

/** Go's client.StartRequest. The signal kills the process. */
export interface StartRequest extends RequestOptions {
  readonly args: readonly string[];
  /** `NAME=value` */
  readonly env?: readonly string[] | undefined;
  readonly secretEnv?:
    | readonly { readonly id: string; readonly name: string; readonly optional?: boolean | undefined }[]
    | undefined;
  readonly user?: string | undefined;
  readonly cwd?: string | undefined;
  readonly tty?: boolean | undefined;
  /** What the process reads; without it stdin is closed. */
  readonly stdin?: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined;
  /** Gets the output in pieces; what it returns is awaited, which holds the process back. */
  readonly stdout?: OutputSink | undefined;
  readonly stderr?: OutputSink | undefined;
  /** `insecure` needs the entitlement security.insecure. */
  readonly security?: "sandbox" | "insecure" | undefined;
  readonly removeMountStubsRecursive?: boolean | undefined;
}

export type OutputSink = (chunk: Uint8Array) => void | Promise<void>;

/** Go's client.ContainerProcess. */
export interface ContainerProcess {
  /**
   * Resolves when the process ended with status 0 and all output was handed over. Rejects with a
   * `GatewayError` otherwise; `exitCodeOf(error)` is the status.
   */
  wait(): Promise<void>;
  /** The size of the terminal. */
  resize(size: { readonly rows: number; readonly cols: number }): Promise<void>;
  /** By name without SIG, such as `INT`: numbers differ between systems. */
  signal(name: string): Promise<void>;
}

type ExecMessage = gateway.ExecMessage.$Shape;

/** moby/buildkit:frontend/gateway/pb/exit.go, UnknownExitStatus */
const UNKNOWN_EXIT_STATUS = 255;

/**
 * buildkitd tells why a process could not be started (a secret that is missing, say) only once our half
 * of the stream is closed: until then its reader waits (moby/buildkit:frontend/gateway/gateway.go,
 * ExecProcess). So a start without any answer is ended after this time, in milliseconds.
 */
const START_PATIENCE = 60_000;

/**
 * Starts a process on a stream of its own. Go's client puts all processes on one stream, where the
 * failure of one to start, or input for one that has just ended, ends them all
 * (moby/buildkit:frontend/gateway/gateway.go, ExecProcess); the server serves many streams as well.
 */
export async function startProcess(
  transport: Transport,
  caps: Caps,
  containerID: string,
  request: StartRequest,
): Promise<ContainerProcess> {
  const { secretEnv = [], stdin, stdout, stderr } = request;
  if (secretEnv.length > 0) {
    caps.require([{ id: "gateway.exec.secretenv", feature: "secrets in the environment of a process" }]);
  }
  const call = transport.duplex(llbBridge.ExecProcess.path, { signal: request.signal });
  const processID = `${containerID}:${randomUUID()}`;
  const send = async (input: gateway.ExecMessage.$Properties): Promise<void> => {
    const message = gateway.ExecMessage.encode({ ProcessID: processID, ...input }).finish();
    await call.send(message).catch((error: unknown) => {
      throw toGatewayError(error);
    });
  };
  await send({
    Init: {
      ContainerID: containerID,
      Meta: {
        args: [...request.args],
        env: [...(request.env ?? [])],
        cwd: request.cwd ?? "",
        user: request.user ?? "",
        removeMountStubsRecursive: request.removeMountStubsRecursive ?? false,
      },
      Fds: [
        ...(stdin === undefined ? [] : [0]),
        ...(stdout === undefined ? [] : [1]),
        ...(stderr === undefined ? [] : [2]),
      ],
      Tty: request.tty ?? false,
      Security: request.security === "insecure" ? pb.SecurityMode.INSECURE : pb.SecurityMode.SANDBOX,
      secretenv: secretEnv.map(({ id, name, optional = false }) => ({ ID: id, name, optional })),
    },
  });
  const patience = setTimeout(() => call.end(), START_PATIENCE);
  const started = await receive(call).finally(() => clearTimeout(patience));
  if (started?.Input !== "Started") {
    call.cancel();
    throw new GatewayError(
      `BuildKit answered the start of a process with ${started?.Input ?? "the end of the stream"}`,
      { code: Code.Internal },
    );
  }
  const input = stdin === undefined ? undefined : pumpInput(stdin, send);
  const ended = follow(call, { 1: stdout, 2: stderr }, input);
  // Whoever does not wait must not crash the frontend.
  ended.catch(() => undefined);
  return {
    wait: () => ended,
    resize: ({ rows, cols }) => send({ Resize: { Rows: rows, Cols: cols } }),
    async signal(name) {
      caps.require([{ id: "gateway.exec.signals", feature: "sending a signal to a process" }]);
      await send({ Signal: { Name: name } });
    },
  };
}

async function receive(call: DuplexCall): Promise<ExecMessage | undefined> {
  try {
    const bytes = await call.receive();
    return bytes === undefined ? undefined : gateway.ExecMessage.decode(bytes);
  } catch (error) {
    throw toGatewayError(error);
  }
}

interface Input {
  /** Stops reading and tells the server that nothing follows; it waits for that before `Done`. */
  close(): Promise<void>;
}

function pumpInput(
  stdin: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  send: (message: gateway.ExecMessage.$Properties) => Promise<void>,
): Input {
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await send({ File: { Fd: 0, EOF: true } });
  };
  const pump = async (): Promise<void> => {
    for await (const chunk of stdin) {
      if (closed) return;
      if (chunk.length > 0) await send({ File: { Fd: 0, Data: chunk } });
    }
    await close();
  };
  // A process may end before it read everything; `wait` says how it ended.
  pump().catch(() => close().catch(() => undefined));
  return { close };
}

async function follow(
  call: DuplexCall,
  sinks: Readonly<Record<number, OutputSink | undefined>>,
  input: Input | undefined,
): Promise<void> {
  let exit: ExecMessage["Exit"];
  try {
    for (;;) {
      const message = await receive(call);
      if (message === undefined) {
        if (exit === undefined || exit === null) {
          throw new GatewayError("the stream of a process ended before the process", {
            code: Code.Unavailable,
          });
        }
        break;
      }
      if (message.Input === "File") {
        const { Fd: fd = 0, Data: data } = message.File;
        if (data !== undefined && data.length > 0) await sinks[fd]?.(data);
      } else if (message.Input === "Exit") {
        exit = message.Exit;
        await input?.close().catch(() => undefined);
      } else if (message.Input === "Done") {
        call.end();
        // Input that met a closed pipe brings Done before Exit; Go's client takes that for success.
        // The status follows once our half is closed.
        if (exit !== undefined && exit !== null) break;
      }
    }
  } catch (error) {
    call.cancel();
    // Input that crossed the end of the process on the wire makes the server end the stream with an
    // error; the status of the process came before.
    if (exit === undefined || exit === null) throw error;
  }
  const failure = exit === undefined || exit === null ? undefined : exitError(exit);
  if (failure !== undefined) throw failure;
}

function exitError(exit: gateway.ExitMessage.$Shape): GatewayError | undefined {
  const code = exit.Code ?? 0;
  if (code === 0) return undefined;
  const error = exit.Error ? fromStatus(exit.Error) : new GatewayError(`exit code: ${code}`);
  if (code === UNKNOWN_EXIT_STATUS || error.details.some((detail) => detail.kind === "exit")) return error;
  return new GatewayError(error.message, {
    code: error.code,
    details: [...error.details, { kind: "exit", code }],
  });
}
