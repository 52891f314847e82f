import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createHpackDecoder } from "../../src/http2/hpack.ts";
import { harnessBinary } from "../support/gateway-harness.ts";

describe("HPACK", () => {
  // golang.org/x/net's encoder is the one that buildkitd answers with.
  test.each([1, 2, 3])("decodes what Go's encoder writes, seed %i", (seed) => {
    const lines = execFileSync(harnessBinary(), ["-hpack", "400", "-seed", String(seed)], {
      encoding: "utf8",
      maxBuffer: 64 << 20,
    })
      .trim()
      .split("\n");
    expect(lines).toHaveLength(400);
    const decoder = createHpackDecoder();
    for (const line of lines) {
      const { block, fields } = JSON.parse(line) as { block: string; fields: [string, string][] };
      expect(decoder.decode(Buffer.from(block, "base64"))).toEqual(
        fields.map(([name, value]) => [name, Buffer.from(value, "base64").toString("latin1")]),
      );
    }
  });
});
