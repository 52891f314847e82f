// A second opinion on everything we encode: google-protobuf's reader, driven by the committed
// descriptor set, knows nothing of protobufjs or of our schema.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// CommonJS packages without declarations of what is used here.
const require = createRequire(import.meta.url);
const { BinaryReader } = require("google-protobuf") as { BinaryReader: new (bytes: Uint8Array) => Reader };
const { FileDescriptorSet } = require("google-protobuf/google/protobuf/descriptor_pb.js") as {
  FileDescriptorSet: { deserializeBinary(bytes: Uint8Array): { toObject(): DescriptorSet } };
};

interface Reader {
  nextField(): boolean;
  getFieldNumber(): number;
  readBool(): boolean;
  readString(): string;
  readStringRequireUtf8(): string;
  readBytes(): Uint8Array;
  readInt64String(): string;
  readUint64String(): string;
  readInt32(): number;
  readUint32(): number;
  readEnum(): number;
  readPackableInt32Into(into: number[]): void;
  readPackableUint32Into(into: number[]): void;
  readPackableInt64StringInto(into: string[]): void;
}

interface DescriptorSet {
  readonly fileList: readonly {
    readonly pb_package: string;
    readonly messageTypeList: readonly MessageDescriptor[];
  }[];
}
interface MessageDescriptor {
  readonly name: string;
  readonly fieldList: readonly FieldDescriptor[];
  readonly nestedTypeList: readonly MessageDescriptor[];
  readonly options?: { readonly mapEntry?: boolean };
}
interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: number;
  readonly type: number;
  /** Of messages and enums, with a dot in front. */
  readonly typeName?: string;
}

/** A decoded message: 64-bit numbers as decimal text, maps as lists of pairs, unset fields left out. */
export interface Decoded {
  readonly [field: string]: unknown;
}

const typeName = (field: FieldDescriptor): string => (field.typeName ?? ".").slice(1);

const repeated = 3;
const type = {
  int64: 3,
  uint64: 4,
  int32: 5,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
} as const;

const messages = new Map<string, MessageDescriptor>();

function index(prefix: string, list: readonly MessageDescriptor[]): void {
  for (const message of list) {
    const name = `${prefix}.${message.name}`;
    messages.set(name, message);
    index(name, message.nestedTypeList);
  }
}

const set = readFileSync(new URL("../golden/descriptors.binpb", import.meta.url));
for (const file of FileDescriptorSet.deserializeBinary(set).toObject().fileList) {
  index(file.pb_package, file.messageTypeList);
}

/**
 * Decodes a message of a full name such as `pb.Op`.
 *
 * @throws Error for fields the descriptor does not have, and for strings that are not UTF-8.
 */
export function decodeWithGoogle(name: string, bytes: Uint8Array): Decoded {
  const message = messages.get(name);
  if (message === undefined) throw new Error(`no message ${name}`);
  const reader = new BinaryReader(bytes);
  const out: Record<string, unknown> = {};
  while (reader.nextField()) {
    const field = message.fieldList.find(({ number }) => number === reader.getFieldNumber());
    if (field === undefined) throw new Error(`${name} has no field ${reader.getFieldNumber()}`);
    readField(reader, field, out);
  }
  return out;
}

function readField(reader: Reader, field: FieldDescriptor, out: Record<string, unknown>): void {
  if (field.label !== repeated) {
    if (field.name in out) throw new Error(`${field.name} is there twice`);
    out[field.name] = readValue(reader, field);
    return;
  }
  const list = (out[field.name] ??= []) as unknown[];
  switch (field.type) {
    case type.int32:
    case type.enum:
      reader.readPackableInt32Into(list as number[]);
      return;
    case type.uint32:
      reader.readPackableUint32Into(list as number[]);
      return;
    case type.int64:
      reader.readPackableInt64StringInto(list as string[]);
      return;
    default:
      list.push(readValue(reader, field));
  }
}

function readValue(reader: Reader, field: FieldDescriptor): unknown {
  switch (field.type) {
    case type.string:
      return reader.readStringRequireUtf8();
    case type.bytes:
      return Buffer.from(reader.readBytes()).toString("hex");
    case type.bool:
      return reader.readBool();
    case type.int32:
      return reader.readInt32();
    case type.uint32:
      return reader.readUint32();
    case type.enum:
      return reader.readEnum();
    case type.int64:
      return reader.readInt64String();
    case type.uint64:
      return reader.readUint64String();
    case type.message: {
      const name = typeName(field);
      const value = decodeWithGoogle(name, reader.readBytes());
      // Both sides of a map entry are always written.
      return messages.get(name)?.options?.mapEntry === true ? [value["key"], value["value"]] : value;
    }
    default:
      throw new Error(`${field.name} is of a type that BuildKit does not use`);
  }
}

/** The same with the entries of all maps sorted, for bytes that are not canonical. */
export function withSortedMaps(name: string, decoded: Decoded): Decoded {
  const fields = messages.get(name)?.fieldList ?? [];
  return Object.fromEntries(
    Object.entries(decoded).map(([key, value]) => {
      const field = fields.find((f) => f.name === key);
      return [key, field?.type === type.message ? sortedMaps(typeName(field), value) : value];
    }),
  );
}

function sortedMaps(name: string, value: unknown): unknown {
  const entry = messages.get(name);
  if (entry?.options?.mapEntry !== true) {
    return Array.isArray(value)
      ? value.map((item) => withSortedMaps(name, item as Decoded))
      : withSortedMaps(name, value as Decoded);
  }
  const inner = entry.fieldList.find(({ number }) => number === 2);
  const pairs = (value as [string, unknown][]).map(([key, item]): [string, unknown] =>
    inner?.type === type.message ? [key, withSortedMaps(typeName(inner), item as Decoded)] : [key, item],
  );
  return pairs.toSorted(byKey);
}

const byKey = (a: readonly unknown[], b: readonly unknown[]): number =>
  Buffer.compare(Buffer.from(String(a[0])), Buffer.from(String(b[0])));

/** The same shape made of what protobufjs decoded, by walking the same descriptors. */
export function likeGoogle(name: string, message: object): Decoded {
  const out: Record<string, unknown> = {};
  for (const field of messages.get(name)?.fieldList ?? []) {
    if (!Object.hasOwn(message, field.name)) continue;
    const value: unknown = Reflect.get(message, field.name);
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    const entry = messages.get(typeName(field));
    if (entry?.options?.mapEntry === true) {
      const valueField = entry.fieldList.find(({ number }) => number === 2);
      if (valueField === undefined) throw new Error("a map entry without value");
      const pairs = Object.entries(value).map(([key, v]) => [key, single(valueField, v)]);
      if (pairs.length > 0) {
        out[field.name] = pairs.toSorted(byKey);
      }
    } else {
      out[field.name] = Array.isArray(value)
        ? value.map((item) => single(field, item))
        : single(field, value);
    }
  }
  return out;
}

function single(field: FieldDescriptor, value: unknown): unknown {
  switch (field.type) {
    case type.bytes:
      return Buffer.from(value as Uint8Array).toString("hex");
    case type.int64:
    case type.uint64:
      return String(value);
    case type.message:
      return likeGoogle(typeName(field), value as object);
    default:
      return value;
  }
}
