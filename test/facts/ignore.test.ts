// What an ignore file hides, against the answers of Go's own matcher and walk (test/oracle/ignore.ts keeps them).
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapePattern, ignoredBy, ignoreProblems, ignoring, ignoreRules } from "../../src/facts/index.ts";
import { parseIgnoreFile } from "../../src/facts/ignore-file.ts";
import { FILES, type IgnoreCase, ignoreGolden, sentOf, TEXTS } from "../oracle/ignore.ts";
import { memoryTree } from "./memory-tree.ts";

const golden = JSON.parse(readFileSync(ignoreGolden, "utf8")) as readonly IgnoreCase[];
const tree = memoryTree(Object.fromEntries(FILES.map((file) => [file, ""])));
const patterns = (text: string): readonly string[] => parseIgnoreFile(text).map(({ pattern }) => pattern);

test("the kept answers are of these texts", () => {
  expect(golden.map(({ text }) => text)).toEqual(TEXTS);
});

test.each(golden)("%j", async ({ text, sent }) => {
  expect(await sentOf(tree, text)).toEqual(sent);
});

describe("a line", () => {
  test.each([
    ["a plain name", "node_modules", "node_modules"],
    ["spaces around it", "  dist\t", "dist"],
    ["a carriage return", "dist\r", "dist"],
    ["a leading slash means the root", "/dist", "dist"],
    ["more than one as well", "//dist", "dist"],
    ["a trailing slash", "dist/", "dist"],
    ["dots are cleaned", "./a/../b/./c", "b/c"],
    ["what leads outside stays as it is", "../x", "../x"],
    ["but not from the root", "/../x", "x"],
    ["the root itself", "/", "/"],
    ["everything", "**", "**"],
    ["the context itself", ".", "."],
    ["wildcards", "**/*.go", "**/*.go"],
    ["an exception", "!README.md", "!README.md"],
    ["an exception with spaces", "! /docs/x ", "!docs/x"],
    ["an escape", "\\!important", "\\!important"],
    ["a comment sign after a space is a name", " #x", "#x"],
    ["a comment sign within", "a#b", "a#b"],
  ])("%s: %j", (_what, line, pattern) => {
    expect(patterns(line)).toEqual([pattern]);
  });

  test.each([
    ["nothing", ""],
    ["spaces", "   "],
    ["a comment", "# x"],
    ["an exception of nothing", "!"],
  ])("%s is not a valid pattern", (_what, line) => {
    expect(patterns(line)).toEqual([]);
  });
});

describe("a file", () => {
  test("keeps the order, and the lines' numbers", () => {
    expect(parseIgnoreFile("*\n!go.mod\n\n# words\n!cmd/**\n**/testdata\n", "x.dockerignore")).toEqual([
      { file: "x.dockerignore", line: 1, pattern: "*" },
      { file: "x.dockerignore", line: 2, pattern: "!go.mod" },
      { file: "x.dockerignore", line: 5, pattern: "!cmd/**" },
      { file: "x.dockerignore", line: 6, pattern: "**/testdata" },
    ]);
  });

  test("may begin with a byte order mark and end without a line break", () => {
    expect(patterns("\uFEFF# words\na")).toEqual(["a"]);
    expect(patterns("\uFEFFa\nb")).toEqual(["a", "b"]);
  });

  test("gives clean relative patterns, whatever it holds", () => {
    const body = fc.string({ unit: fc.constantFrom("a", "/", ".", "*", " ", "#", "\\") });
    const line = fc.tuple(fc.boolean(), body).map(([negated, text]) => (negated ? `!${text}` : text));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const pattern of patterns(lines.join("\n"))) {
          const bare = pattern.startsWith("!") ? pattern.slice(1) : pattern;
          expect(bare).not.toMatch(/\/\/|(^|\/)\.\/|.\/$/);
          // BuildKit drops one slash, and another that spaces part from it stays.
          const hasTwo = lines.some((text) => /^\s*!?\s*[/.]*\s+\//.test(text));
          expect(bare === "/" || !bare.startsWith("/") || hasTwo).toBe(true);
        }
      }),
    );
    expect(patterns("/ /a\n! / b")).toEqual(["/a", "! b"]);
  });
});

