// Keys that help lines show, wherever in the sources they are written: a description takes each of them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyReference } from "../../src/description/index.ts";
import { parseText } from "./support.ts";

const root = join(import.meta.dirname, "..", "..", "src");

/** What stands between backticks in a string and looks like YAML: a key, a colon, perhaps a value. */
function shown(source: string): readonly string[] {
  const code = source.replaceAll(/^\s*\/\*[^]*?\*\//gm, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const inTemplates = [...code.matchAll(/\\`([^`\\\n]*(?:\\[^`][^`\\\n]*)*)\\`/g)].map(
    ([, each]) => each ?? "",
  );
  const inStrings = [...code.matchAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g)].flatMap(([text]) =>
    [
      ...text
        .slice(1, -1)
        .replaceAll(/\\(["'])/g, "$1")
        .matchAll(/`([^`\\]+)`/g),
    ].map(([, each]) => each ?? ""),
  );
  return [...inTemplates, ...inStrings].filter((each) => /^[a-z][A-Za-z]*:(?: |$)/.test(each));
}

const snippets = new Map(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter(
      (path) => /\.(?:ts|go)$/.test(path) && !/_test\.go$|helper-files\.ts$|proto\/generated/.test(path),
    )
    .flatMap((path) => shown(readFileSync(join(root, path), "utf8")).map((each) => [each, path] as const)),
);

/** A name in the place of one that users choose. */
const free = ([section]: readonly string[]): string => (section === "steps" ? "web" : "a.example");

/** The parents below which a key may stand, with names in the places that are free. */
const parents: readonly (readonly string[])[] = [
  [],
  ...new Set(
    keyReference().map(({ path }) =>
      JSON.stringify(path.slice(0, -1).map((step) => (step === "*" ? free(path) : step))),
    ),
  ),
].map((each) => (typeof each === "string" ? (JSON.parse(each) as readonly string[]) : each));

/** Codes that refuse a key; and those about a value, which in a line with blanks to fill in is not there yet. */
const [refusals, all] = [/^GF02[1-46]|^GF044/, /^GF02|^GF04[0-2]|^GF044/];

/** What the validator says of a line at the best of its places. */
function complaints(snippet: string): readonly string[] {
  // What the code fills in: a word that most keys take, or the bare key where its own example is the value.
  const key = snippet.slice(0, snippet.indexOf(":"));
  const example = keyReference().find(({ path }) => path.at(-1) === key)?.doc.example ?? "";
  const bare = /^\w+:\s*(?:"?\$\{.*\}"?)?\s*$/.test(snippet);
  const line = bare ? (example.startsWith(`${key}:`) ? example : `${key}: { a: b }`) : snippet;
  const filled = line
    .replaceAll(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, "a")
    .replaceAll("…", "a")
    .replaceAll("HOST", "a.example");
  const hasBlanks = bare || /\$\{|…|\b[A-Z]{2,}\b/.test(line);
  const answers = parents.map((parent) => {
    const text =
      parent.map((step, depth) => `${"  ".repeat(depth)}${step}:\n`).join("") + indent(filled, parent.length);
    const result = parseText(text);
    const found = result.ok ? [] : result.diagnostics.map(({ code, message }) => `${code} ${message}`);
    return found.filter((each) => (hasBlanks ? refusals : all).test(each));
  });
  return answers.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function indent(text: string, depth: number): string {
  return text.replaceAll(/^/gm, "  ".repeat(depth));
}

/** `key` stands for any. */
const lines = [...snippets].filter(([snippet]) => !snippet.startsWith("key:"));

test("the sources show keys", () => {
  expect(lines.map(([snippet]) => snippet)).toEqual(
    expect.arrayContaining(["build: { tags: [NAME] }", "toolchain:", "image: { args: […] }"]),
  );
  expect(lines.length).toBeGreaterThan(30);
});

test.each(lines)("`%s` (%s)", (snippet) => {
  expect(complaints(snippet)).toEqual([]);
});

test("a key that does not exist is found out", () => {
  expect(shown('help: "set `build: tags:`, or `msan: true` when"')).toEqual(["build: tags:", "msan: true"]);
  expect(complaints("msan: true").join()).toContain("GF021");
  expect(complaints("build: tags:").join()).toContain("GF026");
});
