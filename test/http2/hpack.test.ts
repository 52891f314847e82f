import { describe, expect, test } from "vitest";
import { createHpackDecoder, encodeHeaders } from "../../src/http2/hpack.ts";

describe("HPACK", () => {
  test("reads its own request headers back, at every length around the integer prefix", () => {
    for (const length of [0, 1, 126, 127, 128, 254, 255, 16_511, 70_000]) {
      const headers = [
        [":path", "x".repeat(length)],
        ["te", "trailers"],
      ] as const;
      expect(createHpackDecoder().decode(encodeHeaders(headers))).toEqual(headers);
    }
  });

  test.each([
    ["an index that does not exist", [0xff, 0x00]],
    ["index zero", [0x80]],
    ["a string longer than its block", [0x00, 0x05, 0x61]],
    ["a block that ends in a field", [0x00, 0x01]],
    ["an endless integer", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a table larger than was agreed", [0x3f, 0xff, 0x7f]],
    ["Huffman padding of zeros", [0x00, 0x81, 0x00, 0x00]],
    ["the end-of-string symbol", [0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]],
  ])("refuses %s", (_, bytes) => {
    expect(() => createHpackDecoder().decode(Uint8Array.from(bytes))).toThrow(/HPACK/);
  });
});
