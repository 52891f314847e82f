import type { ErrorCode } from "./frames.ts";
import type { Header } from "./hpack.ts";

/** What a stream tells whoever opened it. */
export interface StreamHandlers {
  /** Response headers, and later the trailers. `end` is true when nothing follows. */
  onHeaders(headers: readonly Header[], end: boolean): void;
  onData(chunk: Buffer, end: boolean): void;
  /** The stream ended before its time: reset by the server, or with the connection. Called once. */
  onError(error: Error): void;
}

/** One call of a connection. */
export interface Http2Stream {
  /** Queues bytes; `end` closes our half. The promise settles once the bytes left the send queue. */
  send(bytes: Uint8Array, end: boolean): Promise<void>;
  /** Lets the server send `bytes` more. Received data counts against the window until this is called. */
  consumed(bytes: number): void;
  /** Stops the stream; no handler is called after this. */
  cancel(code?: ErrorCode): void;
}

/** The server gave up one stream; the connection goes on. */
export class StreamReset extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(`the server reset the stream (${code})`);
    this.name = "StreamReset";
    this.code = code;
  }
}
