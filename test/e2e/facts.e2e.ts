// The facts room against Go itself: what `go list` says of tricky fixtures and of real modules, and real builds from
// nothing but the files that were named. Needs Go and the Go module proxy, no daemon of its own.
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { detectModule, folderTree, type GoModule, openTree } from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import { checkModule, copyFiles, fetchModule } from "../facts-check/check.ts";
import { checkFixtures } from "../facts-check/fixtures.ts";
import { run } from "../facts-check/go.ts";

const linux = { os: "linux", architecture: "amd64" };

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "facts-e2e-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

test("the golden files of the fixtures are what go list says", async () => {
  expect(await checkFixtures(false, () => undefined)).toEqual([]);
});

describe.each([
  ["github.com/nats-io/nats-server/v2@v2.12.0", "."],
  ["github.com/caddyserver/caddy/v2@v2.10.2", "cmd/caddy"],
])("%s", (moduleVersion, main) => {
  test("packages, files and imports are those of go list, for every platform, tag set and cgo", async () => {
    const report = await checkModule(moduleVersion, {
      mains: [main],
      tags: ["netgo", "osusergo"],
      most: 1,
      say: () => undefined,
    });
    expect(report.mains.map((each) => [each.main, each.configurations])).toEqual([[main, 16]]);
    expect(report.mains.flatMap((each) => [...each.differences, ...each.goErrors])).toEqual([]);
  });
});

test("a build from the named files alone gives the same binary as one from the whole tree", async () => {
  const main = ".";
  const root = join(work, "whole");
  await fetchModule("github.com/nats-io/nats-server/v2@v2.12.0", root);
  const module = await moduleOf(root);
  const facts = await scanService(openTree(folderTree(root)), {
    module,
    main,
    platforms: [linux],
    goVersion: "1.26",
  });
  const exact = join(work, "exact");
  await copyFiles(root, exact, facts.files);
  expect(await build(exact, main)).toBe(await build(root, main));
});

async function moduleOf(root: string): Promise<GoModule> {
  const detected = await detectModule(openTree(folderTree(root)));
  if (!detected.ok) throw new Error(detected.diagnostics.map((each) => each.message).join("; "));
  return detected.module;
}

/** sha256 of the binary. */
async function build(root: string, main: string): Promise<string> {
  const out = join(root, "..", "binary");
  const args = [
    "build",
    "-trimpath",
    "-buildvcs=false",
    "-mod=readonly",
    "-ldflags=-s -w -buildid=",
    "-o",
    out,
    `./${main}`,
  ];
  const { code, stderr } = await run("go", args, root, {
    CGO_ENABLED: "0",
    GOOS: "linux",
    GOARCH: "amd64",
    GOFLAGS: "",
  });
  if (code !== 0) throw new Error(stderr);
  return createHash("sha256")
    .update(await readFile(out))
    .digest("hex");
}
