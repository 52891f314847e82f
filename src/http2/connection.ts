import type { Readable, Writable } from "node:stream";
import {
  createFrameReader,
  ERROR_CODES,
  Flag,
  FrameType,
  Setting,
  settingsPayload,
  uint32,
  withoutPadding,
  writeFrame,
  type ErrorCode,
  type Frame,
} from "./frames.ts";
import { createHeaderReader, MAX_HEADER_BLOCK } from "./header-blocks.ts";
import { createHpackDecoder, encodeHeaders, type Header } from "./hpack.ts";
import { createSendQueue, type Outgoing } from "./send-queue.ts";
import { type Http2Stream, type StreamHandlers, StreamReset } from "./stream.ts";

/**
 * A minimal HTTP/2 client (RFC 9113) over a pair of byte streams, for one peer: the
 * golang.org/x/net server that buildkitd puts on a frontend's pipes
 * (moby/buildkit:frontend/gateway/gateway.go, serve).
 *
 * Why not node:http2: loading it doubles the time a Node process needs to start, and its parser
 * (nghttp2) tears the whole session down when one header value passes 64 KiB, which an error that
 * carries the user's entry file easily does. Left out, as a gRPC client over a private pipe never
 * needs it: server push, priorities, trailers of requests, Huffman coding of requests, upgrade.
 */
export interface Http2Connection {
  /** Starts a stream, or queues it while the server allows no further one. */
  open(headers: readonly Header[], handlers: StreamHandlers): Http2Stream;
  /** Settles when the connection cannot be used any more; every stream has failed by then. */
  readonly lost: Promise<Error>;
  /**
   * Gives up at once, without a GOAWAY: buildkitd takes one for the end of the
   * session, and throws the result of a process that still runs away (moby/buildkit:frontend/gateway/gateway.go, serve).
   */
  destroy(reason: Error): void;
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A whole message of the largest size fits, so unary calls never wait for a window update. */
const STREAM_WINDOW = 17 << 20;
/** Memory is bounded by the windows of the streams; the connection's is as large as it may be. */
const CONNECTION_WINDOW = 0x7fff_ffff;
const INITIAL_CONNECTION_WINDOW = 65_535;
/** Fewer frames for large files. The server cuts its frames to this size. */
const MAX_FRAME_SIZE = 1 << 20;
/** Until the server's SETTINGS say otherwise (the lowest limit RFC 9113, 5.1.2, recommends). */
const STREAMS_BEFORE_SETTINGS = 100;

interface StreamState {
  readonly headers: readonly Header[];
  readonly handlers: StreamHandlers;
  readonly outgoing: Outgoing;
  id: number;
  unacknowledged: number;
  done: boolean;
}

/**
 * An HTTP/2 connection as its client (RFC 9113): sends the preface and settings at once, before the server has spoken.
 */
export function connectHttp2(input: Readable, output: Writable): Http2Connection {
  const streams = new Map<number, StreamState>();
  const waiting: StreamState[] = [];
  const hpack = createHpackDecoder();
  const queue = createSendQueue(output);
  let nextId = 1;
  let maxStreams = STREAMS_BEFORE_SETTINGS;
  let received = 0;
  let lostReason: Error | undefined;
  const { promise: lost, resolve: resolveLost } = Promise.withResolvers<Error>();

  const fail = (reason: Error): void => {
    if (lostReason !== undefined) return;
    lostReason = reason;
    queue.close(reason);
    const failed = [...streams.values(), ...waiting];
    streams.clear();
    waiting.length = 0;
    input.destroy();
    output.destroy();
    for (const stream of failed) end(stream, reason);
    resolveLost(reason);
  };

  const end = (stream: StreamState, error?: Error): void => {
    if (stream.done) return;
    stream.done = true;
    queue.remove(stream.outgoing, error ?? new Error("the call is over"));
    if (stream.id !== 0) streams.delete(stream.id);
    if (error !== undefined) stream.handlers.onError(error);
    startWaiting();
  };

  const startWaiting = (): void => {
    while (lostReason === undefined && streams.size < maxStreams) {
      const stream = waiting.shift();
      if (stream === undefined) return;
      stream.id = nextId;
      nextId += 2;
      streams.set(stream.id, stream);
      queue.control(
        writeFrame(FrameType.HEADERS, Flag.END_HEADERS, stream.id, encodeHeaders(stream.headers)),
      );
      queue.start(stream.outgoing, stream.id);
    }
  };

  const readHeaders = createHeaderReader((id, block, last) => {
    // Decoded for cancelled streams too: the table belongs to the connection.
    const headers = hpack.decode(block);
    const stream = streams.get(id);
    if (stream === undefined) return;
    if (last) finished(stream);
    stream.handlers.onHeaders(headers, last);
  });

  /** The server is done. A half of ours that is still open is cancelled, as gRPC servers may answer early. */
  const finished = (stream: StreamState): void => {
    if (!stream.outgoing.ended || stream.outgoing.chunks.length > 0) {
      queue.control(writeFrame(FrameType.RST_STREAM, 0, stream.id, uint32(ERROR_CODES.indexOf("NO_ERROR"))));
    }
    end(stream);
  };

  const onData = (frame: Frame): void => {
    received += frame.payload.length;
    if (received > CONNECTION_WINDOW / 4) {
      queue.control(writeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(received)));
      received = 0;
    }
    const stream = streams.get(frame.stream);
    if (stream === undefined) return;
    const data = withoutPadding(frame);
    const padding = frame.payload.length - data.length;
    const last = (frame.flags & Flag.END_STREAM) !== 0;
    if (last) finished(stream);
    else if (padding > 0) consumed(stream, padding);
    stream.handlers.onData(data, last);
  };

