// Remotes, addresses and paths: what goes in as people write it, and what comes out.
import { describe, expect, test } from "vitest";
import { canonicalIP } from "../../src/llb/names/ip.ts";
import { type Parsed, parseGitURL, shlex, scratch } from "../../src/llb/index.ts";
import { clean, join, normalizePath } from "../../src/llb/names/path.ts";

function valueOf<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

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
    expect(valueOf(parseGitURL(text))).toEqual({ scheme, host, path, remote });
  });
  test.each(["file:///x", "https://h:x/y", "https://h/%zz", "https://h\u0001/", "https://u ser@h/"])(
    "%j is broken",
    (text) => {
      expect(parseGitURL(text).ok).toBe(false);
    },
  );
  test("text without a scheme is no remote yet", () => {
    expect(parseGitURL("github.com/a/b").ok).toBe(false);
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
