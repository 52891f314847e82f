// What a pull request could put into the file: nothing crashes, hangs, hides or pollutes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Diagnostic,
  formatDiagnostics,
  keyReference,
  MAX_BYTES,
  parseDescription,
  type ParseResult,
  type Range,
  type Source,
} from "../../src/description/index.ts";
import { messages, parseText } from "./support.ts";

const parse = (text: string): ParseResult => parseText(text);

/** Every promise that holds for whatever the bytes are. */
function expectSane(result: ParseResult): void {
  const source: Source = result.ok ? result.located.source : result.source;
  const diagnostics: readonly Diagnostic[] = result.ok ? result.warnings : result.diagnostics;
  if (!result.ok) expect(diagnostics.some((one) => one.severity === "error")).toBe(true);
  const lines = source.text.split("\n");
  for (const one of diagnostics) {
    expect(one.message).not.toBe("");
    if (one.range !== undefined) expect(wrongIn(one.range, lines, source.text.length)).toEqual([]);
  }
  // What others show of the file acts on no terminal either.
  expect(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\r(?!\n)/.test(
      source.text,
    ),
  ).toBe(false);
  const text = formatDiagnostics(diagnostics, [source]);
  // Nothing but line feeds acts on a terminal, and no line carries a page of input.
  expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text)).toBe(false);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(1000);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect("polluted" in {}).toBe(false);
}

/** What points outside the text; one assertion for all of it, because there are very many. */
function wrongIn({ start, end }: Range, lines: readonly string[], length: number): readonly unknown[] {
  const outside = [start, end].filter(
    ({ line, column, offset }) =>
      !(offset >= 0 && offset <= length && line >= 1 && line <= lines.length) ||
      !(column >= 1 && column <= (lines[line - 1] ?? "").length + 1),
  );
  return start.offset <= end.offset ? outside : [...outside, { start, end }];
}

describe("anything", () => {
  test("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expectSane(parseDescription({ filename: "service.yaml", bytes }));
      }),
      { numRuns: 500 },
    );
  });

  test("random text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => expectSane(parse(text))),
      { numRuns: 500 },
    );
  });

  // Signs of YAML and words of ours, put together: reaches what random text does not.
  const words = keyReference().flatMap(({ path }) => path);
  const signs = [
    "\n",
    "\n  ",
    "\n    ",
    "\n\t",
    " ",
    ": ",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    '"',
    "|",
    ">",
    "#",
    " # ",
  ]
    .concat([
      "&a ",
      "*a",
      "!t ",
      "<<: ",
      "? ",
      "---\n",
      "...\n",
      "%YAML 1.1\n",
      "\r\n",
      "$",
      "${",
      "}",
      "${version}",
      "$$",
    ])
    .concat([
      "8080",
      "1.20",
      "true",
      "~",
      "''",
      "./cmd",
      "../x",
      "linux/amd64",
      "é",
      "日本",
      "🙂",
      "\u0301",
      "\\",
      "__proto__",
    ]);
  const soup = fc
    .array(fc.oneof(fc.constantFrom(...signs), fc.constantFrom(...words)), { maxLength: 60 })
    .map((parts) => parts.join(""));

  test("soup of YAML", () => {
    fc.assert(
      fc.property(soup, (text) => expectSane(parse(text))),
      { numRuns: 1500 },
    );
  });

  test("a good description with one place spoilt", () => {
    const whole = `# syntax=org/go-frontend
name: orders
go: "1.26"
platforms: [linux/amd64, linux/arm64]
args: { version: dev }
build:
  tags: [netgo]
  vars: { main.version: "\${version}" }
image:
  base: debian:bookworm-slim
  ports: [8080, 53/udp]
  env: { LOG_LEVEL: info }
modules:
  private: [github.com/acme/*]
  auth:
    github.com: { token: gh }
services:
  api: { main: ./cmd/api }
`;
    expect(parse(whole).ok).toBe(false);
    const valid = whole.replace("name: orders\n", "");
    expect(parse(valid).ok).toBe(true);
    fc.assert(
      fc.property(
        fc.nat(valid.length),
        fc.nat(12),
        fc.oneof(fc.constantFrom(...signs), fc.string({ maxLength: 6 })),
        (at, cut, put) => expectSane(parse(valid.slice(0, at) + put + valid.slice(at + cut))),
      ),
      { numRuns: 1500 },
    );
  });
});

