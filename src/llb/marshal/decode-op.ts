import { pb } from "../../proto/index.ts";
import { LlbError } from "../names/errors.ts";

/**
 * The message of an op as it was decoded, with BuildKit's names for its fields (moby/buildkit:solver/pb/ops.proto, Op).
 * A field that was not sent is absent, and a 64-bit number may be an object of the decoder: `dump` has all of it as
 * plain data.
 */
export type OpMessage = pb.Op.$Shape;

/**
 * Reads an entry of a definition.
 *
 * @param at the entry's number, for the error
 * @throws LlbError for bytes that are no op
 */
export function decodeOp(bytes: Uint8Array, at: number): OpMessage {
  try {
    return pb.Op.decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LlbError("definition", "", `entry ${at} is not an op: ${reason}`);
  }
}