  const consumed = (stream: StreamState, bytes: number): void => {
    stream.unacknowledged += bytes;
    if (stream.done || stream.unacknowledged < STREAM_WINDOW / 4) return;
    queue.control(writeFrame(FrameType.WINDOW_UPDATE, 0, stream.id, uint32(stream.unacknowledged)));
    stream.unacknowledged = 0;
  };

  const onSettings = (frame: Frame): void => {
    if ((frame.flags & Flag.ACK) !== 0) return;
    for (let at = 0; at + 6 <= frame.payload.length; at += 6) {
      const value = frame.payload.readUInt32BE(at + 2);
      switch (frame.payload.readUInt16BE(at)) {
        case Setting.MAX_CONCURRENT_STREAMS:
          maxStreams = value;
          break;
        case Setting.INITIAL_WINDOW_SIZE:
          queue.initialWindow(value);
          break;
        case Setting.MAX_FRAME_SIZE:
          queue.maxFrameSize(value);
          break;
        default: // unknown settings are ignored (RFC 9113, 6.5.2)
      }
    }
    queue.control(writeFrame(FrameType.SETTINGS, Flag.ACK, 0, Buffer.alloc(0)));
    startWaiting();
  };

  const onFrame = (frame: Frame): void => {
    if (lostReason !== undefined) return;
    if (readHeaders(frame)) return;
    switch (frame.type) {
      case FrameType.DATA:
        onData(frame);
        return;
      case FrameType.RST_STREAM: {
        const stream = streams.get(frame.stream);
        if (stream !== undefined) end(stream, new StreamReset(errorCode(frame.payload.readUInt32BE(0))));
        return;
      }
      case FrameType.SETTINGS:
        onSettings(frame);
        return;
      case FrameType.PING:
        if ((frame.flags & Flag.ACK) === 0) {
          queue.control(writeFrame(FrameType.PING, Flag.ACK, 0, frame.payload));
        }
        return;
      case FrameType.GOAWAY: {
        const text = frame.payload.subarray(8).toString("latin1");
        const code = errorCode(frame.payload.readUInt32BE(4));
        fail(new Error(`BuildKit ended the session (${code}${text === "" ? "" : `: ${text}`})`));
        return;
      }
      case FrameType.WINDOW_UPDATE:
        queue.window(
          streams.get(frame.stream)?.outgoing,
          frame.stream,
          frame.payload.readUInt32BE(0) & 0x7fff_ffff,
        );
        return;
      case FrameType.PUSH_PROMISE:
        throw new Error(`unexpected frame of type ${frame.type}`);
      default: // PRIORITY and unknown types are ignored (RFC 9113, 4.1)
    }
  };

  const read = createFrameReader(MAX_FRAME_SIZE, onFrame);
  input.on("data", (chunk: Buffer) => {
    if (lostReason !== undefined) return;
    try {
      read(chunk);
    } catch (cause) {
      fail(
        new Error(
          `BuildKit sent what is not HTTP/2: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        ),
      );
    }
  });
  input.on("end", () => fail(new Error("BuildKit closed the connection (end of stdin)")));
  input.on("close", () => fail(new Error("BuildKit closed the connection (stdin)")));
  input.on("error", (cause: Error) =>
    fail(new Error(`cannot read from BuildKit: ${cause.message}`, { cause })),
  );
  output.on("error", (cause: Error) =>
    fail(new Error(`cannot write to BuildKit: ${cause.message}`, { cause })),
  );
  output.on("close", () => fail(new Error("BuildKit closed the connection (stdout)")));

  queue.control(
    Buffer.concat([
      PREFACE,
      writeFrame(
        FrameType.SETTINGS,
        0,
        0,
        settingsPayload([
          [Setting.ENABLE_PUSH, 0],
          [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
          [Setting.MAX_FRAME_SIZE, MAX_FRAME_SIZE],
          [Setting.MAX_HEADER_LIST_SIZE, MAX_HEADER_BLOCK],
        ]),
      ),
      writeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(CONNECTION_WINDOW - INITIAL_CONNECTION_WINDOW)),
    ]),
  );

  return {
    lost,
    destroy: fail,
    open(headers, handlers) {
      const stream: StreamState = {
        headers,
        handlers,
        outgoing: queue.create(),
        id: 0,
        unacknowledged: 0,
        done: false,
      };
      if (lostReason === undefined) {
        waiting.push(stream);
        startWaiting();
      } else {
        const reason = lostReason;
        queueMicrotask(() => end(stream, reason));
      }
      return {
        send: (bytes, last) => queue.push(stream.outgoing, bytes, last),
        consumed: (bytes) => consumed(stream, bytes),
        cancel(code = "CANCEL") {
          if (stream.done) return;
          if (stream.id !== 0) {
            queue.control(writeFrame(FrameType.RST_STREAM, 0, stream.id, uint32(ERROR_CODES.indexOf(code))));
          } else waiting.splice(waiting.indexOf(stream), 1);
          end(stream);
        },
      };
    },
  };
}

const errorCode = (value: number): ErrorCode => ERROR_CODES[value] ?? "INTERNAL_ERROR";
