// The canonical encoding against the rules of Go's deterministic marshaller, and against two readers.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareUtf8, encodeCanonical, pb, toBigInt, toNumber } from "../../src/proto/index.ts";
import { decodeWithGoogle } from "../support/google-decoder.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const op = (message: Parameters<typeof encodeCanonical<"pb.Op">>[1]): string =>
  hex(encodeCanonical("pb.Op", message));

describe("the rules", () => {
  test("D1: members of a oneof come last", () => {
    expect(op({ merge: {}, constraints: {}, platform: {} })).toBe("52005a003200");
  });
  test("D2: zero scalars are left out", () => {
    expect(op({ inputs: [{ digest: "", index: 0 }] })).toBe("0a00");
    expect(op({ inputs: [{ digest: "", index: 0n }] })).toBe("0a00");
    expect(op({ file: { actions: [{ mkfile: { data: new Uint8Array() } }] } })).toBe("220412022a00");
  });
  test("D3: a zero inside a oneof is written", () => {
    expect(op({ file: { actions: [{ mkdir: { owner: { user: { byID: 0 } } } }] } })).toBe(
      "220a120832062204" + "0a021000",
    );
  });
  test("D4: present messages are written even when empty", () => {
    expect(op({ diff: { lower: {}, upper: {} } })).toBe("3a040a001200");
  });
  test("D5: repeated numbers are packed, an empty list is nothing", () => {
    expect(op({ passthrough: { id: "a", outputs: [0, 1, 300] } })).toBe("42090a01611204" + "0001ac02");
    expect(op({ passthrough: { id: "a", outputs: [] } })).toBe("42030a0161");
  });
  test("D6: -1 takes ten bytes", () => {
    expect(op({ inputs: [{ index: -1 }] })).toBe("0a0b10ffffffffffffffffff01");
    expect(op({ file: { actions: [{ copy: { mode: -1 } }] } })).toBe("220f120d220b20ffffffffffffffffff01");
  });
  test("D7: map keys are sorted by their UTF-8 bytes, both halves always written", () => {
    const attrs = { "\u{10000}": "", "\uFFFD": "b", "10": "c", "9": "", "": "d" };
    const reading = decodeWithGoogle("pb.Op", encodeCanonical("pb.Op", { source: { attrs } }));
    expect(reading).toEqual({
      source: {
        attrs: [
          ["", "d"],
          ["10", "c"],
          ["9", ""],
          ["\uFFFD", "b"],
          ["\u{10000}", ""],
        ],
      },
    });
  });
  test("a Map and an object give the same bytes", () => {
    const attrs = { b: "1", a: "2" };
    expect(op({ source: { attrs: new Map(Object.entries(attrs)) } })).toBe(op({ source: { attrs } }));
  });
});

describe("what cannot be encoded is refused", () => {
  test.each([
    ["a lone surrogate", { source: { identifier: "x\ud800" } }, "pb.SourceOp.identifier: a lone surrogate"],
    [
      "a lone surrogate in a key",
      { source: { attrs: { "\udc00": "" } } },
      "pb.SourceOp.attrs key: a lone surrogate",
    ],
    ["a fraction", { inputs: [{ index: 0.5 }] }, "pb.Input.index: 0.5 is not a safe integer"],
    [
      "a number beyond 2^53",
      { inputs: [{ index: 2 ** 53 }] },
      "pb.Input.index: 9007199254740992 is not a safe integer",
    ],
    [
      "a bigint beyond int64",
      { inputs: [{ index: 2n ** 63n }] },
      "pb.Input.index: 9223372036854775808 is not in",
    ],
    [
      "a number beyond int32",
      { exec: { meta: { validExitCodes: [2 ** 31] } } },
      "pb.Meta.validExitCodes: 2147483648 is not in",
    ],
    [
      "a negative uint32",
      { exec: { mounts: [{ secretOpt: { uid: -1 } }] } },
      "pb.SecretOpt.uid: -1 is not in",
    ],
    ["two members of a oneof", { merge: {}, diff: {} }, "pb.Op: both merge and diff of the oneof op are set"],
  ] as const)("%s", (_name, message, error) => {
    expect(() => encodeCanonical("pb.Op", message)).toThrow(error);
  });
  test("values of another kind", () => {
    const wrong = { exec: { meta: { args: "sh" } } } as unknown as { exec: undefined };
    expect(() => encodeCanonical("pb.Op", wrong)).toThrow("pb.Meta.args: not a list: sh");
  });
});

describe("properties", () => {
  test("every int64 is read back by both readers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (index) => {
        const bytes = encodeCanonical("pb.Op", { inputs: [{ index }] });
        expect(toBigInt(pb.Op.decode(bytes).inputs?.[0]?.index)).toBe(index);
        const [input] = decodeWithGoogle("pb.Op", bytes)["inputs"] as { index?: string }[];
        expect(input?.index ?? "0").toBe(String(index));
      }),
    );
  });
  test("a number and a bigint give the same bytes", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (index) => {
        expect(op({ inputs: [{ index }] })).toBe(op({ inputs: [{ index: BigInt(index) }] }));
      }),
    );
  });
  test("every string of any length is read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (identifier) => {
        fc.pre(identifier.isWellFormed());
        const bytes = encodeCanonical("pb.Op", { source: { identifier } });
        expect(pb.Op.decode(bytes).source?.identifier ?? "").toBe(identifier);
      }),
    );
  });
  test("strings compare as their UTF-8 bytes do", () => {
    const text = fc.string({ unit: "binary" }).filter((s) => s.isWellFormed());
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
  test("large messages outgrow the first buffer", () => {
    const data = new Uint8Array(3_000_000).fill(7);
    const def = [data, Uint8Array.of(1)];
    expect(pb.Definition.decode(encodeCanonical("pb.Definition", { def })).def?.map((d) => d.length)).toEqual(
      [3_000_000, 1],
    );
  });
});

test("numbers that do not fit are not rounded", () => {
  const decoded = pb.Op.decode(encodeCanonical("pb.Op", { inputs: [{ index: 2n ** 53n + 1n }] })).inputs?.[0]
    ?.index;
  expect(() => toNumber(decoded)).toThrow("use toBigInt");
  expect(toBigInt(decoded)).toBe(9007199254740993n);
  expect(toNumber(undefined)).toBe(0);
});
