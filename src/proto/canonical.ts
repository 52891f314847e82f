// The one encoding of a message whose bytes are hashed: exactly what Go's
// proto.MarshalOptions{Deterministic: true} writes (moby/buildkit:client/llb/marshal.go).
//
//   - fields in number order, but members of a oneof after all others;
//   - zero scalars left out, except inside a oneof; present messages written even when empty;
//   - map entries sorted by the UTF-8 bytes of the key, each with key and value;
//   - repeated numbers packed; negative numbers in ten bytes; strings must be well-formed.
//
// Values are written from the last byte to the first, so that every length is known when its
// prefix is written: one pass, no second measuring walk.
import type { pb } from "./generated/index.js";
import { hashedSchema, type FieldSchema } from "./generated/schema.js";
import {
  type Writer,
  writeBool,
  writeBytes,
  writeString,
  writeVarint32,
  writeVarint64,
} from "./backward-writer.ts";
import { isLong, toBigInt } from "./int64.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** The messages that are encoded canonically; any of BuildKit's could be added. */
export interface CanonicalMessages {
  readonly "pb.Op": pb.Op.$Properties;
  readonly "pb.Definition": pb.Definition.$Properties;
  readonly "pb.OpMetadata": pb.OpMetadata.$Properties;
  readonly "pb.Source": pb.Source.$Properties;
  readonly "pb.Platform": pb.Platform.$Properties;
}

/** A protobufjs shape made immutable, with bigint for 64-bit fields and Map for maps. */
export type Encodable<T> = T extends Uint8Array | string | boolean | undefined | null
  ? T
  : T extends number
    ? number | bigint
    : T extends { toUnsigned(): unknown }
      ? T
      : T extends readonly (infer E)[]
        ? readonly Encodable<E>[]
        : T extends object
          ? string extends keyof T
            ? ReadonlyMap<string, Encodable<T[string]>> | { readonly [key: string]: Encodable<T[string]> }
            : { readonly [K in keyof T]?: Encodable<T[K]> | undefined }
          : T;

/**
 * Encodes a message as Go's deterministic marshaller does.
 *
 * @throws RangeError for a number outside its field's type, a number that is no safe integer or a
 *   string with a lone surrogate; the message starts with the field's full name.
 * @throws TypeError for a value of another kind than the field's, or a oneof with two members.
 */
export function encodeCanonical<N extends keyof CanonicalMessages>(
  name: N,
  message: Encodable<CanonicalMessages[N]>,
): Uint8Array<ArrayBuffer> {
  const writer: Writer = { bytes: spare ?? new Uint8Array(4096), at: 0 };
  // Taken while in use, so that a getter of the message that encodes too gets its own buffer.
  spare = undefined;
  writer.at = writer.bytes.length;
  messageEncoder(name)(writer, message);
  const result = keep(writer.bytes.subarray(writer.at));
  if (writer.bytes.length <= 1 << 20) spare = writer.bytes;
  return result;
}

/**
 * Copies a result out of the buffer it was written to. Small ones share slabs, as Node's Buffers
 * do: a graph has many thousand ops, and an ArrayBuffer for each costs more than its encoding.
 */
function keep(written: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = written;
  if (length > SLAB_SIZE >> 4) return new Uint8Array(written);
  if (slab === undefined || slabUsed + length > SLAB_SIZE) {
    slab = new Uint8Array(SLAB_SIZE);
    slabUsed = 0;
  }
  const copy = slab.subarray(slabUsed, slabUsed + length);
  copy.set(written);
  slabUsed += length;
  return copy;
}

const SLAB_SIZE = 1 << 16;
let slab: Uint8Array<ArrayBuffer> | undefined;
let slabUsed = 0;

type Write = (writer: Writer, value: unknown) => void;

let spare: Uint8Array<ArrayBuffer> | undefined;
const encoders = new Map<string, Write>();

function messageEncoder(name: string): Write {
  const known = encoders.get(name);
  if (known !== undefined) return known;
  const fields = hashedSchema[name];
  if (fields === undefined) throw new TypeError(`no message is called ${name}`);
  let compiled: readonly CompiledField[] | undefined;
  const encoder: Write = (writer, value) => {
    // Compiled at the first use: messages refer to each other in circles.
    compiled ??= compileFields(name, fields);
    if (typeof value !== "object" || value === null) {
      throw new TypeError(`${name}: not a message: ${String(value)}`);
    }
    const message = value as Readonly<Record<string, unknown>>;
    let oneof: CompiledField | undefined;
    for (let i = compiled.length - 1; i >= 0; i--) {
      const field = compiled[i] as CompiledField;
      const fieldValue = message[field.name];
      if (fieldValue === undefined || fieldValue === null) continue;
      if (field.oneof !== undefined) {
        if (oneof?.oneof === field.oneof) {
          throw new TypeError(
            `${name}: both ${field.name} and ${oneof.name} of the oneof ${field.oneof} are set`,
          );
        }
        oneof = field;
      }
      field.write(writer, fieldValue);
    }
  };
  encoders.set(name, encoder);
  return encoder;
}

interface CompiledField {
  readonly name: string;
  readonly oneof: string | undefined;
  readonly write: Write;
}