describe("size and shape", () => {
  const full = MAX_BYTES - 16;
  // Every one of these took minutes, a stack overflow or the process with a plain parser.
  const shapes: readonly (readonly [string, string])[] = [
    ["nested lists", "[".repeat(full)],
    ["nested maps", "{a: ".repeat(full / 4)],
    ["nested block lists", "- ".repeat(full / 2)],
    ["nested keys", "? ".repeat(full / 2)],
    ["indentation", Array.from({ length: 700 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")],
    ["many keys", Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join("")],
    ["one key many times", "a: 1\n".repeat(full / 5)],
    ["many items", `[${"a,".repeat(full / 2)}]`],
    ["commas", `[${",".repeat(full)}]`],
    ["closing brackets", "]".repeat(full)],
    ["quotes", '"'.repeat(full)],
    ["an open quote", `a: "${"x".repeat(full)}`],
    ["a long quoted value", `name: '${"x".repeat(full)}'`],
    ["doubled quotes", `name: '${"''".repeat(full / 2)}'`],
    ["escapes", `name: "${"\\n".repeat(full / 2)}"`],
    ["backslashes", `a: "${"\\".repeat(full)}"`],
    ["a long value", `name: ${"x".repeat(full)}`],
    ["a long key", `${"x".repeat(full)}: 1`],
    ["a long number", `image: { user: ${"9".repeat(full - 20)} }`],
    ["aliases", "*a ".repeat(full / 3)],
    ["anchors", "&a ".repeat(full / 3)],
    ["tags", "!a ".repeat(full / 3)],
    ["documents", "---\n".repeat(full / 4)],
    ["block scalars", "|\n".repeat(full / 2)],
    ["line feeds", `${"\n".repeat(full)}name: x`],
    ["comments", `${"#\n".repeat(full / 2)}name: x`],
    ["dollar signs", `image: { env: { A: '${"$".repeat(4001)}' } }`],
    ["open variables", `image: { env: { A: '${"${".repeat(2000)}' } }`],
    [
      "alias bomb",
      Array.from({ length: 9 }, (_, n) => `k${n}: &k${n} [${`*k${n - 1}, `.repeat(9)}]\n`).join(""),
    ],
  ];
  test.each(shapes)("%s", (_, text) => {
    expect(text.length).toBeLessThanOrEqual(MAX_BYTES);
    expectSane(parse(text));
  });

  // Strings on which a careless pattern takes exponential or quadratic time.
  const nasty = ["a", "-", ".", "a.", "a-", "a/", "0", ":", "[", "a:", "a@", "$", "__", "../", "é", "a,"].map(
    (part) => part.repeat(Math.floor(100_000 / part.length)),
  );
  const fields: readonly ((value: string) => string)[] = [
    (value) => `name: ${value}`,
    (value) => `go: ${value}`,
    (value) => `main: ${value}`,
    (value) => `toolchain: ${value}`,
    (value) => `platforms: [${value}]`,
    (value) => `args: { ${value}: x }`,
    (value) => `build: { tags: [${value}] }`,
    (value) => `build: { vars: { ${value}: x } }`,
    (value) => `image: { user: ${value}, workdir: ${value}, ports: [${value}], args: [${value}] }`,
    (value) => `image: { env: { ${value}: x }, labels: { ${value}: x } }`,
    (value) => `modules: { private: [${value}], proxy: [${value}] }`,
    (value) => `modules: { auth: { ${value}: { token: ${value} } } }`,
    (value) => `modules: { auth: { a.example: { ssh: ${value}, user: ${value}, knownHosts: [${value}] } } }`,
    (value) => `services: { ${value}: {} }`,
    (value) => `${value}: x`,
  ];
  test("no pattern is slow on a long text", () => {
    for (const value of nasty) {
      // Keys are at most 1,024 characters long to YAML, so both lengths are tried.
      for (const text of [value.slice(0, 1000), `${value.slice(0, 500)}!`, value]) {
        for (const field of fields) expectSane(parse(`${field(`'${text}'`)}\n`));
      }
    }
  });

  test("32 levels are read, 33 are not", () => {
    const nested = (depth: number): readonly string[] => messages("[".repeat(depth) + "]".repeat(depth));
    expect(nested(32)).toEqual(["GF025 a description is a map of keys, found a list"]);
    expect(nested(33)).toEqual(["GF028 values are nested deeper than 32 levels"]);
  });

  test("one byte decides", () => {
    const fits = `name: x\n${"#".repeat(MAX_BYTES - 8)}`;
    expect(parse(fits).ok).toBe(true);
    expect(messages(`${fits}#`)).toEqual(["GF028 the description is larger than 256 KiB"]);
  });

  test("too many values", () => {
    expect(messages(`platforms: [${"a,".repeat(10_000)}]`)).toEqual([
      "GF028 the description holds more than 10000 values",
    ]);
  });
});

describe("text that would be read differently by others", () => {
  test.each([
    ["a plain and a quoted key", 'name: a\n"name": b\n', ['GF022 "name" appears twice (first on line 1)']],
    [
      "a number and its text",
      'args: { a: x }\nimage: { env: { A1: x, "A1": y } }\n',
      ['GF022 "A1" appears twice (first on line 2)'],
    ],
    [
      "composed and decomposed",
      "build: { vars: { main.Gr\u00f6: a, main.Gro\u0308: b } }\n",
      ['GF022 "main.Gro\u0308" appears twice (first on line 1)'],
    ],
    ["a complex key", "? [a]\n: b\n", ["GF026 a key must be plain text"]],
    ["an empty key", ": b\n", ["GF026 a key must be plain text"]],
    ["a merge of an empty map", "build: { <<: {} }\n", ["GF024 merge keys are not supported"]],
    ["a custom tag", "name: !!js/function 'x'\n", ['GF024 tags are not supported ("!!js/function")']],
    ["binary", "name: !!binary aGk=\n", ['GF024 tags are not supported ("!!binary")']],
    ["a lone surrogate", 'name: "\\ud800"\n', ['GF040 name is not a service\'s name ("<U+D800>")']],
    [
      "a carriage return alone",
      "name: x\rmain: y\n",
      ["GF029 a carriage return stands alone, which ends no line in a description"],
    ],
    [
      "a next line character",
      "name: x\u0085main: y\n",
      ["GF029 the description holds the control or invisible character <U+0085>"],
    ],
    [
      "a zero-width space",
      "na\u200bme: x\n",
      ["GF029 the description holds the control or invisible character <U+200B>"],
    ],
    [
      "a byte order mark inside",
      "name: \ufeffx\n",
      ["GF029 the description holds the control or invisible character <U+FEFF>"],
    ],
  ])("%s", (_, text, expected) => {
    expect(messages(text)).toEqual(expected);
  });

  test("overlong forms, surrogates and cut sequences are no UTF-8", () => {
    for (const bad of [
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 1],
      [0x80],
      [0xe2, 0x82],
    ]) {
      const bytes = Uint8Array.from([...new TextEncoder().encode("name: é"), ...bad]);
      const result = parseDescription({ filename: "service.yaml", bytes });
      expect(!result.ok && result.diagnostics.map((one) => one.message)).toEqual([
        "byte 8 of the description is not UTF-8",
      ]);
      expectSane(result);
    }
  });

  test("names of Object.prototype are plain data, or no keys at all", () => {
    const result = parse("image: { env: { constructor: a, toString: b, valueOf: c, hasOwnProperty: d } }\n");
    expectSane(result);
    expect(result.ok && Object.keys(result.located.description.image?.env ?? {})).toEqual([
      "constructor",
      "toString",
      "valueOf",
      "hasOwnProperty",
    ]);
    for (const place of ["", "image: ", "image: { env: ", "args: ", "services: ", "modules: { auth: "]) {
      const close = "}".repeat(place.split("{").length - 1);
      const broken = parse(`${place}{ __proto__: { polluted: 1 } }${close}\n`);
      expect(broken.ok).toBe(false);
      expectSane(broken);
    }
  });
});
