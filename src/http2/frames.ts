/**
 * HTTP/2 frames (RFC 9113, section 4 and 6): writing them, and cutting them out of a byte stream.
 */

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Error codes of RST_STREAM and GOAWAY by number (RFC 9113, 7). */
export const ERROR_CODES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const HEADER_LENGTH = 9;

/** A frame with its header of nine bytes (RFC 9113, 4.1). */
export function writeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_LENGTH + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, HEADER_LENGTH);
  return frame;
}

/** A number as four bytes, the highest first. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}

/** The payload of a SETTINGS frame (RFC 9113, 6.5.1). */
export function settingsPayload(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * 6);
  settings.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return payload;
}

/** Removes the padding of a DATA or HEADERS payload (RFC 9113, 6.1). */
export function withoutPadding(frame: Frame): Buffer {
  if ((frame.flags & Flag.PADDED) === 0) return frame.payload;
  const padding = frame.payload[0];
  if (padding === undefined || padding >= frame.payload.length) {
    throw new Error("padding is longer than its frame");
  }
  return frame.payload.subarray(1, frame.payload.length - padding);
}

/**
 * Returns a function to push received bytes into; it calls `onFrame` for each complete frame.
 * Throws when a frame is longer than `maxFrameSize`. Payloads are views of what was received where
 * a frame arrived in one piece, else one copy.
 */
export function createFrameReader(
  maxFrameSize: number,
  onFrame: (frame: Frame) => void,
): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let available = 0;
  let needed = HEADER_LENGTH;

  const joined = (): Buffer => {
    const [only] = pending;
    return pending.length === 1 && only !== undefined ? only : Buffer.concat(pending, available);
  };
  return (chunk) => {
    pending.push(chunk);
    available += chunk.length;
    if (available < needed) return;
    const buffer = joined();
    let at = 0;
    needed = HEADER_LENGTH;
    while (buffer.length - at >= HEADER_LENGTH) {
      const length = buffer.readUIntBE(at, 3);
      if (length > maxFrameSize) throw new Error(`frame of ${length} bytes is larger than was agreed`);
      const end = at + HEADER_LENGTH + length;
      if (end > buffer.length) {
        needed = HEADER_LENGTH + length;
        break;
      }
      onFrame({
        type: buffer[at + 3] as number,
        flags: buffer[at + 4] as number,
        stream: buffer.readUInt32BE(at + 5) & 0x7fff_ffff,
        payload: buffer.subarray(at + HEADER_LENGTH, end),
      });
      at = end;
    }
    const rest = buffer.subarray(at);
    pending = rest.length > 0 ? [rest] : [];
    available = rest.length;
  };
}