function compileFields(message: string, fields: readonly FieldSchema[]): readonly CompiledField[] {
  const outside = fields.filter((f) => f.oneof === undefined).toSorted((a, b) => a.number - b.number);
  const inside = fields.filter((f) => f.oneof !== undefined);
  return [...outside, ...inside].map((field) => ({
    name: field.name,
    oneof: field.oneof,
    write: fieldWriter(`${message}.${field.name}`, field),
  }));
}

function fieldWriter(where: string, field: FieldSchema): Write {
  if (field.keyType !== undefined) return mapWriter(where, field);
  const { write, wire, isZero } = valueWriter(where, field.type);
  const tag = (field.number << 3) | wire;
  if (field.repeated !== true) {
    const keepZero = field.oneof !== undefined || isZero === undefined;
    return (writer, value) => {
      if (!keepZero && isZero(value)) return;
      write(writer, value);
      writeVarint32(writer, tag);
    };
  }
  const packedTag = (field.number << 3) | LENGTH;
  return (writer, value) => {
    if (!Array.isArray(value)) throw new TypeError(`${where}: not a list: ${String(value)}`);
    const end = writer.bytes.length - writer.at;
    for (let i = value.length - 1; i >= 0; i--) {
      write(writer, value[i]);
      if (wire === LENGTH) writeVarint32(writer, tag);
    }
    if (wire === LENGTH || value.length === 0) return;
    writeVarint32(writer, writer.bytes.length - writer.at - end);
    writeVarint32(writer, packedTag);
  };
}

function mapWriter(where: string, field: FieldSchema): Write {
  const key = valueWriter(`${where} key`, field.keyType ?? "string");
  const value = valueWriter(where, field.type);
  const tag = (field.number << 3) | LENGTH;
  const keyTag = (1 << 3) | key.wire;
  const valueTag = (2 << 3) | value.wire;
  return (writer, map) => {
    if (typeof map !== "object" || map === null) throw new TypeError(`${where}: not a map: ${String(map)}`);
    const entries: [string, unknown][] =
      map instanceof Map ? [...(map as ReadonlyMap<string, unknown>)] : Object.entries(map);
    if (entries.length > 1) entries.sort((a, b) => compareUtf8(a[0], b[0]));
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i] as [string, unknown];
      const end = writer.bytes.length - writer.at;
      value.write(writer, entry[1]);
      writeVarint32(writer, valueTag);
      key.write(writer, entry[0]);
      writeVarint32(writer, keyTag);
      writeVarint32(writer, writer.bytes.length - writer.at - end);
      writeVarint32(writer, tag);
    }
  };
}

const VARINT = 0;
const LENGTH = 2;

interface ValueWriter {
  readonly wire: number;
  /** Missing for messages, which are written even when empty. */
  readonly isZero?: ((value: unknown) => boolean) | undefined;
  readonly write: Write;
}

function valueWriter(where: string, type: string): ValueWriter {
  switch (type) {
    case "string":
      return { wire: LENGTH, isZero: (v) => v === "", write: (w, v) => writeString(w, v, where) };
    case "bytes":
      return {
        wire: LENGTH,
        isZero: (v) => v instanceof Uint8Array && v.length === 0,
        write: (w, v) => writeBytes(w, v, where),
      };
    case "bool":
      return { wire: VARINT, isZero: (v) => v === false, write: (w, v) => writeBool(w, v, where) };
    case "int32":
    case "enum":
      return integerWriter(where, -(2n ** 31n), 2n ** 31n - 1n);
    case "uint32":
      return integerWriter(where, 0n, 2n ** 32n - 1n);
    case "int64":
      return integerWriter(where, -(2n ** 63n), 2n ** 63n - 1n);
    case "uint64":
      return integerWriter(where, 0n, 2n ** 64n - 1n);
    default: {
      const encode = messageEncoder(type);
      return {
        wire: LENGTH,
        write: (writer, value) => {
          const end = writer.bytes.length - writer.at;
          encode(writer, value);
          writeVarint32(writer, writer.bytes.length - writer.at - end);
        },
      };
    }
  }
}

function integerWriter(where: string, least: bigint, most: bigint): ValueWriter {
  const low = Number(least);
  const high = Number(most);
  return {
    wire: VARINT,
    isZero: (value) => value === 0 || value === 0n || (isLong(value) && value.low === 0 && value.high === 0),
    write: (writer, value) => {
      if (typeof value === "number") {
        if (!Number.isSafeInteger(value)) {
          throw new RangeError(`${where}: ${value} is not a safe integer; use a bigint beyond 2^53`);
        }
        if (value < low || value > high) {
          throw new RangeError(`${where}: ${value} is not in ${least}…${most}`);
        }
        if (value >= 0 && value < 0x80000000) writeVarint32(writer, value);
        else writeVarint64(writer, BigInt(value));
        return;
      }
      if (typeof value !== "bigint" && !isLong(value)) {
        throw new TypeError(`${where}: not a whole number: ${String(value)}`);
      }
      const big = typeof value === "bigint" ? value : toBigInt(value);
      if (big < least || big > most) throw new RangeError(`${where}: ${big} is not in ${least}…${most}`);
      writeVarint64(writer, big);
    },
  };
}
