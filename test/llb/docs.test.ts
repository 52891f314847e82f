// docs/llb.md: its tables name what there is.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as llb from "../../src/llb/index.ts";

const text = readFileSync(new URL("../../docs/llb.md", import.meta.url), "utf8");
const door = new URL("../../src/llb/index.ts", import.meta.url);

test("every export stands in the tables, and every name in the tables is exported", () => {
  const index = readFileSync(door, "utf8");
  const marked = [...index.matchAll(/\btype (\w+)/g)].map(([, name = ""]) => name);
  const listed = [...index.matchAll(/export type \{([^}]*)\}/g)].flatMap(
    ([, names = ""]) => names.match(/\w+/g) ?? [],
  );
  const types = [...marked, ...listed];
  const exported = new Set([...Object.keys(llb), ...types]);
  const rows = text
    .slice(text.indexOf("## Coverage"))
    .split("\n")
    .filter((line) => line.startsWith("| "));
  const named = new Set(rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name)));
  expect([...exported].filter((name) => !named.has(name))).toEqual([]);
  // The second column of rows about Go's names holds names of ours.
  const ours = rows
    .filter((row) => /^\| `[A-Z][\w.]*` \|/.test(row))
    .flatMap((row) => [...(row.split("|")[2] ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
  expect(ours.filter((name) => !exported.has(name))).toEqual([]);
});
