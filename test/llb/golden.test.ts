// Every hand-picked graph has the digests that Go's client/llb gave it; Go is not needed here.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/llb/index.ts";
import { allCases } from "../oracle/cases.ts";
import { goldenFolder, type GoldenCase } from "../oracle/golden.ts";
import { interpret } from "../oracle/interpret.ts";

const files = readdirSync(goldenFolder).toSorted();

describe.each(files)("%s", (file) => {
  const cases = JSON.parse(readFileSync(join(goldenFolder, file), "utf8")) as readonly GoldenCase[];

  test.each(cases.map((entry) => [entry.name, entry] as const))(
    "%s",
    (_name, { graph, digests, definition }) => {
      const own = interpret(graph);
      expect(own.def.map(sha256)).toEqual(digests);
      expect(sha256(own.toBytes())).toBe(definition);
    },
  );

  test("is made of the cases that stand in cases.ts", () => {
    const described = allCases[file.replace(".json", "")] ?? {};
    const graphs = Object.fromEntries(cases.map(({ name, graph }) => [name, graph]));
    expect(graphs).toEqual(JSON.parse(JSON.stringify(described)));
  });
});
