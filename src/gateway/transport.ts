/**
 * The wire below the gateway client: gRPC calls as bytes in, bytes out. Nothing here knows a
 * message type, so a transport can be opened, and `Ping` sent, before any codec is loaded.
 */
export interface Transport {
  /** One request, one response. Rejects with an `RpcError`. Never retried: `Return` counts once. */
  unary(path: string, request: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** A call with a stream of messages in both directions. */
  duplex(path: string, options?: CallOptions): DuplexCall;
  /** Resolves when the connection is gone. It cannot be opened again: BuildKit gave one pair of pipes. */
  readonly lost: Promise<Error>;
  /** Drops the connection at once. Not for the end of a build: exit instead, see runFrontend. */
  destroy(): void;
}

/** Options of one call. */
export interface CallOptions {
  /** Cancels the call; the server's context is cancelled too. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the call fails with DEADLINE_EXCEEDED. Default: none. */
  readonly timeout?: number | undefined;
}

/** A call in which both sides send messages. */
export interface DuplexCall {
  /** Resolves when the message left for the server, so awaiting it holds back a fast writer. */
  send(message: Uint8Array): Promise<void>;
  /** Closes our half. */
  end(): void;
  /** The next message; undefined after the last one. Rejects with an `RpcError`. One reader at a time. */
  receive(): Promise<Uint8Array | undefined>;
  cancel(): void;
}

/**
 * containerd's defaults.DefaultMaxRecvMsgSize and DefaultMaxSendMsgSize, which buildkitd's gateway
 * uses both ways (moby/buildkit:frontend/gateway/gateway.go, serveLLBBridgeForwarder).
 */
export const MAX_MESSAGE_SIZE = 16 << 20;

/** gRPC status codes by number (grpc/grpc:doc/statuscodes.md), spelled as grpc-go prints them. */
export const CODE_NAMES = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

export type CodeName = (typeof CODE_NAMES)[number];

export const Code = {
  OK: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const satisfies Record<CodeName, number>;

/** A call that failed, before its details are decoded. `status` is an encoded google.rpc.Status. */
export class RpcError extends Error {
  readonly code: number;
  readonly status: Uint8Array | undefined;
  constructor(
    code: number,
    message: string,
    options: { readonly status?: Uint8Array | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RpcError";
    this.code = code;
    this.status = options.status;
  }
}

/** The path of a method of BuildKit's gateway service. */
export const methodPath = (method: string): string => `/moby.buildkit.v1.frontend.LLBBridge/${method}`;

/** Milliseconds that BuildKit has for an answer to `Ping` (moby/buildkit:frontend/gateway/grpcclient/client.go, New). */
export const PING_TIMEOUT = 15_000;

const MIB = 1 << 20;

/** Sizes in messages: "16 MiB", "17.3 MiB". */
export const mebibytes = (bytes: number): string => `${Number((bytes / MIB).toFixed(1))} MiB`;

/** The error of a request that BuildKit would not take. `size` is in bytes. */
export function requestTooLarge(path: string, size: number): RpcError {
  const method = path.slice(path.lastIndexOf("/") + 1);
  return new RpcError(
    Code.ResourceExhausted,
    `the ${method} request has ${mebibytes(size)}; BuildKit takes at most ${mebibytes(MAX_MESSAGE_SIZE)} a message`,
  );
}

/** The error of an answer that is larger than is read. `size` is in bytes. */
export function responseTooLarge(path: string, size: number): RpcError {
  const method = path.slice(path.lastIndexOf("/") + 1);
  return new RpcError(
    Code.ResourceExhausted,
    `the answer to ${method} has ${mebibytes(size)}; at most ${mebibytes(MAX_MESSAGE_SIZE)} a message are read`,
  );
}
