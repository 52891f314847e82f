import { onceMade } from "../once.ts";
import type { GitFiles } from "./files.ts";
import { type GitObject, inflated, MOST_OBJECT, nameBytes, type ObjectType } from "./object.ts";

/**
 * Bytes of all packs together that are read for a stamp. A pack of a client's folder reaches the builder whole, and once:
 * it never changes.
 */
const MOST_PACKS = 128 << 20;

/** Commits lie together, so one block of a pack has thousands. */
const BLOCK = 256 << 10;
const MOST_BLOCKS = 16;

/** How many objects a delta may be made from in a row; git itself makes 50 at most. */
const DEEPEST = 100;

/** Objects in packs (git's gitformat-pack(5)); of packs without an index of version 2 none. */
export function openPacks(files: GitFiles) {
  const found = onceMade(() => list(files));
  return {
    read: async (name: string): Promise<GitObject | undefined> => {
      const { packs, bytes } = await found();
      if (bytes > MOST_PACKS) return undefined;
      for (const pack of packs) {
        const offset = await pack.offsetOf(name);
        const object = offset === undefined ? undefined : await pack.objectAt(offset, nameBytes(name));
        if (object !== undefined) return object;
      }
      return undefined;
    },
    /** Bytes of all packs, where they are too many to be read. */
    unread: async (): Promise<number | undefined> => {
      const { bytes } = await found();
      return bytes > MOST_PACKS ? bytes : undefined;
    },
  };
}

interface Packs {
  readonly packs: readonly Pack[];
  readonly bytes: number;
}

interface Pack {
  readonly offsetOf: (name: string) => Promise<number | undefined>;
  /** @param width bytes of a name in this repository */
  readonly objectAt: (offset: number, width: number) => Promise<GitObject | undefined>;
}

async function list(files: GitFiles): Promise<Packs> {
  const folder = "objects/pack";
  const entries = (await files.list(folder)) ?? new Map<string, never>();
  const names = [...entries.keys()].filter((name) => name.endsWith(".idx")).toSorted();
  const sizeOf = (name: string): number => entries.get(name)?.size ?? 0;
  const packs = names.flatMap((index) => {
    const pack = index.replace(/\.idx$/, ".pack");
    if (!entries.has(pack)) return [];
    return [
      openPack(
        blocks(files, `${folder}/${index}`, sizeOf(index)),
        blocks(files, `${folder}/${pack}`, sizeOf(pack)),
      ),
    ];
  });
  const bytes = names.reduce((sum, index) => sum + sizeOf(index.replace(/\.idx$/, ".pack")), 0);
  return { packs, bytes };
}

type Range = (offset: number, length: number) => Promise<Uint8Array>;

