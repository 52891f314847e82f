// docs/llb.md, its section on the gateway: the examples are the files that are run, and every export is named.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const text = read("docs/llb.md");
const section = text.slice(
  text.indexOf("## Frontends: the gateway client"),
  text.indexOf("## What is different from Go"),
);

test.each(["frontend.ts", "read-files.ts"])("shows examples/frontend-40-lines/%s as it is", (name) => {
  expect(section).toContain(`\`\`\`ts\n${read(`examples/frontend-40-lines/${name}`)}\`\`\``);
});

test("names every export of the gateway", () => {
  const exported = [...read("src/gateway/index.ts").matchAll(/export (?:type )?\{([^}]*)\}/g)]
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.replace(/^\s*(?:type )?/, "").trim())
    .filter((name) => name !== "");
  const functions = [...read("src/gateway/index.ts").matchAll(/export async function (\w+)/g)].map(
    ([, name = ""]) => name,
  );
  const named = new Set([...section.matchAll(/`([\w]+)(?:\([^`]*\))?`/g)].map(([, name = ""]) => name));
  expect([...exported, ...functions].filter((name) => !named.has(name))).toEqual([]);
  expect(exported.length).toBeGreaterThan(60);
});
