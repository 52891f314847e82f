import { Flag, type Frame, FrameType, withoutPadding } from "./frames.ts";

/** More than the trailers of any error: they carry the whole entry file, in base64. */
export const MAX_HEADER_BLOCK = 64 << 20;

interface HeaderBlock {
  readonly stream: number;
  readonly end: boolean;
  readonly parts: Buffer[];
  length: number;
}

/**
 * Puts header blocks together: a HEADERS frame, and the CONTINUATION frames that follow it with nothing between them
 * (RFC 9113, 6.10).
 *
 * @param onBlock gets a whole block, and whether its stream ends with it
 * @returns a reader of frames, which says whether it took the frame. It throws for a frame that comes in the middle of a
 *   block, a block that is too large, and a continuation of nothing.
 */
export function createHeaderReader(
  onBlock: (stream: number, block: Buffer, end: boolean) => void,
): (frame: Frame) => boolean {
  let open: HeaderBlock | undefined;

  const begin = (frame: Frame): void => {
    let payload = withoutPadding(frame);
    if ((frame.flags & Flag.PRIORITY) !== 0) payload = payload.subarray(5);
    const end = (frame.flags & Flag.END_STREAM) !== 0;
    if ((frame.flags & Flag.END_HEADERS) !== 0) onBlock(frame.stream, payload, end);
    else open = { stream: frame.stream, end, parts: [payload], length: payload.length };
  };

  const goOn = (block: HeaderBlock, frame: Frame): void => {
    block.parts.push(frame.payload);
    block.length += frame.payload.length;
    if (block.length > MAX_HEADER_BLOCK) throw new Error("header block is too large");
    if ((frame.flags & Flag.END_HEADERS) === 0) return;
    open = undefined;
    onBlock(block.stream, Buffer.concat(block.parts, block.length), block.end);
  };

  return (frame) => {
    if (open !== undefined) {
      if (frame.type !== FrameType.CONTINUATION || frame.stream !== open.stream) {
        throw new Error("header block was interrupted");
      }
      goOn(open, frame);
      return true;
    }
    if (frame.type === FrameType.CONTINUATION) throw new Error(`unexpected frame of type ${frame.type}`);
    if (frame.type !== FrameType.HEADERS) return false;
    begin(frame);
    return true;
  };
}
