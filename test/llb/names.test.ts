// Platforms, references, remotes and addresses: what goes in as people write it, and what comes out.
import { describe, expect, test } from "vitest";
import { canonicalIP } from "../../src/llb/names/ip.ts";
import {
  formatPlatform,
  formatPlatformAll,
  formatReference,
  normalizePlatform,
  parseGitURL,
  parsePlatform,
  parseReference,
  shlex,
  tagNameOnly,
  scratch,
} from "../../src/llb/index.ts";
import { clean, join, normalizePath } from "../../src/llb/names/path.ts";

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
    expect(formatPlatformAll(parsePlatform(text))).toBe(parsed);
    expect(formatPlatformAll(normalizePlatform(parsePlatform(text)))).toBe(normalized);
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
    expect(() => parsePlatform(text)).toThrow("is not a platform");
  });
  test("a single word takes the other half from the local platform", () => {
    const local = { os: "linux", architecture: "arm", variant: "v6" };
    expect(parsePlatform("windows", local)).toEqual({ os: "windows", architecture: "arm", variant: "v6" });
    expect(parsePlatform("x86_64", local)).toEqual({ os: "linux", architecture: "amd64" });
    expect(parsePlatform("armel", local)).toEqual({ os: "linux", architecture: "arm", variant: "v6" });
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
    const reference = parseReference(text);
    expect(typeof reference === "string" ? reference : formatReference(tagNameOnly(reference))).toBe(full);
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
    expect(typeof parseReference(text)).toBe("string");
  });
});

describe("git remotes", () => {
  // moby/buildkit:util/gitutil/git_url_test.go
  test.each([
    [
      "https://github.com/moby/buildkit",
      "https",
      "github.com",
      "/moby/buildkit",
      "https://github.com/moby/buildkit",
    ],
    ["HTTP://h:8080/x?a#b", "http", "h:8080", "/x", "http://h:8080/x"],
    ["ssh://git@h:22/~/x.git", "ssh", "git@h:22".slice(4), "/~/x.git", "ssh://git@h:22/~/x.git"],
    [
      "git@github.com:moby/buildkit.git#v1:sub",
      "ssh",
      "github.com",
      "moby/buildkit.git",
      "git@github.com:moby/buildkit.git",
    ],
    ["https://h/a%20b/ü", "https", "h", "/a b/ü", "https://h/a%20b/%C3%BC"],
    ["git://[::1]/x", "git", "[::1]", "/x", "git://[::1]/x"],
  ])("%s", (text, scheme, host, path, remote) => {
    expect(parseGitURL(text)).toEqual({ scheme, host, path, remote });
  });
  test.each(["file:///x", "https://h:x/y", "https://h/%zz", "https://h\u0001/", "https://u ser@h/"])(
    "%j is broken",
    (text) => {
      expect(typeof parseGitURL(text)).toBe("string");
    },
  );
  test("text without a scheme is no remote yet", () => {
    expect(parseGitURL("github.com/a/b")).toBeUndefined();
  });
});

test.each([
  ["1.2.3.4", "1.2.3.4"],
  ["::FFFF:1.2.3.4", "1.2.3.4"],
  ["2001:DB8::0:1", "2001:db8::1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ["::", "::"],
  ["1::", "1::"],
  ["01.2.3.4", undefined],
  ["1.2.3.256", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1::2::3", undefined],
  ["1:2:3:4:5:6:7::8", undefined],
  ["::12345", undefined],
  ["fe80::1%eth0", undefined],
  ["", undefined],
])("the address %j is %j", (text, canonical) => {
  expect(canonicalIP(text)).toBe(canonical);
});

test.each([
  ["a b  c", ["a", "b", "c"]],
  ["'a b' \"c d\"", ["a b", "c d"]],
  ["a\\ b", ["a b"]],
  ['"a\\"b" \'c\\d\'', ['a"b', "c\\d"]],
  ["a# b #c\nd", ["a#", "b", "d"]],
  ["'' \"\"", ["", ""]],
  ["x'y'\"z\"", ["xyz"]],
  ["\t\r\n", []],
])("the words of %j", (line, words) => {
  expect(scratch().with(shlex(line)).getArgs()).toEqual(words);
});

test.each([
  ["", "."],
  ["/", "/"],
  ["/..", "/"],
  ["a/../..", ".."],
  ["a//b/./c/", "a/b/c"],
  ["/a/b/../../c", "/c"],
])("path.Clean of %j is %j", (path, cleaned) => {
  expect(clean(path)).toBe(cleaned);
});

test("path.Join leaves empty parts out", () => {
  expect([join("", ""), join("", "a"), join("/", "", "b/.."), join("a", "../..")]).toEqual([
    "",
    "a",
    "/",
    "..",
  ]);
});

test("paths of file actions keep their slash where it matters", () => {
  expect(["a", "a/", "/a/.", ".", "/", "", "../x/"].map((path) => normalizePath("/w", path, true))).toEqual([
    "/w/a",
    "/w/a/",
    "/a/.",
    "/w",
    "/",
    "/w",
    "/x/",
  ]);
});
