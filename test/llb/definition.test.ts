// Definitions over the wire and back, and as parts of new graphs.
import { describe, expect, test } from "vitest";
import {
  Definition,
  definitionFromBytes,
  definitionFromPB,
  linuxAmd64,
  newDefinitionOp,
  sha256,
} from "../../src/llb/index.ts";
import { encodeCanonical, pb } from "../../src/proto/index.ts";
import { allCases } from "../oracle/cases.ts";
import { interpret } from "../oracle/interpret.ts";

const golden = Object.entries(Object.assign({}, ...Object.values(allCases)) as (typeof allCases)[string]).map(
  ([name, graph]) => [name, interpret(graph)] as const,
);

describe("every golden definition", () => {
  test.each(golden)("%s", (_name, definition) => {
    const bytes = definition.toBytes();
    expect(definitionFromBytes(bytes).toBytes()).toEqual(bytes);
    expect(definitionFromPB(definition.toPB()).toBytes()).toEqual(bytes);
    // What protobufjs writes for a SolveRequest says the same.
    expect(definitionFromBytes(pb.Definition.encode(definition.toPB()).finish()).toBytes()).toEqual(bytes);
    // Imported and marshalled again nothing changes but, as in Go, the order of some sources.
    const again = newDefinitionOp(definitionFromBytes(bytes)).marshal(linuxAmd64);
    expect(new Set(again.def.map(sha256))).toEqual(new Set(definition.def.map(sha256)));
    expect(again.head).toBe(definition.head);
  });
});

describe("definitions that are broken", () => {
  const metadata = {
    ignoreCache: false,
    description: new Map(),
    exportCache: undefined,
    caps: new Set<string>(),
    progressGroup: undefined,
    linuxResources: undefined,
  };
  const source = encodeCanonical("pb.Op", { source: { identifier: "x://y" } });
  const terminal = (digest: string, index = 0): Uint8Array =>
    encodeCanonical("pb.Op", { inputs: [{ digest, index }] });
  const make = (...def: readonly Uint8Array[]): Definition =>
    new Definition(def, new Map(def.map((bytes) => [sha256(bytes), metadata])), undefined);

  test.each<readonly [string, Definition, string]>([
    ["bytes that are no op", make(Uint8Array.of(0xff)), "entry 0 is not an op"],
    ["no terminal op", make(source), "the last op has no input"],
    ["an unknown input", make(source, terminal(`sha256:${"00".repeat(32)}`)), "no op has the digest"],
    ["a negative index", make(source, terminal(sha256(source), -1)), "has the negative index -1"],
    [
      "no metadata",
      new Definition([source, terminal(sha256(source))], new Map(), undefined),
      "has no metadata entry",
    ],
    [
      "a location without file",
      new Definition([source, terminal(sha256(source))], new Map([[sha256(source), metadata]]), {
        infos: [],
        locations: new Map([[sha256(source), [{ sourceIndex: 1, ranges: [] }]]]),
      }),
      "the source map has no file number 1",
    ],
  ])("%s", (_name, definition, message) => {
    expect(() => newDefinitionOp(definition)).toThrow(message);
  });

  test("an input of an inner op that is unknown", () => {
    const inner = encodeCanonical("pb.Op", { inputs: [{ digest: "sha256:none", index: 0 }], merge: {} });
    expect(() => newDefinitionOp(make(inner, terminal(sha256(inner)))).marshal()).toThrow(
      'no op has the digest "sha256:none"',
    );
  });

  test("bytes that are no definition", () => {
    expect(() => definitionFromBytes(Uint8Array.of(0x0a, 0xff))).toThrow(
      "definition: the bytes are no definition",
    );
  });
});

test("an empty definition is scratch", () => {
  expect(newDefinitionOp(definitionFromBytes(new Uint8Array())).output).toBeUndefined();
});