describe("a path as a pattern", () => {
  test.each([
    ["plain/path.go", "plain/path.go"],
    ["a{b}|c^d", "a{b}|c^d"],
    ["a*b?c[d]e\\f!g", "a\\*b\\?c\\[d\\]e\\\\f\\!g"],
  ])("%j is %j", (path, pattern) => {
    expect(escapePattern(path)).toBe(pattern);
  });

  test("of a name that is not UTF-8 is a star where that name is not known", () => {
    expect(escapePattern("static/caf\ufffd\ufffd.txt")).toBe("static/caf*.txt");
    expect(escapePattern("a[\ufffd")).toBe("a\\[*");
  });

  test("of a name with a control character, which no header of gRPC holds, has a question mark for it", () => {
    expect(escapePattern("a\u001b[2J/\n")).toBe("a?\\[2J/?");
    expect(escapePattern("\ta\u007f")).toBe("?a?");
  });

  test("hides that path and no other", () => {
    const name = fc.string({ unit: fc.constantFrom(...Array.from("ab*?[]{2}|^\\!-. é😀")), minLength: 1 });
    const path = name.filter((text) => text !== "." && text !== "..");
    fc.assert(
      fc.property(path, path, (one, other) => {
        const hides = ignoredBy([{ file: "x", line: 1, pattern: escapePattern(one) }]);
        expect([one, hides(one)]).not.toEqual([one, undefined]);
        if (other !== one) expect([one, other, hides(other)]).toEqual([one, other, undefined]);
      }),
      { numRuns: 2000 },
    );
  });
});

test("a description's own rules count instead of the folder's", () => {
  expect(ignoreRules("service.yaml", "a", "b")).toEqual([
    { file: "service.yaml.dockerignore", line: 1, pattern: "a" },
  ]);
  expect(ignoreRules("service.yaml", "", "b")).toEqual([]);
  expect(ignoreRules("service.yaml", undefined, "b")).toEqual([
    { file: ".dockerignore", line: 1, pattern: "b", instead: "service.yaml.dockerignore" },
  ]);
});

describe("the rule that hides a path", () => {
  const lineOf = (text: string, path: string): number | undefined =>
    ignoredBy(parseIgnoreFile(text))(path)?.line;

  test.each([
    ["the one that matches it", "docs\n*.mod", "go.mod", 2],
    ["the one that matches a directory above it", "docs\ncmd", "cmd/api/main.go", 2],
    ["the first of several", "*\ngo.*", "go.mod", 1],
    ["none after an exception", "*\n!go.mod", "go.mod", undefined],
    ["the one after the exception", "*\n!go.mod\ngo.*", "go.mod", 3],
    ["none", "docs", "go.mod", undefined],
  ])("%s", (_what, text, path, line) => {
    expect(lineOf(text, path)).toBe(line);
  });

  test("a pattern that cannot be read is named with its line, as an error", () => {
    const rules = parseIgnoreFile("a\n\nb[\nc\u001b\n");
    expect(() => ignoring(tree, rules)).toThrow('GF083 "b[" is not a valid pattern');
    expect(ignoreProblems(rules)).toMatchObject([
      { code: "GF083", file: ".dockerignore", range: { start: { line: 3, column: 1 } } },
      { code: "GF083", file: ".dockerignore", range: { start: { line: 4, column: 1 } } },
    ]);
  });
});

test("directories of one level are listed in one round", async () => {
  const counted = memoryTree({ "a/x": "", "b/x": "", "c/x": "", "c/d/y": "" });
  const seen = ignoring(counted, parseIgnoreFile("c\n!c/d\n*.md"));
  await seen.list(["a", "b", "c"]);
  expect(counted.rounds[0]?.paths).toEqual(["a", "b", "c"]);
});

describe("a hostile pattern", () => {
  const name = "a".repeat(4000);

  // Go's matcher is linear. One that backtracks would not end before the machine does.
  test.each([
    ["stars", `${"*a".repeat(40)}b`],
    ["stars over folders", `${"**/a*".repeat(40)}/b`],
    ["repeated classes", `${"[^b]{1,}".repeat(20)}b`],
    ["counted classes", `${"[a]{0,40}".repeat(20)}b`],
    ["100,000 stars", "*".repeat(100_000)],
  ])("of %s is answered", (_what, pattern) => {
    const [rule] = parseIgnoreFile(pattern);
    expect(ignoredBy([rule!])(name)).toBe(/^\*+$/.test(pattern) ? rule : undefined);
  });

  test("of ever so many repetitions is refused", () => {
    const tree = memoryTree({ a: "" });
    expect(() => ignoring(tree, parseIgnoreFile("[a]{0,999}".repeat(30)))).toThrow("is not a valid pattern");
  });
});
