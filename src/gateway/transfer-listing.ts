import { fsTypes } from "../proto/index.ts";
import { type Stat, toStat } from "./reference.ts";

/** File in which a metadata-only transfer leaves its listing (tonistiigi/fsutil:receive.go, metadataPath). */
export const TRANSFER_LISTING = ".fsutil-metadata";

/**
 * Reads the listing of a metadata-only transfer: for each file the length of its Stat message, four
 * bytes with the lowest first, and the message. Paths are relative to the transfer's root, parents
 * before what they hold. A listing may be long, so they are given one after another.
 *
 * @throws RangeError when the listing is cut off
 */
export function* readTransferListing(bytes: Uint8Array): Generator<Stat> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + (at + 4 <= bytes.length ? view.getUint32(at, true) : 0);
    if (at + 4 > bytes.length || end > bytes.length) {
      throw new RangeError(`the listing of a transfer is cut off at byte ${at}`);
    }
    yield toStat(fsTypes.Stat.decode(bytes.subarray(at + 4, end)));
    at = end;
  }
}
