// .dockerignore as moby reads it (moby/patternmatcher:ignorefile/ignorefile.go); the client does the matching.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseIgnoreFile } from "../../src/frontend/ignore-file.ts";

describe("one line", () => {
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
    expect(parseIgnoreFile(line)).toEqual([pattern]);
  });

  test.each([
    ["nothing", ""],
    ["spaces", "   "],
    ["a comment", "# x"],
    ["an exception of nothing", "!"],
  ])("%s is no pattern", (_what, line) => {
    expect(parseIgnoreFile(line)).toEqual([]);
  });
});

describe("a file", () => {
  test("keeps the order: the last match wins", () => {
    expect(parseIgnoreFile("*\n!go.mod\n\n# words\n!cmd/**\n**/testdata\n")).toEqual([
      "*",
      "!go.mod",
      "!cmd/**",
      "**/testdata",
    ]);
  });

  test("may begin with a byte order mark and end without a line break", () => {
    expect(parseIgnoreFile("\uFEFF# words\na")).toEqual(["a"]);
    expect(parseIgnoreFile("\uFEFFa\nb")).toEqual(["a", "b"]);
  });

  test("gives clean relative patterns, whatever it holds", () => {
    const body = fc.string({ unit: fc.constantFrom("a", "/", ".", "*", " ", "#", "\\") });
    const line = fc.tuple(fc.boolean(), body).map(([negated, text]) => (negated ? `!${text}` : text));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const pattern of parseIgnoreFile(lines.join("\n"))) {
          const bare = pattern.startsWith("!") ? pattern.slice(1) : pattern;
          expect(bare).not.toMatch(/\/\/|(^|\/)\.\/|.\/$/);
          expect(bare === "/" || !bare.startsWith("/")).toBe(true);
        }
      }),
    );
  });
});
