import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CallOptions as GrpcCallOptions,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  type ByteStreams,
  type CallOptions,
  Code,
  type DuplexCall,
  MAX_MESSAGE_SIZE,
  requestTooLarge,
  RpcError,
  type Transport,
} from "../gateway/index.ts";

/**
 * gRPC by @grpc/grpc-js, in the place of our own client: `openStdio({ connect: createGrpcJsTransport })`. grpc-js dials addresses only
 * (grpc/grpc-node#2038), so it dials a private unix socket in this process, whose one connection is
 * spliced to BuildKit's pipes. Needs a temporary directory (`TMPDIR`), which is made where there is none.
 *
 * It costs about 40 ms more start-up than the default and keeps the 64 KiB limit of Node's HTTP/2 for
 * one header value: an error whose details are larger ends the session. See docs/llb.md.
 */
export function createGrpcJsTransport(streams: ByteStreams): Transport {
  const { promise: lost, resolve: resolveLost } = Promise.withResolvers<Error>();
  mkdirSync(tmpdir(), { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), "gateway-"));
  const address = join(directory, "s");
  const server = createServer((socket) => {
    // One connection only: BuildKit's pipes cannot be dialled again.
    server.close();
    rmSync(directory, { recursive: true, force: true });
    splice(socket, streams, resolveLost);
  });
  server.listen(address);
  const client = new Client(`unix:${address}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_MESSAGE_SIZE,
    "grpc.max_send_message_length": MAX_MESSAGE_SIZE,
    "grpc.client_idle_timeout_ms": 0x7fff_ffff,
    "grpc.enable_retries": 0,
    "grpc.enable_channelz": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc-node.flow_control_window": 4 << 20,
    "grpc.default_authority": "localhost",
  });
  let lostReason: Error | undefined;
  void lost.then((reason) => {
    lostReason = reason;
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  // Without this a call would wait for grpc-js to dial a socket that is not there any more.
  const refused = (): RpcError | undefined =>
    lostReason === undefined
      ? undefined
      : new RpcError(Code.Unavailable, lostReason.message, { cause: lostReason });

  return {
    lost,
    destroy() {
      resolveLost(new Error("the transport was destroyed"));
      streams.input.destroy();
      streams.output.destroy();
    },
    unary(path, request, options = {}) {
      const early =
        refused() ?? (request.length > MAX_MESSAGE_SIZE ? requestTooLarge(path, request.length) : undefined);
      if (early !== undefined) return Promise.reject(early);
      return new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          path,
          toBuffer,
          identity,
          request,
          new Metadata(),
          callOptions(options),
          (error, value) => {
            release();
            if (error !== null) reject(toRpcError(error, options.signal, lostReason));
            else if (value === undefined) {
              reject(new RpcError(Code.Internal, "the call ended without an answer"));
            } else resolve(value);
          },
        );
        const release = cancelWith(options.signal, () => call.cancel());
      });
    },
    duplex(path, options = {}) {
      return openDuplex(client, path, options, () => lostReason);
    },
  };
}

const identity = (bytes: Buffer): Buffer => bytes;
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function splice(socket: Socket, { input, output }: ByteStreams, lose: (reason: Error) => void): void {
  const fail = (reason: Error): void => {
    lose(reason);
    socket.destroy();
    input.destroy();
    output.destroy();
  };
  input.on("error", (cause: Error) =>
    fail(new Error(`cannot read from BuildKit: ${cause.message}`, { cause })),
  );
  output.on("error", (cause: Error) =>
    fail(new Error(`cannot write to BuildKit: ${cause.message}`, { cause })),
  );
  socket.on("error", (cause: Error) => fail(new Error(`the session broke: ${cause.message}`, { cause })));
  input.on("end", () => fail(new Error("BuildKit closed the connection (end of stdin)")));
  input.on("close", () => fail(new Error("BuildKit closed the connection (stdin)")));
  socket.on("close", () => fail(new Error("the session was closed")));
  input.pipe(socket);
  socket.pipe(output);
}

function callOptions({ timeout }: CallOptions): GrpcCallOptions {
  return timeout === undefined ? {} : { deadline: Date.now() + timeout };
}

function cancelWith(signal: AbortSignal | undefined, cancel: () => void): () => void {
  if (signal?.aborted === true) queueMicrotask(cancel);
  else signal?.addEventListener("abort", cancel, { once: true });
  return () => signal?.removeEventListener("abort", cancel);
}

function toRpcError(error: ServiceError, signal: AbortSignal | undefined, lost: Error | undefined): RpcError {
  if (signal?.aborted === true && error.code === Number(Code.Canceled)) {
    const reason: unknown = signal.reason;
    return new RpcError(Code.Canceled, reason instanceof Error ? reason.message : error.details, {
      cause: reason,
    });
  }
  const [status] = error.metadata.get("grpc-status-details-bin");
  if (status === undefined && lost !== undefined) {
    return new RpcError(Code.Unavailable, lost.message, { cause: lost });
  }
  return new RpcError(error.code, error.details, { status: typeof status === "string" ? undefined : status });
}

function openDuplex(
  client: Client,
  path: string,
  options: CallOptions,
  lostReason: () => Error | undefined,
): DuplexCall {
  const call = client.makeBidiStreamRequest(path, toBuffer, identity, new Metadata(), callOptions(options));
  const release = cancelWith(options.signal, () => call.cancel());
  const messages: Buffer[] = [];
  let ended: { readonly error: RpcError | undefined } | undefined;
  let reader: PromiseWithResolvers<Buffer | undefined> | undefined;

  const wake = (): void => {
    if (reader === undefined) return;
    const message = messages.shift();
    if (message === undefined && ended === undefined) return;
    const { resolve, reject } = reader;
    reader = undefined;
    if (messages.length === 0) call.resume();
    if (message !== undefined || ended?.error === undefined) resolve(message);
    else reject(ended.error);
  };
  const finish = (error: RpcError | undefined): void => {
    if (ended !== undefined) return;
    ended = { error };
    release();
    wake();
  };
  call.on("data", (message: Buffer) => {
    messages.push(message);
    if (reader === undefined) call.pause();
    wake();
  });
  call.on("error", (error: ServiceError) => finish(toRpcError(error, options.signal, lostReason())));
  call.on("status", (status: { readonly code: number }) => {
    if (status.code === Number(Code.OK)) finish(undefined);
  });

  return {
    send: (message) => {
      if (message.length > MAX_MESSAGE_SIZE) {
        const error = requestTooLarge(path, message.length);
        call.cancel();
        finish(error);
        return Promise.reject(error);
      }
      return new Promise((resolve, reject) => {
        call.write(message, (error?: Error | null) => {
          if (error === undefined || error === null) resolve();
          else reject(ended?.error ?? new RpcError(Code.Unavailable, error.message, { cause: error }));
        });
      });
    },
    end: () => call.end(),
    receive() {
      if (reader !== undefined) return Promise.reject(new Error("receive is already waiting"));
      reader = Promise.withResolvers();
      const { promise } = reader;
      wake();
      return promise;
    },
    cancel() {
      call.cancel();
      finish(new RpcError(Code.Canceled, "the call was cancelled"));
    },
  };
}
