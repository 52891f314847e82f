// The table of codes, the sources that give them and the words that name them: each is held to the others.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CODES } from "../../src/description/index.ts";

const root = join(import.meta.dirname, "..", "..");
const all: readonly string[] = Object.keys(CODES);

interface Text {
  readonly path: string;
  readonly text: string;
}

function texts(folder: string, isWanted: (path: string) => boolean): readonly Text[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path).replaceAll("\\", "/"))
    .filter(isWanted)
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** What is compiled of the product, in both languages, without what is generated. */
const sources = texts(
  "src",
  (path) => /\.(?:ts|go)$/.test(path) && !path.endsWith("_test.go") && !path.endsWith("helper-files.ts"),
);
const words = [
  ...texts("docs", (path) => path.endsWith(".md")),
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map((path) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
  })),
];

/** Strings that hold a code; the table itself, types and comments give none to anybody. */
function given({ path, text }: Text): readonly string[] {
  if (path === "src/description/codes.ts") return [];
  return text
    .replaceAll(/^\s*\/\*[^]*?\*\//gm, "")
    .split("\n")
    .filter((line) => !/^\s*(?:\/\/|\| "GF\d{3}")/.test(line))
    .flatMap((line) => [...line.replace(/\s\/\/ .*$/, "").matchAll(/["'`](GF\d{3})\b/g)])
    .map(([, code]) => code ?? "");
}

describe("codes", () => {
  test("each of the table is given by the sources", () => {
    const found = new Set(sources.flatMap(given));
    expect(all.filter((code) => !found.has(code))).toEqual([]);
  });

  test("the helper gives some, in Go", () => {
    const found = sources.filter(({ path }) => path.endsWith(".go")).flatMap(given);
    expect(found).toContain("GF091");
    expect(found).toContain("GF092");
  });

  test.each([...sources, ...words].filter(({ text }) => /\bGF\d{3}\b/.test(text)))(
    "each that $path names is in the table",
    ({ text }) => {
      const named = [...text.matchAll(/\bGF\d{3}\b/g)].map(([code]) => code);
      expect(named.filter((code) => !all.includes(code))).toEqual([]);
    },
  );
});
