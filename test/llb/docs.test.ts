// docs/llb.md: its examples run, and its tables name what there is.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as llb from "../../src/llb/index.ts";

const text = readFileSync(new URL("../../docs/llb.md", import.meta.url), "utf8");
const door = new URL("../../src/llb/index.ts", import.meta.url);

describe("examples", () => {
  const examples = [...text.matchAll(/```ts\n\/\/ run: definition\n([^`]*(?:`[^`]+)*?)```/g)].map(
    ([, code = ""]) => code,
  );

  test("there are some", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  test("each writes a definition", () => {
    const folder = mkdtempSync(join(tmpdir(), "llb-docs-"));
    try {
      for (const [i, code] of examples.entries()) {
        const file = join(folder, `example-${i}.ts`);
        writeFileSync(file, code.replace('"go-frontend/llb"', JSON.stringify(door.href)));
        const { status, stdout, stderr } = spawnSync(process.execPath, [file]);
        expect(status, `${code}\n${stderr.toString()}`).toBe(0);
        const { def, head } = llb.definitionFromBytes(stdout);
        expect(def.length).toBeGreaterThan(1);
        expect(head).toMatch(/^sha256:[0-9a-f]{64}$/);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test("every export stands in the tables, and every name in the tables is exported", () => {
  const index = readFileSync(door, "utf8");
  const types = [...index.matchAll(/\btype (\w+)/g), ...index.matchAll(/export type \{ (\w+)/g)].map(
    ([, name = ""]) => name,
  );
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
