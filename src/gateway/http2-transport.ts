import type { Readable, Writable } from "node:stream";
import {
  connectHttp2,
  type Header,
  StreamReset,
  type Http2Connection,
  type Http2Stream,
} from "../http2/index.ts";
import { createMessageReader, frameMessage } from "./grpc-framing.ts";
import { statusOf } from "./grpc-status.ts";
import {
  type CallOptions,
  Code,
  type DuplexCall,
  MAX_MESSAGE_SIZE,
  requestTooLarge,
  RpcError,
  type Transport,
} from "./transport.ts";

/** The two directions of a connection. */
export interface ByteStreams {
  /** What BuildKit sends us. */
  readonly input: Readable;
  /** What we send to BuildKit. */
  readonly output: Writable;
}

/** gRPC over our own HTTP/2 client: the default transport. */
export function createHttp2Transport({ input, output }: ByteStreams): Transport {
  const connection = connectHttp2(input, output);
  return {
    lost: connection.lost,
    destroy: () => connection.destroy(new Error("the transport was destroyed")),
    async unary(path, request, options) {
      const call = openCall(connection, path, options);
      // Failures reach us through receive(), which also knows the server's status.
      call.sendLast(request).catch(() => undefined);
      const message = await call.receive();
      if (message === undefined) throw new RpcError(Code.Internal, "the call ended without an answer");
      await call.receive();
      return message;
    },
    duplex: (path, options) => openCall(connection, path, options),
  };
}

interface Call extends DuplexCall {
  /** A message and the end of our half in one frame. */
  sendLast(message: Uint8Array): Promise<void>;
}

function openCall(connection: Http2Connection, path: string, { signal, timeout }: CallOptions = {}): Call {
  const messages: Buffer[] = [];
  let ended: { readonly error: RpcError | undefined } | undefined;
  let reader: PromiseWithResolvers<Buffer | undefined> | undefined;
  let headers: readonly Header[] = [];
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    if (reader === undefined) return;
    const message = messages.shift();
    if (message === undefined && ended === undefined) return;
    const { resolve, reject } = reader;
    reader = undefined;
    if (message !== undefined) {
      stream.consumed(message.length);
      resolve(message);
    } else if (ended?.error === undefined) {
      resolve(undefined);
    } else {
      reject(ended.error);
    }
  };
  const finish = (error: RpcError | undefined): void => {
    if (ended !== undefined) return;
    ended = { error };
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    wake();
  };
  const stop = (error: RpcError): void => {
    stream.cancel();
    finish(error);
  };
  const onAbort = (): void => stop(aborted(signal));
  const read = createMessageReader(path, (message) => {
    messages.push(message);
    wake();
  });

  const stream: Http2Stream = connection.open(requestHeaders(path, timeout), {
    onHeaders(block, end) {
      // Trailers follow; an answer that has nothing but trailers ends here.
      headers = end ? [...headers, ...block] : block;
      if (end) finish(statusOf(headers));
    },
    onData(chunk, end) {
      try {
        read(chunk);
      } catch (error) {
        stop(error instanceof RpcError ? error : new RpcError(Code.Internal, String(error)));
      }
      if (end) finish(statusOf(headers));
    },
    onError: (error) => finish(failure(error)),
  });

  if (signal?.aborted === true) queueMicrotask(onAbort);
  else signal?.addEventListener("abort", onAbort, { once: true });
  if (timeout !== undefined) {
    timer = setTimeout(
      () => stop(new RpcError(Code.DeadlineExceeded, `no answer within ${timeout} ms`)),
      timeout,
    );
  }

  const send = async (message: Uint8Array, last: boolean): Promise<void> => {
    if (message.length > MAX_MESSAGE_SIZE) {
      const error = requestTooLarge(path, message.length);
      stop(error);
      throw error;
    }
    await stream.send(frameMessage(message), last).catch((cause: unknown) => {
      throw ended?.error ?? failure(cause instanceof Error ? cause : new Error(String(cause)));
    });
  };

  return {
    send: (message) => send(message, false),
    sendLast: (message) => send(message, true),
    end() {
      stream.send(new Uint8Array(0), true).catch(() => undefined);
    },
    receive() {
      if (reader !== undefined) return Promise.reject(new Error("receive is already waiting"));
      reader = Promise.withResolvers();
      const { promise } = reader;
      wake();
      return promise;
    },
    cancel: () => stop(new RpcError(Code.Canceled, "the call was cancelled")),
  };
}

function requestHeaders(path: string, timeout: number | undefined): readonly Header[] {
  const headers: Header[] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "localhost"],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ["user-agent", "go-frontend"],
  ];
  if (timeout !== undefined) headers.push(["grpc-timeout", `${Math.ceil(timeout)}m`]);
  return headers;
}

function aborted(signal: AbortSignal | undefined): RpcError {
  const reason: unknown = signal?.reason;
  return new RpcError(Code.Canceled, reason instanceof Error ? reason.message : "the call was cancelled", {
    cause: reason,
  });
}

/** grpc/grpc:doc/PROTOCOL-HTTP2.md, Errors: what a stream reset means as a gRPC status. */
function failure(error: Error): RpcError {
  if (!(error instanceof StreamReset)) return new RpcError(Code.Unavailable, error.message, { cause: error });
  switch (error.code) {
    case "CANCEL":
      return new RpcError(Code.Canceled, error.message);
    case "REFUSED_STREAM":
      return new RpcError(Code.Unavailable, error.message);
    case "ENHANCE_YOUR_CALM":
      return new RpcError(Code.ResourceExhausted, error.message);
    default:
      return new RpcError(Code.Internal, error.message);
  }
}
