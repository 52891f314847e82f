// What is generated is current, and what it shows is true.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exampleNames, exampleOf, generatedDocs } from "../../scripts/gen-docs.ts";
import { jsonSchema, keyReference } from "../../src/description/index.ts";
import { good, messages } from "./support.ts";

const root = join(import.meta.dirname, "..", "..");

test.each([...generatedDocs().keys()])("%s is current (else: node scripts/gen-docs.ts)", (path) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(generatedDocs().get(path));
});

describe("every key's example is a description", () => {
  test.each(keyReference().map((key) => [key.path.join("."), key] as const))("%s", (_, key) => {
    const text = `${exampleOf(key)}\n`;
    expect(messages(text)).toEqual([]);
    // The example shows the key it stands for.
    const shown = key.path.map((step, at) =>
      step !== "*"
        ? step
        : at === key.path.length - 1
          ? (key.doc.example.split(":")[0] ?? "")
          : (exampleNames[key.path[at - 1] ?? ""] ?? ""),
    );
    expect(good(text).has(shown)).toBe(true);
  });
});

test("every key has words, a default and a description of complete sentences", () => {
  expect(keyReference().length).toBeGreaterThan(25);
  const wrong = keyReference().filter(
    ({ doc }) => !/^[A-Z].*\.$/s.test(doc.description) || doc.words === "" || doc.fallback.endsWith("."),
  );
  expect(wrong.map(({ path }) => path.join("."))).toEqual([]);
});

test("the JSON Schema refuses unknown keys and knows every key", () => {
  const text = JSON.stringify(jsonSchema());
  for (const { path } of keyReference()) {
    if (path.at(-1) !== "*") expect(text).toContain(`"${path.at(-1) ?? ""}":{`);
  }
  expect(jsonSchema()["additionalProperties"]).toBe(false);
  expect(text).not.toContain("__proto__");
});
