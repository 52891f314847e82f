// A conversation with BuildKit as it was: what it sent, and after how many of our bytes it did. Played back it needs no
// process, so it can be broken at each of its bytes.
import { PassThrough, Writable } from "node:stream";
import type { ByteStreams } from "../../src/gateway/http2-transport.ts";

export interface Piece {
  /** How many bytes BuildKit had been sent when this came. */
  readonly after: number;
  readonly bytes: Buffer;
}

export interface Conversation {
  readonly pieces: readonly Piece[];
  readonly length: number;
}

/** Keeps what passes through a connection that is used meanwhile. */
export function recording({ input, output }: ByteStreams): {
  readonly streams: ByteStreams;
  readonly conversation: () => Conversation;
} {
  let sent = 0;
  const pieces: Piece[] = [];
  const toServer = new PassThrough();
  toServer.on("data", (bytes: Buffer) => (sent += bytes.length));
  toServer.pipe(output);
  const fromServer = new PassThrough();
  input.on("data", (bytes: Buffer) => pieces.push({ after: sent, bytes }));
  input.pipe(fromServer);
  return {
    streams: { input: fromServer, output: toServer },
    conversation: () => ({ pieces, length: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) }),
  };
}

/** How long playing waits for bytes of ours that do not come, in milliseconds. */
const PATIENCE = 20;

/**
 * Plays a conversation up to a byte, and then ends as a daemon that died; `broken` settles at that moment. It ends too
 * where we do not say what we said when it was recorded.
 */
export function playedBack(
  { pieces }: Conversation,
  until: number,
): {
  readonly streams: ByteStreams;
  readonly broken: Promise<void>;
} {
  const input = new PassThrough();
  const { promise: broken, resolve } = Promise.withResolvers<void>();
  let sent = 0;
  let next = 0;
  let left = until;
  let timer: NodeJS.Timeout | undefined;
  const play = (): void => {
    for (let piece = pieces[next]; piece !== undefined && piece.after <= sent; piece = pieces[++next]) {
      if (input.destroyed || input.writableEnded) return;
      input.write(piece.bytes.subarray(0, left));
      left -= Math.min(left, piece.bytes.length);
      if (left === 0) break;
    }
    clearTimeout(timer);
    if (left > 0) timer = setTimeout(end, PATIENCE);
    if (left === 0) end();
  };
  const end = (): void => {
    if (!input.writableEnded) input.end();
    resolve();
  };
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      queueMicrotask(play);
      done();
    },
  });
  queueMicrotask(play);
  return { streams: { input, output }, broken };
}

/** The same, each frame a piece of its own. */
export function byFrame(conversation: Conversation): Conversation {
  const starts = frameStarts(conversation);
  const bytes = Buffer.concat(conversation.pieces.map((piece) => piece.bytes));
  const ends = conversation.pieces.map((_, index) =>
    conversation.pieces.slice(0, index + 1).reduce((sum, piece) => sum + piece.bytes.length, 0),
  );
  const pieces = starts.slice(0, -1).map((start, index): Piece => {
    const end = starts[index + 1] ?? start;
    // A frame is there with the last of its bytes.
    const at = ends.findIndex((last) => last >= end);
    return { after: conversation.pieces[at]?.after ?? 0, bytes: bytes.subarray(start, end) };
  });
  return { pieces, length: conversation.length };
}

/** Where the frames of a conversation begin, and its end (RFC 9113, 4.1). */
export function frameStarts({ pieces }: Conversation): readonly number[] {
  const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
  const starts: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) starts.push(at);
  return [...starts, bytes.length];
}
