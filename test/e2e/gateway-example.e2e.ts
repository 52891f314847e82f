// The frontend of examples/frontend-40-lines, as docs/llb.md shows it, in the real BuildKit.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { pushTestFrontend, runTestFrontend } from "../support/gateway-image.ts";

const rig = inject("rig");
vi.setConfig({ testTimeout: 120_000 });
const example = join(import.meta.dirname, "..", "..", "examples", "frontend-40-lines");

let source = "";
let folder = "";
beforeAll(async () => {
  source = await pushTestFrontend(rig, join(example, "frontend.ts"), "files");
  folder = mkdtempSync(join(tmpdir(), "frontend-40-lines-"));
  cpSync(join(example, "Filesfile"), join(folder, "Filesfile"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const build = (...extra: string[]) => runTestFrontend(rig, source, { locals: { dockerfile: folder }, extra });

test("is 40 lines long", () => {
  expect(readFileSync(join(example, "frontend.ts"), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(
    40,
  );
});

test("builds what its file says", async () => {
  // Where no busybox can be had the test brings its own image.
  const text = readFileSync(join(example, "Filesfile"), "utf8").replace(
    /< .*:\/bin\/busybox/,
    `< ${source}:/bin/node`,
  );
  writeFileSync(join(folder, "Filesfile"), text);
  const out = join(folder, "out");
  const { code, stderr } = await build("--output", `type=local,dest=${out}`);
  expect(code, stderr).toBe(0);
  expect(readFileSync(join(out, "etc", "motd"), "utf8")).toBe("Hello from a frontend of your own\n");
  expect(statSync(join(out, "bin", "busybox")).mode & 0o111).not.toBe(0);
});

test("shows the line of a mistake", async () => {
  writeFileSync(
    join(folder, "Filesfile"),
    "# syntax=localhost:5000/files\n/etc/motd : oops\n/etc/hostname = box\n",
  );
  const { code, stderr } = await build();
  expect(code).not.toBe(0);
  expect(stderr).toMatch(
    /Filesfile:2\n-+\n.*1 \| +# syntax=localhost:5000\/files\n +2 \| >>> \/etc\/motd : oops\n/,
  );
  expect(stderr).toContain("Filesfile:2: expected PATH = TEXT or PATH < IMAGE:PATH");
});

test("shows the line whose step failed", async () => {
  writeFileSync(join(folder, "Filesfile"), `# syntax=x\n/a < ${source}:/no/such/file\n`);
  const { code, stderr } = await build();
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/2 \| >>> \/a < .*no\/such\/file/);
});

test("read-files.ts reads the context through the gateway, and only what it asked for", async () => {
  const reader = await pushTestFrontend(rig, join(example, "read-files.ts"), "read-files");
  const context = join(folder, "context");
  for (const directory of ["cmd/api", "cmd/worker"]) mkdirSync(join(context, directory), { recursive: true });
  writeFileSync(join(context, "go.mod"), "module example.com/shop\n\ngo 1.26\n");
  writeFileSync(join(context, "cmd", "notes.txt"), "");
  writeFileSync(join(context, "README.md"), "not asked for");
  const { code, stderr, report } = await runTestFrontend(rig, reader, { locals: { context } });
  expect(code, stderr).toBe(0);
  expect(report).toEqual({ module: "example.com/shop", commands: ["api", "worker"], readme: false });
});
