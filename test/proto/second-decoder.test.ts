// Every message of the gateway and of LLB, filled at random: what protobufjs writes is what
// google-protobuf reads, and what protobufjs reads again.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as generated from "../../src/proto/generated/index.js";
import { schema, type FieldSchema } from "../../src/proto/generated/schema.js";
import { decodeWithGoogle, likeGoogle, withSortedMaps } from "../support/google-decoder.ts";

interface Codec {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
}

const codec = (name: string): Codec =>
  name.split(".").reduce<unknown>((at, part) => Reflect.get(at as object, part), generated) as Codec;

const text = fc.string({ unit: "grapheme", maxLength: 12 });

function scalar(type: string): fc.Arbitrary<unknown> {
  switch (type) {
    case "string":
      return text;
    case "bytes":
      return fc.uint8Array({ maxLength: 12 });
    case "bool":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "enum":
      return fc.integer({ min: 0, max: 2 });
    case "uint32":
      return fc.nat(0xffffffff);
    case "int64":
      return fc.maxSafeInteger();
    case "uint64":
      return fc.maxSafeNat();
    default:
      throw new Error(`no scalar is called ${type}`);
  }
}

/** Messages in messages, three deep; deeper ones are empty. */
function message(name: string, depth: number): fc.Arbitrary<object> {
  const fields = schema[name] ?? [];
  if (depth === 0 || fields.length === 0) return fc.constant({});
  const value = ({ type }: FieldSchema): fc.Arbitrary<unknown> =>
    type in schema ? message(type, depth - 1) : scalar(type);
  const field = (f: FieldSchema): fc.Arbitrary<unknown> =>
    f.keyType !== undefined
      ? fc.dictionary(
          text.filter((key) => key !== "__proto__"),
          value(f),
          { maxKeys: 3 },
        )
      : f.repeated === true
        ? fc.array(value(f), { maxLength: 3 })
        : value(f);
  const plain = fields.filter(({ oneof }) => oneof === undefined);
  const members = fields.filter(({ oneof }) => oneof !== undefined);
  const outside = fc.record(Object.fromEntries(plain.map((f) => [f.name, field(f)])), { requiredKeys: [] });
  if (members.length === 0) return outside;
  // One member at most: that is what a oneof is.
  const inside = fc.oneof(fc.constant({}), ...members.map((f) => field(f).map((v) => ({ [f.name]: v }))));
  return fc.tuple(outside, inside).map(([a, b]) => ({ ...a, ...b }));
}

describe("both readers agree on what protobufjs writes", () => {
  test.each(Object.keys(schema))("%s", (name) => {
    const type = codec(name);
    fc.assert(
      fc.property(message(name, 3), (value) => {
        const bytes = type.encode(value).finish();
        expect(withSortedMaps(name, decodeWithGoogle(name, bytes))).toEqual(
          likeGoogle(name, type.decode(bytes)),
        );
        // Nothing was lost on the way.
        expect(type.encode(type.decode(bytes)).finish()).toHaveLength(bytes.length);
      }),
      { numRuns: 20 },
    );
  });
});
