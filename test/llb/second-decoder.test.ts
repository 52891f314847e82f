// Everything encoded is read by google-protobuf too, and both readers agree.
import { describe, expect, test } from "vitest";
import { pb } from "../../src/proto/index.ts";
import { allCases } from "../oracle/cases.ts";
import { generateGraph } from "../oracle/generate.ts";
import type { Graph } from "../oracle/graph.ts";
import { interpret } from "../oracle/interpret.ts";
import { decodeWithGoogle, likeGoogle } from "../support/google-decoder.ts";

/** How many messages were compared. */
function compare(graph: Graph): number {
  const definition = interpret(graph);
  for (const bytes of definition.def) {
    expect(decodeWithGoogle("pb.Op", bytes)).toEqual(likeGoogle("pb.Op", pb.Op.decode(bytes)));
  }
  const bytes = definition.toBytes();
  expect(decodeWithGoogle("pb.Definition", bytes)).toEqual(
    likeGoogle("pb.Definition", pb.Definition.decode(bytes)),
  );
  return definition.def.length + 1;
}

describe("google-protobuf agrees with protobufjs", () => {
  test.each(Object.entries(allCases))("on the golden graphs: %s", (_kind, cases) => {
    let messages = 0;
    for (const graph of Object.values(cases)) messages += compare(graph);
    expect(messages).toBeGreaterThan(Object.keys(cases).length);
  });

  test("on random graphs", () => {
    let messages = 0;
    for (let seed = 1; seed <= 300; seed++) messages += compare(generateGraph(seed, 60));
    expect(messages).toBeGreaterThan(1000);
  });
});

test("the second decoder sees what it should refuse", () => {
  expect(() => decodeWithGoogle("pb.Input", Uint8Array.of(0x7a, 0x00))).toThrow("no field 15");
  expect(() => decodeWithGoogle("pb.Input", Uint8Array.of(0x0a, 0x01, 0xff))).toThrow(/UTF-?8/i);
});
