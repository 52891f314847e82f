/**
 * HPACK (RFC 7541), as much of it as a client of one server needs: a complete decoder, and an
 * encoder for request headers that uses neither Huffman coding nor the dynamic table.
 */

export type Header = readonly [name: string, value: string];

export interface HpackDecoder {
  /**
   * Decodes one complete header block. Blocks must be handed over in the order they arrived, those
   * of cancelled streams too, because the dynamic table is shared by the connection.
   * Throws on a block that breaks RFC 7541; the connection cannot be used after that.
   */
  decode(block: Uint8Array): readonly Header[];
}

/** SETTINGS_HEADER_TABLE_SIZE that we never change from its initial value (RFC 9113, 6.5.2). */
const TABLE_LIMIT = 4096;

/** What an entry of the dynamic table costs beside its octets (RFC 7541, 4.1). */
const ENTRY_OVERHEAD = 32;

/** A decoder with an empty dynamic table. */
export function createHpackDecoder(): HpackDecoder {
  const dynamic: Header[] = [];
  let size = 0;
  let limit = TABLE_LIMIT;

  const evictTo = (target: number): void => {
    while (size > target) {
      const last = dynamic.pop();
      if (last === undefined) break;
      size -= costOf(last);
    }
  };
  const insert = (header: Header): void => {
    const cost = costOf(header);
    evictTo(Math.max(0, limit - cost));
    if (cost > limit) return;
    dynamic.unshift(header);
    size += cost;
  };
  const lookup = (index: number): Header => {
    const header = STATIC_TABLE[index - 1] ?? dynamic[index - STATIC_TABLE.length - 1];
    if (index === 0 || header === undefined) throw new Error(`HPACK index ${index} is not in the table`);
    return header;
  };

  return {
    decode(block) {
      const input = { block, at: 0 };
      const headers: Header[] = [];
      while (input.at < block.length) {
        const first = block[input.at] as number;
        if (first & 0x80) {
          headers.push(lookup(readInteger(input, 7)));
        } else if (first & 0x40) {
          const header = readLiteral(input, 6, lookup);
          insert(header);
          headers.push(header);
        } else if (first & 0x20) {
          limit = readInteger(input, 5);
          if (limit > TABLE_LIMIT) throw new Error(`HPACK table size ${limit} is above the limit`);
          evictTo(limit);
        } else {
          headers.push(readLiteral(input, 4, lookup));
        }
      }
      return headers;
    },
  };
}

/** Encodes headers as literals without indexing: the same bytes at any state of the peer's table. */
export function encodeHeaders(headers: readonly Header[]): Uint8Array {
  const bytes: number[] = [];
  for (const [name, value] of headers) {
    bytes.push(0x00);
    pushString(bytes, name);
    pushString(bytes, value);
  }
  return Uint8Array.from(bytes);
}

interface Input {
  readonly block: Uint8Array;
  at: number;
}

const costOf = ([name, value]: Header): number => name.length + value.length + ENTRY_OVERHEAD;

function readLiteral(input: Input, prefix: number, lookup: (index: number) => Header): Header {
  const index = readInteger(input, prefix);
  const name = index === 0 ? readString(input) : lookup(index)[0];
  return [name, readString(input)];
}

/** RFC 7541, 5.1. Lengths beyond 2^28 are refused: no header of ours comes near. */
function readInteger(input: Input, prefix: number): number {
  const mask = (1 << prefix) - 1;
  let value = nextByte(input) & mask;
  if (value < mask) return value;
  for (let shift = 0; shift <= 21; shift += 7) {
    const byte = nextByte(input);
    value += (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return value;
  }
  throw new Error("HPACK integer is too large");
}

function nextByte(input: Input): number {
  const byte = input.block[input.at];
  if (byte === undefined) throw new Error("HPACK block ends in the middle of a field");
  input.at++;
  return byte;
}

function readString(input: Input): string {
  const huffman = ((input.block[input.at] ?? 0) & 0x80) !== 0;
  const length = readInteger(input, 7);
  const end = input.at + length;
  if (end > input.block.length) throw new Error("HPACK string is longer than its block");
  const bytes = input.block.subarray(input.at, end);
  input.at = end;
  return latin1(huffman ? decodeHuffman(bytes) : bytes);
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

function pushString(bytes: number[], text: string): void {
  const octets = Buffer.from(text, "latin1");
  if (octets.length < 0x7f) {
    bytes.push(octets.length);
  } else {
    bytes.push(0x7f);
    let rest = octets.length - 0x7f;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  for (const octet of octets) bytes.push(octet);
}

/**
 * The code of RFC 7541, appendix B, is canonical: codes of one length are consecutive numbers in
 * symbol order, and each length starts where the shorter one ended. So the lengths say everything;
 * one base-36 digit a symbol, 0 to 255. The 257th symbol (EOS, 30 bits of ones) may not occur.
 */
const CODE_LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq";

const LONGEST = 30;

interface HuffmanTable {
  /** For each code length: the first code, the number of codes, and where their symbols start. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly start: Int32Array;
  readonly symbols: Uint8Array;
}

let huffmanTable: HuffmanTable | undefined;

function buildHuffmanTable(): HuffmanTable {
  const lengths = Array.from(CODE_LENGTHS, (digit) => Number.parseInt(digit, 36));
  const count = new Int32Array(LONGEST + 1);
  for (const length of lengths) count[length] = (count[length] as number) + 1;
  const first = new Int32Array(LONGEST + 1);
  const start = new Int32Array(LONGEST + 1);
  for (let length = 1; length <= LONGEST; length++) {
    first[length] = ((first[length - 1] as number) + (count[length - 1] as number)) << 1;
    start[length] = (start[length - 1] as number) + (count[length - 1] as number);
  }
  const symbols = Uint8Array.from(lengths.keys()).sort(
    (a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b,
  );
  return { first, count, start, symbols };
}

function decodeHuffman(bytes: Uint8Array): Uint8Array {
  const { first, count, start, symbols } = (huffmanTable ??= buildHuffmanTable());
  // The shortest code has 5 bits.
  const out = new Uint8Array(Math.ceil((bytes.length * 8) / 5));
  let written = 0;
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      length++;
      if (length > LONGEST) throw new Error("HPACK Huffman code is not in the table");
      const offset = code - (first[length] as number);
      if (offset >= 0 && offset < (count[length] as number)) {
        out[written++] = symbols[(start[length] as number) + offset] as number;
        code = 0;
        length = 0;
      }
    }
  }
  // What is left must be padding: fewer than 8 bits, all ones (RFC 7541, 5.2).
  if (length > 7 || code !== (1 << length) - 1) throw new Error("HPACK Huffman string has wrong padding");
  return out.subarray(0, written);
}

/** RFC 7541, appendix A. */
const STATIC_TABLE: readonly Header[] = (
  ":authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|" +
  ":status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|" +
  "accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|" +
  "content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|" +
  "cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|" +
  "last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|" +
  "server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
)
  .split("|")
  .map((entry): Header => {
    const space = entry.indexOf(" ");
    return space < 0 ? [entry, ""] : [entry.slice(0, space), entry.slice(space + 1)];
  });
