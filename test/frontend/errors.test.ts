// How what went wrong reaches the client: one sentence, the places in the description, nothing that drives a terminal.
import { describe, expect, test } from "vitest";
import { toGatewayError } from "../../src/frontend/errors.ts";
import { excerptText } from "../../src/frontend/excerpt.ts";
import { encodeDetail, GatewayError, sourcesOf } from "../../src/gateway/index.ts";
import { diagnosticError, errorAt, type Range } from "../../src/description/index.ts";
import { fakeClient } from "./support.ts";
import { parseText } from "../description/support.ts";

/** As for a builder that has everything. */
const told = (thrown: unknown, description: typeof source | undefined): GatewayError =>
  toGatewayError(thrown, description === undefined ? [] : [description], fakeClient({}));

const source = { filename: "service.yaml", text: "# syntax=org/go-frontend\nname: x\nmain: ./y\n" };
const range = (line: number, from: number, to: number): Range => ({
  start: { line, column: from, offset: 0 },
  end: { line, column: to, offset: 0 },
});

const one = errorAt("GF002", "main is not there", {
  file: "service.yaml",
  range: range(3, 7, 10),
  help: "write `./x`",
});
const two = errorAt("GF040", "name is odd", { file: "service.yaml", range: range(2, 7, 8), help: "do" });
const elsewhere = errorAt("GF010", "no go.mod", { file: "go.mod", range: range(1, 1, 1), help: "do" });

/** The details as a client decodes them. */
function wire(error: GatewayError): readonly Record<string, unknown>[] {
  return error.details.map((detail) => {
    const { typeUrl, value } = encodeDetail(detail);
    expect(typeUrl).toBe("github.com/moby/buildkit/errdefs.Source+json");
    return JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;
  });
}

describe("one diagnostic", () => {
  const error = told(diagnosticError([one]), source);

  test("is its sentence and its help; clients print the excerpt", () => {
    expect(error.message).toBe("service.yaml:3:7: GF002 main is not there\nhelp: write `./x`");
    expect(error.code).toBe(2);
  });

  test("carries the whole file and its place, lines from one and characters from zero", () => {
    expect(wire(error)).toEqual([
      {
        info: {
          filename: "service.yaml",
          data: Buffer.from(source.text).toString("base64"),
          language: "YAML",
        },
        ranges: [{ start: { line: 3, character: 6 }, end: { line: 3, character: 9 } }],
      },
    ]);
  });
});

describe("several diagnostics", () => {
  const error = told(diagnosticError([one, two, elsewhere]), source);

  test("are all told at once, each with its lines", () => {
    expect(error.message).toContain("service.yaml:3:7: GF002 main is not there");
    expect(error.message).toContain("service.yaml:2:7: GF040 name is odd");
    expect(error.message).toContain("go.mod:1:1: GF010 no go.mod");
    expect(error.message).toContain("3 | main: ./y");
  });

  test("give one excerpt with the ranges that are in the description", () => {
    const [detail] = sourcesOf(error);
    expect(detail?.ranges.map(({ start }) => start.line)).toEqual([3, 2]);
    expect(error.details).toHaveLength(1);
  });
});

test("an error in a file of the tree is shown there, and nothing of the description", () => {
  const goMod = { filename: "go.mod", text: "module example.com/x\n" };
  const error = toGatewayError(diagnosticError([elsewhere]), [source, goMod], fakeClient({}));
  expect(wire(error)).toEqual([
    {
      info: { filename: "go.mod", data: Buffer.from(goMod.text).toString("base64") },
      ranges: [{ start: { line: 1 }, end: { line: 1 } }],
    },
  ]);
  const both = toGatewayError(diagnosticError([one, elsewhere]), [source, goMod], fakeClient({}));
  expect(sourcesOf(both).map(({ info }) => info.filename)).toEqual(["service.yaml", "go.mod"]);
  expect(both.message).toContain("1 | module example.com/x");
});

test("an error in another file still has an excerpt, else BuildKit would blame the syntax line", () => {
  const [detail] = sourcesOf(told(diagnosticError([elsewhere]), source));
  expect(detail?.ranges).toEqual([{ start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }]);
});

test("an error before the description was read has none", () => {
  const details = { file: "service.yaml", option: "--platform", help: "do" };
  const error = told(diagnosticError([errorAt("GF081", "no", details)]), undefined);
  expect(error.details).toEqual([]);
  expect(error.message).toBe("service.yaml: GF081 no\nhelp: do");
});

test("every range of every mistake has both ends: clients would crash without", () => {
  const mistakes = [
    "",
    "\t",
    "name: [",
    "name: {}\nname: 1\n",
    "unknown: 1\nmain: 3\nplatforms: linux\n",
    "go: 1.20\n",
    "a: &x 1\nb: *x\n",
    "- a\n",
    "name: 'x\n",
    "image: { env: { A: ${b} } }\n",
    "services: {}\n",
    "args: { a: ${b} }\nimage: { ports: [0, 99999], user: '!' }\n",
  ];
  for (const text of mistakes) {
    const parsed = parseText(text);
    if (parsed.ok) continue;
    for (const detail of wire(told(diagnosticError(parsed.diagnostics), { ...source, text }))) {
      const ranges = detail["ranges"] as readonly Record<string, { line?: number; character?: number }>[];
      expect(ranges.length).toBeGreaterThan(0);
      for (const each of ranges) {
        expect(Object.keys(each).toSorted()).toEqual(["end", "start"]);
        expect(each["start"]?.line ?? 0).toBeGreaterThan(0);
        expect(each["start"]?.line ?? 0).toBeLessThanOrEqual(text.split("\n").length);
      }
    }
  }
});

test("BuildKit's own errors stay what they are", () => {
  const original = new GatewayError("process did not complete", { code: 13, details: [] });
  expect(told(original, source)).toBe(original);
});

describe("everything else is our bug", () => {
  test("and says so, with where it was", () => {
    const error = told(new TypeError("x is undefined"), source);
    expect(error.message).toMatch(
      /^GF099 internal error of go-frontend \(id [0-9a-f]{8}\): x is undefined\nat /,
    );
    expect(error.code).toBe(2);
    expect(told("a text", source).message).toMatch(/^GF099 .*: a text\n/);
  });

  test("without control characters, whatever it quotes", () => {
    const error = told(new Error("bad \u001b[2J\u0007 text"), source);
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(error.message).toContain("bad <U+001B>[2J<U+0007> text");
  });
});

describe("the excerpt's text", () => {
  test("is the description's, lines and tabs kept", () => {
    expect(excerptText("a:\r\n\tb\n\nc\n")).toBe("a:\n\tb\n\nc\n");
  });

  test("drives no terminal and fills none", () => {
    expect(excerptText("a\u001b[31m\u202eb")).toBe("a<U+001B>[31m<U+202E>b");
    const long = excerptText(`${"x".repeat(1 << 18)}\nnext`);
    expect(long.split("\n").map((line) => line.length)).toEqual([200, 4]);
    expect(excerptText("\u0000".repeat(1000)).length).toBeLessThan(300);
  });
});
