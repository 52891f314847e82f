// docs/llb.md: its examples run.
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
