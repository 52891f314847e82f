/** Bytes written from the last to the first, so that every length is known when its prefix is written. */
export interface Writer {
  bytes: Uint8Array<ArrayBuffer>;
  at: number; // the first written byte
}

/** Makes room for `count` bytes before the written ones; returns the buffer to write to. */
function reserve(writer: Writer, count: number): Uint8Array {
  if (writer.at < count) {
    const used = writer.bytes.length - writer.at;
    const grown = new Uint8Array(Math.max(writer.bytes.length * 2, used + count));
    grown.set(writer.bytes.subarray(writer.at), grown.length - used);
    writer.at = grown.length - used;
    writer.bytes = grown;
  }
  return writer.bytes;
}

/** Writes 0 ≤ value < 2^31. */
export function writeVarint32(writer: Writer, value: number): void {
  const bytes = reserve(writer, 5);
  if (value < 0x80) {
    bytes[--writer.at] = value;
    return;
  }
  const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
  let at = (writer.at -= size);
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at] = rest;
}

export function writeVarint64(writer: Writer, value: bigint): void {
  const bytes = reserve(writer, 10);
  if (value === -1n) {
    bytes[--writer.at] = 0x01;
    bytes.fill(0xff, writer.at - 9, writer.at);
    writer.at -= 9;
    return;
  }
  let rest = BigInt.asUintN(64, value);
  const groups: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
  groups.push(Number(rest));
  writer.at -= groups.length;
  bytes.set(groups, writer.at);
}

export function writeBool(writer: Writer, value: unknown, where: string): void {
  if (typeof value !== "boolean") throw new TypeError(`${where}: not true or false: ${String(value)}`);
  reserve(writer, 1)[--writer.at] = value ? 1 : 0;
}

export function writeBytes(writer: Writer, value: unknown, where: string): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${where}: not bytes: ${String(value)}`);
  const bytes = reserve(writer, value.length);
  writer.at -= value.length;
  bytes.set(value, writer.at);
  writeVarint32(writer, value.length);
}

const utf8 = new TextEncoder();

export function writeString(writer: Writer, value: unknown, where: string): void {
  if (typeof value !== "string") throw new TypeError(`${where}: not a string: ${String(value)}`);
  const length = value.length;
  if (length <= 256) {
    // Digests, paths and names are short and ASCII: a loop beats a call into the runtime.
    const bytes = reserve(writer, length);
    let at = writer.at;
    let i = length - 1;
    for (; i >= 0; i--) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) break;
      bytes[--at] = unit;
    }
    if (i < 0) {
      writer.at = at;
      writeVarint32(writer, length);
      return;
    }
  }
  // Go refuses to marshal a string that is not UTF-8; TextEncoder would replace it silently.
  if (!value.isWellFormed()) {
    throw new RangeError(`${where}: a lone surrogate cannot be written as UTF-8: ${JSON.stringify(value)}`);
  }
  writeBytes(writer, utf8.encode(value), where);
}
