import type { Writable } from "node:stream";
import { Flag, FrameType, writeFrame } from "./frames.ts";

/**
 * What leaves a connection: control frames at once, DATA as far as the server's flow-control
 * windows (RFC 9113, 5.2) and the pipe take it. Streams share the connection in turns of one frame.
 */
export interface SendQueue {
  control(frame: Buffer): void;
  create(): Outgoing;
  /** The stream got its number: what was pushed may leave now. */
  start(outgoing: Outgoing, id: number): void;
  push(outgoing: Outgoing, bytes: Uint8Array, end: boolean): Promise<void>;
  remove(outgoing: Outgoing, reason: Error): void;
  /** A window update for a stream, or with `id` 0 for the connection. */
  window(outgoing: Outgoing | undefined, id: number, bytes: number): void;
  initialWindow(bytes: number): void;
  maxFrameSize(bytes: number): void;
  close(reason: Error): void;
}

export interface Outgoing {
  id: number;
  window: number;
  /** Our half is closed, or will be when what is queued has left. */
  ended: boolean;
  removed: Error | undefined;
  readonly chunks: Chunk[];
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly end: boolean;
  at: number;
  readonly sent: PromiseWithResolvers<void>;
}

const INITIAL_WINDOW = 65_535;
const INITIAL_FRAME_SIZE = 16_384;
/** A pipe takes 64 KiB; what is written beyond that only waits in memory, out of reach of a cancel. */
const HIGH_WATER = 256 << 10;
/** Larger frames only delay the control frames between them. */
const LARGEST_FRAME = 64 << 10;

/** A queue that sends the frames of all streams within the windows that the server gives (RFC 9113, 5.2). */
export function createSendQueue(output: Writable): SendQueue {
  const active = new Set<Outgoing>();
  let connectionWindow = INITIAL_WINDOW;
  let streamWindow = INITIAL_WINDOW;
  let frameSize = INITIAL_FRAME_SIZE;
  let closed: Error | undefined;
  let held: Buffer[] | undefined;
  let heldBytes = 0;

  /** Frames of one turn of the event loop leave in one write: one system call a request. */
  const write = (frame: Buffer): void => {
    heldBytes += frame.length;
    if (held !== undefined) {
      held.push(frame);
      return;
    }
    held = [frame];
    queueMicrotask(() => {
      const frames = held ?? [];
      held = undefined;
      heldBytes = 0;
      if (closed !== undefined) return;
      const [only] = frames;
      output.write(frames.length === 1 && only !== undefined ? only : Buffer.concat(frames));
    });
  };

  const congested = (): boolean => output.writableLength + heldBytes >= HIGH_WATER;

  const sendOne = (outgoing: Outgoing): boolean => {
    const chunk = outgoing.chunks[0];
    if (chunk === undefined) return false;
    const left = chunk.bytes.length - chunk.at;
    const size = Math.min(left, frameSize, connectionWindow, outgoing.window);
    if (size <= 0 && left > 0) return false;
    const last = size === left;
    write(
      writeFrame(
        FrameType.DATA,
        last && chunk.end ? Flag.END_STREAM : 0,
        outgoing.id,
        chunk.bytes.subarray(chunk.at, chunk.at + size),
      ),
    );
    chunk.at += size;
    connectionWindow -= size;
    outgoing.window -= size;
    if (last) {
      outgoing.chunks.shift();
      chunk.sent.resolve();
    }
    return true;
  };

  const pump = (): void => {
    for (let progress = true; progress && closed === undefined;) {
      progress = false;
      for (const outgoing of active) {
        if (congested()) return;
        if (sendOne(outgoing)) progress = true;
        if (outgoing.chunks.length === 0) active.delete(outgoing);
      }
    }
  };
  output.on("drain", pump);

  const activate = (outgoing: Outgoing): void => {
    if (outgoing.id === 0 || outgoing.chunks.length === 0) return;
    active.add(outgoing);
    pump();
  };
  const started = new Set<Outgoing>();

  return {
    control(frame) {
      if (closed === undefined) write(frame);
    },
    create: () => ({ id: 0, window: 0, ended: false, removed: undefined, chunks: [] }),
    start(outgoing, id) {
      outgoing.id = id;
      outgoing.window = streamWindow;
      started.add(outgoing);
      activate(outgoing);
    },
    push(outgoing, bytes, end) {
      const refused =
        closed ??
        outgoing.removed ??
        (outgoing.ended ? new Error("the sending half of the call is closed") : undefined);
      if (refused !== undefined) return Promise.reject(refused);
      outgoing.ended = end;
      const sent = Promise.withResolvers<void>();
      // Whoever does not wait for the bytes to leave learns of a failure through the call itself.
      sent.promise.catch(() => undefined);
      outgoing.chunks.push({ bytes, end, at: 0, sent });
      activate(outgoing);
      return sent.promise;
    },
    remove(outgoing, reason) {
      outgoing.removed = reason;
      active.delete(outgoing);
      started.delete(outgoing);
      for (const chunk of outgoing.chunks.splice(0)) chunk.sent.reject(reason);
    },
    window(outgoing, id, bytes) {
      if (id === 0) connectionWindow += bytes;
      else if (outgoing !== undefined) outgoing.window += bytes;
      pump();
    },
    initialWindow(bytes) {
      // Windows of open streams move by the difference and may become negative (RFC 9113, 6.9.2).
      for (const outgoing of started) outgoing.window += bytes - streamWindow;
      streamWindow = bytes;
      pump();
    },
    maxFrameSize(bytes) {
      frameSize = Math.min(bytes, LARGEST_FRAME);
    },
    close(reason) {
      closed ??= reason;
    },
  };
}
