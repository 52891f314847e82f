// Build tags of each release: what golang/go:src/internal/buildcfg/cfg.go (gogoarchTags) had at the time.
import { expect, test } from "vitest";
import { buildContext } from "../../src/facts/build-context.ts";

const has = (tag: string, arch: string, goVersion: string, variant = ""): boolean | undefined =>
  buildContext({ platform: { os: "linux", architecture: arch, variant }, goVersion }).hasTag(tag);

test.each([
  ["amd64.v1", "amd64", "1.21", true],
  ["amd64.v2", "amd64", "1.26", false],
  ["386.sse2", "386", "1.21", true],
  ["arm.7", "arm", "1.21", true],
  ["arm64.v8.0", "arm64", "1.22.12", false],
  ["arm64.v8.0", "arm64", "1.23", true],
  ["riscv64.rva20u64", "riscv64", "1.22", false],
  ["riscv64.rva20u64", "riscv64", "1.23.4", true],
  ["wasm.satconv", "wasm", "1.25", false],
  ["wasm.signext", "wasm", "1.26", true],
  ["goexperiment.greenteagc", "amd64", "1.25", false],
  ["goexperiment.greenteagc", "amd64", "1.26", true],
  ["goexperiment.regabiargs", "386", "1.26", false],
  ["goexperiment.regabiargs", "amd64", "1.21", true],
  ["goexperiment.regabiargs", "loong64", "1.21", false],
  ["goexperiment.regabiwrappers", "loong64", "1.22", true],
  ["goexperiment.regabiargs", "s390x", "1.25", false],
  ["goexperiment.regabiargs", "s390x", "1.26", true],
  ["goexperiment.allocheaders", "amd64", "1.22", true],
  ["goexperiment.allocheaders", "amd64", "1.23", false],
  ["goexperiment.spinbitmutex", "amd64", "1.24", true],
  ["goexperiment.spinbitmutex", "riscv64", "1.24", false],
  ["goexperiment.spinbitmutex", "amd64", "1.25", false],
  ["go1.27", "amd64", "1.27rc1", true],
  ["go1.28", "amd64", "1.27rc1", false],
  ["goexperiment.greenteagc", "amd64", "1.27", undefined],
] as const)("%s for %s with Go %s: %s", (tag, arch, goVersion, expected) => {
  expect(has(tag, arch, goVersion)).toBe(expected);
});

test("a level that the platform names holds those below it", () => {
  expect(["v1", "v2", "v3", "v4"].map((level) => has(`amd64.${level}`, "amd64", "1.26", "v3"))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(["arm.5", "arm.6", "arm.7"].map((tag) => has(tag, "arm", "1.26", "v6"))).toEqual([
    true,
    true,
    false,
  ]);
});
