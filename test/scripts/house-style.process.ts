// The house style's own rules of the linter find what they are for, and mend it.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const work = mkdtempSync(join(tmpdir(), "go-frontend-style-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const rules = ["function-declaration", "object-interface", "optional-undefined", "constant-case"];

/** The findings of oxlint with these rules alone, as `line rule`, and the text as it mends it. */
function linted(text: string): { readonly found: readonly string[]; readonly mended: string } {
  const file = join(work, "src", "a.ts");
  mkdirSync(join(work, "src"), { recursive: true });
  writeFileSync(file, text);
  const config = {
    jsPlugins: [join(root, "scripts", "lint", "house-style.mjs")],
    categories: { correctness: "off" },
    rules: Object.fromEntries(rules.map((name) => [`house-style/${name}`, "error"])),
  };
  writeFileSync(join(work, "oxlintrc.json"), JSON.stringify(config));
  const run = (...args: readonly string[]): string =>
    spawnSync(
      process.execPath,
      [join(root, "node_modules", ".bin", "oxlint"), "-c", "oxlintrc.json", ...args, "src"],
      { cwd: work, encoding: "utf8" },
    ).stdout;
  const found = [...run("-f", "unix").matchAll(/^src\/a\.ts:(\d+):.*house-style\(([a-z-]+)\)/gm)];
  run("--fix");
  return {
    found: found.map(([, line = "", rule = ""]) => `${line} ${rule}`).toSorted(),
    mended: readFileSync(file, "utf8"),
  };
}

test("each rule finds what it is for, and mends what it can", () => {
  const { found, mended } = linted(
    [
      "export const twice = async <T>(value: T): Promise<T> => {",
      "  return value;",
      "};",
      "export type Shape = Readonly<{ a: string; b?: () => void }>;",
      "type Plain = { readonly c: number };",
      "const limit = 2 * 8;",
      "export const used: Plain = { c: limit };",
      "",
    ].join("\n"),
  );
  expect(found).toEqual([
    "1 function-declaration",
    "4 object-interface",
    "4 optional-undefined",
    "5 object-interface",
    "6 constant-case",
  ]);
  expect(mended).toContain("export async function twice<T>(value: T): Promise<T> {");
  expect(mended).toMatch(
    /export interface Shape \{ readonly a: string; readonly b\?: (?:\(\(\) => void\)|\(\) => void)/,
  );
  expect(mended).toContain("interface Plain { readonly c: number }");
});

test("what the style allows passes", () => {
  const { found } = linted(
    [
      "export const MOST = 3;",
      "export const table = { a: 1 };",
      "export const half = (value: number): number => value / 2;",
      "type Change = (value: number) => void;",
      "export const set: Change = (value) => {",
      "  console.log(value);",
      "};",
      "export interface Shape { readonly a?: string | undefined }",
      "export type Either = { readonly a: 1 } | { readonly b: 2 };",
      "",
    ].join("\n"),
  );
  expect(found).toEqual([]);
});
