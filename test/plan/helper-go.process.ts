// The build helper's own tests, in Go: they need a toolchain, as the rig does, and no daemon.
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const helper = fileURLToPath(new URL("../../src/plan/helper/", import.meta.url));
const path = `${process.env["PATH"] ?? ""}${delimiter}/usr/local/go/bin`;

test("go test", { timeout: 300_000 }, () => {
  const env = { ...process.env, PATH: path, GOTOOLCHAIN: "local", GOFLAGS: "", GOPROXY: "off" };
  const run = spawnSync("go", ["test", "./..."], { cwd: helper, encoding: "utf8", env });
  expect(`${run.stdout}${run.stderr}`).toMatch(/^ok\s+go-frontend\/helper/m);
  expect(run.status).toBe(0);
});
