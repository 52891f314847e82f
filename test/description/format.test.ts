import { describe, expect, test } from "vitest";
import {
  diagnosticError,
  errorAt,
  firstLine,
  formatDiagnostics,
  isDiagnosticError,
  quote,
  visible,
  warningAt,
  type Diagnostic,
} from "../../src/description/index.ts";
import { formatDiagnostic } from "../../src/description/format.ts";
import { linesOf } from "../../src/description/position.ts";
import { sortDiagnostics } from "../../src/description/diagnostic.ts";

const filename = "service.yaml";
const help = "do";
const option = "--platform";

function about(text: string, part: string, more: Partial<Pick<Diagnostic, "message" | "help">> = {}): string {
  const start = text.indexOf(part);
  const range = linesOf(text).range(start, start + part.length);
  return formatDiagnostic({ ...errorAt("GF040", "is wrong", { file: filename, range, help }), ...more }, [
    { filename, text },
  ]);
}

describe("one diagnostic", () => {
  test("first line, excerpt, caret, help", () => {
    const text = "a: 1\nb:\n  c: two\n";
    expect(about(text, "two", { help: "write `2`" })).toBe(`service.yaml:3:6: GF040 is wrong
3 |   c: two
  |      ^^^
help: write \`2\``);
  });

  test("carets stand under tabs, wide characters, emoji and combining marks", () => {
    expect(about("\tx", "x").split("\n").slice(1, -1)).toEqual(["1 |     x", "  |     ^"]);
    expect(about("a\tx", "x").split("\n").slice(1, -1)).toEqual(["1 | a   x", "  |     ^"]);
    expect(about("日本: x", "x").split("\n").slice(1, -1)).toEqual(["1 | 日本: x", "  |       ^"]);
    expect(about("🙂: x", "x").split("\n").slice(1, -1)).toEqual(["1 | 🙂: x", "  |     ^"]);
    expect(about("e\u0301: x", "x").split("\n").slice(1, -1)).toEqual(["1 | e\u0301: x", "  |    ^"]);
    expect(about("a: 日本", "日本").split("\n").slice(1, -1)).toEqual(["1 | a: 日本", "  |    ^^^^"]);
  });

  test("control characters are shown, in text, names and messages", () => {
    const text = "a: \u001b]0;x\u0007 b";
    const range = linesOf(text).range(3, 4);
    const shown = formatDiagnostic(
      errorAt("GF040", "bad \u001b[31m", { file: "a\nb", range, help: "no \u202e" }),
      [{ filename: "a\nb", text }],
    );
    expect(shown).toBe(`a<U+000A>b:1:4: GF040 bad <U+001B>[31m
1 | a: <U+001B>]0;x<U+0007> b
  |    ^^^^^^^^
help: no <U+202E>`);
  });

  test("a range over several lines is drawn to the end of its first", () => {
    expect(about("a: |\n  b\n  c\n", "|\n  b\n  c")).toBe(
      "service.yaml:1:4: GF040 is wrong\n1 | a: |\n  |    ^\nhelp: do",
    );
  });

  test("a long line is cut around the place", () => {
    const [, line = "", caret = ""] = about(`${"x".repeat(500)}HERE${"y".repeat(500)}`, "HERE").split("\n");
    expect(line.length).toBeLessThan(130);
    expect(line.startsWith("1 | …x")).toBe(true);
    expect(line.endsWith("y…")).toBe(true);
    expect(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("HERE");
  });

  test("without the text, of what the client gave, without a file", () => {
    const range = { start: { line: 2, column: 3, offset: 9 }, end: { line: 2, column: 4, offset: 10 } };
    expect(formatDiagnostic(errorAt("GF011", "go.sum is missing", { file: "go.mod", range, help }), [])).toBe(
      "go.mod:2:3: GF011 go.sum is missing\nhelp: do",
    );
    expect(formatDiagnostic(errorAt("GF030", "--platform: no", { file: filename, option, help }), [])).toBe(
      "service.yaml: GF030 --platform: no\nhelp: do",
    );
    expect(firstLine(warningAt("GF033", "unknown build argument", { option, help }))).toBe(
      "GF033 warning: unknown build argument",
    );
  });
});

describe("many diagnostics", () => {
  test("are sorted by place and counted after twenty", () => {
    const text = Array.from({ length: 30 }, (_, index) => `k${index}`).join("\n");
    const lines = linesOf(text);
    const all = Array.from({ length: 25 }, (_, index) => {
      const offset = text.indexOf(`k${24 - index}`);
      return errorAt("GF040", `number ${24 - index}`, {
        file: filename,
        range: lines.range(offset, offset + 2),
        help,
      });
    });
    const blocks = formatDiagnostics(all, [{ filename, text }]).split("\n\n");
    expect(blocks).toHaveLength(21);
    expect(blocks[0]).toContain("service.yaml:1:1: GF040 number 0\n");
    expect(blocks[19]).toContain("number 19");
    expect(blocks[20]).toBe("… and 5 more");
  });

  test("files stand together, and what has no file comes last", () => {
    const at = (file: string, offset: number): Diagnostic =>
      errorAt("GF040", `${file}${offset}`, {
        file,
        range: { start: { line: 1, column: 1, offset }, end: { line: 1, column: 1, offset } },
        help,
      });
    const sorted = sortDiagnostics([
      errorAt("GF099", "none", { option, help }),
      at("b", 1),
      at("a", 5),
      at("b", 0),
      at("a", 2),
    ]);
    expect(sorted.map((one) => one.message)).toEqual(["a2", "a5", "b0", "b1", "none"]);
  });

  test("can be thrown and told from bugs", () => {
    const error = diagnosticError([
      errorAt("GF010", "no go.mod", { option, help }),
      warningAt("GF033", "unknown", { option, help }),
    ]);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe("GF010 no go.mod");
    expect(isDiagnosticError(error)).toBe(true);
    expect(error.diagnostics).toHaveLength(2);
    expect(isDiagnosticError(new Error("x"))).toBe(false);
    expect(isDiagnosticError({ name: "DiagnosticError", diagnostics: [] })).toBe(false);
  });
});

test("what is echoed is short and harmless", () => {
  expect(quote("x".repeat(5000))).toBe(`"${"x".repeat(79)}…"`);
  expect(quote("🙂".repeat(500))).toBe(`"${"🙂".repeat(79)}…"`);
  expect(visible("a\u0000\u007f\u2028\ud800b")).toBe("a<U+0000><U+007F><U+2028><U+D800>b");
  expect(visible("🙂é日")).toBe("🙂é日");
});
