import { describe, expect, test } from "vitest";
import { scanOtherFile } from "../../src/facts/go-file.ts";

const comment = `/* ${"licence ".repeat(2000)}*/`;

describe("the head of an assembly file", () => {
  test.each([
    ["a comment that does not end", "/* x", "syntax error"],
    ["a slash that begins no comment", "// x\n/x", "syntax error"],
    ["a zero byte in a comment", "// x\0\n", "unexpected NUL in input"],
  ])("that Go cannot read: %s", (_, text, reason) => {
    expect(scanOtherFile(text, true)).toEqual({ kind: "invalid", reason });
  });

  test.each([
    ["within a comment", comment.slice(0, 8000)],
    ["behind the slash of one", `${comment}\n/`],
  ])("of which no more is read, %s, is not refused", (_, text) => {
    expect(scanOtherFile(text, false)).toEqual({ kind: "always" });
  });

  test("ends where Go's does: at what is no space to its reader", () => {
    expect(scanOtherFile("\u00a0//go:build ignore\n\nTEXT", true)).toEqual({ kind: "always" });
    expect(scanOtherFile("\f//go:build ignore\n\nTEXT", true)).not.toEqual({ kind: "always" });
  });
});