/** Reads ranges of a file by whole blocks, which it remembers. */
function blocks(files: GitFiles, path: string, size: number): Range {
  const held = new Map<number, Promise<Uint8Array>>();
  const block = (index: number): Promise<Uint8Array> => {
    const before = held.get(index);
    if (before !== undefined) return before;
    if (held.size >= MOST_BLOCKS) held.clear();
    const bytes = files.read(path, index * BLOCK, Math.min(BLOCK, size - index * BLOCK));
    held.set(index, bytes);
    return bytes;
  };
  return async (offset, length) => {
    const end = Math.min(size, offset + length);
    const parts: Uint8Array[] = [];
    for (let at = offset; at < end;) {
      const index = Math.floor(at / BLOCK);
      const bytes = await block(index);
      const part = bytes.subarray(at - index * BLOCK, end - index * BLOCK);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
  };
}

const HEADER = 8;
const FANOUT = 256 * 4;
/** Names that begin with one byte: no more are in packs of {@link MOST_PACKS}, whose objects have some ten bytes at least. */
const MOST_NAMES = 50_000;

function openPack(index: Range, data: Range): Pack {
  const fanout = onceMade(async () => {
    const bytes = Buffer.from(await index(0, HEADER + FANOUT));
    const isVersion2 = bytes.length === HEADER + FANOUT && bytes.readUInt32BE(0) === 0xff744f63;
    return isVersion2 && bytes.readUInt32BE(4) === 2 ? bytes.subarray(HEADER) : undefined;
  });
  const offsetOf = async (name: string): Promise<number | undefined> => {
    const counts = await fanout();
    if (counts === undefined) return undefined;
    const first = Number.parseInt(name.slice(0, 2), 16);
    const [from, to, all] = [
      first === 0 ? 0 : counts.readUInt32BE((first - 1) * 4),
      counts.readUInt32BE(first * 4),
      counts.readUInt32BE(255 * 4),
    ];
    if (from > to || to > all || to - from > MOST_NAMES) return undefined;
    const width = nameBytes(name);
    const names = Buffer.from(await index(HEADER + FANOUT + from * width, (to - from) * width));
    const place = find(names, Buffer.from(name, "hex"));
    if (place === undefined) return undefined;
    const offsets = HEADER + FANOUT + all * (width + 4);
    const short = Buffer.from(await index(offsets + (from + place) * 4, 4));
    if (short.length < 4) return undefined;
    const offset = short.readUInt32BE(0);
    if (offset < 0x80000000) return offset;
    const long = Buffer.from(await index(offsets + all * 4 + (offset - 0x80000000) * 8, 8));
    return long.length < 8 ? undefined : Number(long.readBigUInt64BE(0));
  };

  const objectAt = async (offset: number, width: number, depth = 0): Promise<GitObject | undefined> => {
    const head = await data(offset, 64);
    let at = 0;
    let byte = head[at++] ?? 0;
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let shift = 4; (byte & 0x80) !== 0 && at < 12; shift += 7) {
      byte = head[at++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
    }
    if (size > MOST_OBJECT || depth > DEEPEST) return undefined;
    const plain = types[type];
    if (plain !== undefined) {
      const bytes = await unpacked(offset + at, size);
      return bytes && { type: plain, bytes };
    }
    const base = await baseOf(type, head, at, offset, width, depth);
    if (base === undefined) return undefined;
    const delta = await unpacked(offset + base.at, size);
    const bytes = delta && applied(base.object.bytes, delta);
    return bytes && { type: base.object.type, bytes };
  };

  /** What a delta is made from: an object before it in the pack, or one by its name. */
  const baseOf = async (
    type: number,
    head: Uint8Array,
    from: number,
    offset: number,
    width: number,
    depth: number,
  ) => {
    let at = from;
    let place: number | undefined;
    if (type === 6) {
      let byte = head[at++] ?? 0;
      let distance = byte & 0x7f;
      while ((byte & 0x80) !== 0 && at < 32) {
        byte = head[at++] ?? 0;
        distance = (distance + 1) * 128 + (byte & 0x7f);
      }
      place = distance > 0 && distance < offset ? offset - distance : undefined;
    } else if (type === 7) {
      place = await offsetOf(Buffer.from(head.subarray(at, at + width)).toString("hex"));
      at += width;
    }
    const object = place === undefined ? undefined : await objectAt(place, width, depth + 1);
    return object && { at, object };
  };

  /** How long packed data is stands nowhere: more is read until it ends. */
  const unpacked = async (offset: number, size: number): Promise<Uint8Array | undefined> => {
    for (let length = size + 256; length < 2 * MOST_OBJECT; length *= 2) {
      const bytes = await data(offset, length);
      const found = inflated(bytes, Math.max(size, 1));
      if (found?.length === size) return found;
      if (bytes.length < length) return undefined;
    }
    return undefined;
  };
  return { offsetOf, objectAt };
}

const types: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };

/** The place of a name among sorted ones. */
function find(names: Buffer, name: Buffer): number | undefined {
  const width = name.length;
  let [low, high] = [0, Math.floor(names.length / width)];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = names.compare(name, 0, width, middle * width, (middle + 1) * width);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

/** What a delta makes of its base (git's gitformat-pack(5), "Deltified representation"). */
function applied(base: Uint8Array, delta: Uint8Array): Uint8Array | undefined {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 42; shift += 7) {
      const byte = delta[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) break;
    }
    return value;
  };
  if (number() !== base.length) return undefined;
  const size = number();
  if (size > MOST_OBJECT) return undefined;
  const out = new Uint8Array(size);
  let done = 0;
  const field = (command: number, first: number, bytes: number): number => {
    let value = 0;
    for (let index = 0; index < bytes; index++) {
      if ((command & (first << index)) !== 0) value += (delta[at++] ?? 0) * 2 ** (8 * index);
    }
    return value;
  };
  while (at < delta.length) {
    const command = delta[at++] ?? 0;
    let part: Uint8Array;
    if ((command & 0x80) === 0) {
      part = delta.subarray(at, at + command);
      if (command === 0 || part.length < command) return undefined;
      at += command;
    } else {
      const offset = field(command, 1, 4);
      const length = field(command, 0x10, 3) || 0x10000;
      part = base.subarray(offset, offset + length);
      if (part.length < length) return undefined;
    }
    if (done + part.length > size) return undefined;
    out.set(part, done);
    done += part.length;
  }
  return done === size ? out : undefined;
}
