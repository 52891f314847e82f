import { expect, test } from "vitest";
import { compareVersions } from "../../src/facts/version.ts";

test("versions stand in Go's order (golang/mod:semver/semver_test.go)", () => {
  const sorted = [
    "v0.0.0-20200101000000-abcdefabcdef",
    "v0.0.0",
    "v0.9.10",
    "v1.0.0-alpha",
    "v1.0.0-alpha.1",
    "v1.0.0-alpha.beta",
    "v1.0.0-beta.2",
    "v1.0.0-beta.11",
    "v1.0.0-rc.1",
    "v1.0.0",
    "v1.2.0",
    "v1.10.0",
    "v2.0.0+incompatible",
  ];
  expect([...sorted].reverse().toSorted(compareVersions)).toEqual(sorted);
  expect(compareVersions("v2.0.0+incompatible", "v2.0.0")).toBe(0);
});
