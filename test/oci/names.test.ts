// Platforms and image references: what goes in as people write it, and what comes out.
import { describe, expect, test } from "vitest";
import {
  formatPlatform,
  formatPlatformAll,
  formatReference,
  normalizePlatform,
  type Parsed,
  parsePlatform,
  parseReference,
  tagNameOnly,
} from "../../src/oci/index.ts";

function valueOf<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

describe("platforms", () => {
  // containerd/platforms:platforms_test.go
  test.each([
    ["linux/amd64", "linux/amd64", "linux/amd64"],
    ["linux/x86_64", "linux/amd64", "linux/amd64"],
    ["Linux/x86-64", "linux/amd64", "linux/amd64"],
    ["macOS/aarch64", "darwin/arm64", "darwin/arm64"],
    ["linux/i386", "linux/386", "linux/386"],
    ["linux/arm", "linux/arm", "linux/arm/v7"],
    ["linux/armhf", "linux/arm", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6", "linux/arm/v6"],
    ["linux/arm/6", "linux/arm/v6", "linux/arm/v6"],
    ["linux/arm/v7", "linux/arm/v7", "linux/arm/v7"],
    ["linux/arm64", "linux/arm64", "linux/arm64"],
    ["linux/arm64/8", "linux/arm64/v8", "linux/arm64"],
    ["linux/arm64/v9.0", "linux/arm64/v9", "linux/arm64/v9"],
    ["linux/amd64/v1", "linux/amd64", "linux/amd64"],
    ["linux/amd64/v3", "linux/amd64/v3", "linux/amd64/v3"],
    ["windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"],
    [
      "windows(10.0.17763+win32k+a)/amd64",
      "windows(10.0.17763+a+win32k)/amd64",
      "windows(10.0.17763+a+win32k)/amd64",
    ],
    ["linux(+feat)/amd64", "linux(+feat)/amd64", "linux(+feat)/amd64"],
    ["linux(1%2B2)/amd64", "linux(1%2B2)/amd64", "linux(1%2B2)/amd64"],
    ["fresh/arch/and", "fresh/arch/and", "fresh/arch/and"],
  ])("%s", (text, parsed, normalized) => {
    const platform = valueOf(parsePlatform(text));
    expect(formatPlatformAll(platform)).toBe(parsed);
    expect(formatPlatformAll(normalizePlatform(platform))).toBe(normalized);
  });
  test.each([
    "",
    "linux/amd64/v1/x",
    "linux/*",
    "li nux/amd64",
    "linux/am$64",
    "windows()x/amd64",
    "linux(%zz)/amd64",
    "nothing",
    "amd64",
    "linux",
  ])("%j is refused", (text) => {
    expect(parsePlatform(text).ok).toBe(false);
  });
  test("a single word takes the other half from the local platform", () => {
    const local = { os: "linux", architecture: "arm", variant: "v6" };
    expect(valueOf(parsePlatform("windows", local))).toEqual({
      os: "windows",
      architecture: "arm",
      variant: "v6",
    });
    expect(valueOf(parsePlatform("x86_64", local))).toEqual({ os: "linux", architecture: "amd64" });
    expect(valueOf(parsePlatform("armel", local))).toEqual({
      os: "linux",
      architecture: "arm",
      variant: "v6",
    });
  });
  test("features are in Go's order, by their bytes", () => {
    const osFeatures = ["\u{1F600}", "\uFF01", "b", "ab", "a", "a"];
    expect(normalizePlatform({ os: "linux", architecture: "amd64", osFeatures }).osFeatures).toEqual([
      "a",
      "ab",
      "b",
      "\uFF01",
      "\u{1F600}",
    ]);
  });
  test("without an os there is nothing to show", () => {
    expect([
      formatPlatform({ os: "", architecture: "x" }),
      formatPlatformAll({ os: "", architecture: "x" }),
    ]).toEqual(["unknown", "unknown"]);
    expect(formatPlatform({ os: "windows", architecture: "amd64", osVersion: "10" })).toBe("windows/amd64");
  });
});

describe("image references", () => {
  const sha = `sha256:${"0a".repeat(32)}`;
  // distribution/reference:normalize_test.go
  test.each([
    ["alpine", "docker.io/library/alpine:latest"],
    ["alpine:3", "docker.io/library/alpine:3"],
    [`alpine@${sha}`, `docker.io/library/alpine@${sha}`],
    [`alpine:3@${sha}`, `docker.io/library/alpine:3@${sha}`],
    ["docker.io/alpine", "docker.io/library/alpine:latest"],
    ["index.docker.io/library/alpine", "docker.io/library/alpine:latest"],
    ["moby/buildkit", "docker.io/moby/buildkit:latest"],
    ["localhost/x", "localhost/x:latest"],
    ["localhost:5000/x/y", "localhost:5000/x/y:latest"],
    ["Foo/bar", "Foo/bar:latest"],
    ["[::1]:5000/x", "[::1]:5000/x:latest"],
    ["a/b/c/d:e", "docker.io/a/b/c/d:e"],
    ["gcr.io/a__b-c.d", "gcr.io/a__b-c.d:latest"],
  ])("%s", (text, full) => {
    expect(formatReference(tagNameOnly(valueOf(parseReference(text))))).toBe(full);
  });
  test.each([
    "",
    "UPPER",
    "a:",
    "a@sha256:12",
    "a:b:c",
    "-a",
    "a//b",
    "a/-b",
    "a b",
    "x@sha1:" + "a".repeat(40),
    "ab".repeat(32),
    `gcr.io/${"x".repeat(256)}`,
  ])("%j is refused", (text) => {
    expect(parseReference(text).ok).toBe(false);
  });
});
