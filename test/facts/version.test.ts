import { expect, test } from "vitest";
import { compareVersions, fullVersion, isVersion } from "../../src/facts/version.ts";

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

test("what is a version, and what is one of three numbers (golang/mod:semver/semver_test.go)", () => {
  for (const text of ["v1", "v1.2", "v1.2.3", "v0.0.0-0.a-b.10", "v1.2.3-rc.1+a.01", "v1.2.3+meta"]) {
    expect([text, isVersion(text)]).toEqual([text, true]);
  }
  const bad = [
    "",
    "1.2.3",
    "v",
    "v01",
    "v1.",
    "v1.02",
    "v1.2-rc",
    "v1+meta",
    "v1.2.3-01",
    "v1.2.3-",
    "v1.2.3-a..b",
  ];
  for (const text of [...bad, "v1.2.3+", "v1.2.3+a+b", "v1.2.3 ", "v1.2.3\n", "v1.2.3.4"]) {
    expect([text, isVersion(text), fullVersion(text)]).toEqual([text, false, undefined]);
  }
  expect(fullVersion("v1.2")).toBeUndefined();
  expect(fullVersion("v1.2.3-rc.1+a.b")).toEqual({ canonical: "v1.2.3-rc.1", build: "+a.b" });
  expect(fullVersion("v2.0.0")).toEqual({ canonical: "v2.0.0", build: "" });
});
