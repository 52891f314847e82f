import { MAX_MESSAGE_SIZE, RpcError, Code, responseTooLarge } from "./transport.ts";

/** A gRPC message is preceded by a compression flag and its length (grpc/grpc:doc/PROTOCOL-HTTP2.md). */
const PREFIX = 5;

/** A message behind its five bytes of prefix: not compressed, and its length. */
export function frameMessage(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX);
  return framed;
}

/**
 * Returns a function that takes received bytes and calls `onMessage` for each complete message.
 * It throws an `RpcError` for a message above the limit or a compressed one: we offer no coding.
 */
export function createMessageReader(
  path: string,
  onMessage: (message: Buffer) => void,
): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let available = 0;
  let needed = PREFIX;

  return (chunk) => {
    chunks.push(chunk);
    available += chunk.length;
    if (available < needed) return;
    let buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks, available);
    needed = PREFIX;
    while (buffer.length >= PREFIX) {
      if (buffer[0] !== 0) throw new RpcError(Code.Internal, "BuildKit sent a compressed message");
      const length = buffer.readUInt32BE(1);
      if (length > MAX_MESSAGE_SIZE) throw responseTooLarge(path, length);
      if (buffer.length < PREFIX + length) {
        needed = PREFIX + length;
        break;
      }
      onMessage(buffer.subarray(PREFIX, PREFIX + length));
      buffer = buffer.subarray(PREFIX + length);
    }
    chunks = buffer.length > 0 ? [buffer] : [];
    available = buffer.length;
  };
}
