import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sourceOf } from "../../scripts/demo/source.ts";

let folder = "";
const before = { ...process.env };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "demo-source-"));
  process.env["GO_FRONTEND_CACHE"] = folder;
});

afterAll(() => {
  for (const name of ["GO_FRONTEND_CACHE", "GOTOOLCHAIN"]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(folder, { recursive: true, force: true });
});

test("a module that asks for a newer Go than the machine has is fetched all the same", async () => {
  process.env["GOTOOLCHAIN"] = "go1.25.14";
  const lines: string[] = [];
  const { folder: source } = await sourceOf(
    { kind: "module", module: "golang.org/x/tools", version: "v0.52.0", main: "./cmd/goimports" },
    (line) => lines.push(line),
  );
  expect(lines.join("\n")).toMatch(
    /requires go >= 1\.\d+\.\d+ \(running go 1\.25\.14; GOTOOLCHAIN=go1\.25\.14\)/,
  );
  expect(existsSync(join(source, "go.mod"))).toBe(true);
});
