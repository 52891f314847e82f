import { describe, expect, test } from "vitest";
import { detectModule } from "../../src/facts/index.ts";
import {
  importPathProblem,
  modulePathProblem,
  replacementProblem,
  requirementProblem,
} from "../../src/facts/modfile/module-path.ts";
import { openFiles } from "./memory-tree.ts";

// What golang.org/x/mod says of each is compared in test/fuzz (go.mod) with Go's own program.
const paths = [
  "example.com/a",
  "example.com/a.b/c-d/e_f/g~h",
  "example.com/a/v2",
  "gopkg.in/yaml.v3",
  "gopkg.in/check.v1-unstable",
  "sigs.k8s.io/yaml",
];

const bad: readonly [path: string, why: string][] = [
  ["", "it is empty"],
  ["-x", "leading dash"],
  ["-C=/", "leading dash"],
  ["-modfile=/etc/passwd", "leading dash"],
  ["a.b//c", "an empty element"],
  ["a.b/c/", "an empty element"],
  ["/a.b/c", "an empty element"],
  ["a.b/../c", 'invalid element ".."'],
  ["a.b/c.", "trailing dot in an element"],
  ["a.b/c d", 'invalid element "c d"'],
  ["a.b/c\nrequire d.e/f", 'invalid element "c<U+000A>require d.e"'],
  ["a.b/c@v1.0.0", 'invalid element "c@v1.0.0"'],
  ["a.b/é", 'invalid element "é"'],
  ["a.b/con", '"con" is the name of a device on Windows'],
  ["a.b/COM1.x", '"COM1" is the name of a device on Windows'],
  ["a.b/c~1", "trailing tilde and digits in an element"],
];

describe("module paths", () => {
  test.each(paths)("%s", (path) => {
    expect(importPathProblem(path)).toBeUndefined();
    expect(modulePathProblem(path)).toBeUndefined();
  });

  test.each(bad)("%j is none: %s", (path, why) => {
    for (const problem of [importPathProblem(path), modulePathProblem(path)]) {
      expect(problem?.message).toContain(`: ${why}`);
      expect(problem?.help).toContain("paths are written like");
    }
  });

  test.each(["a.b/.c", "a.b/c+d", "Example.com/a", "ex_ample.com/a"])(
    "%s can be built, and replaced, but not fetched",
    (path) => {
      expect(importPathProblem(path)).toBeUndefined();
      expect(modulePathProblem(path)).toBeDefined();
    },
  );
});

describe("requirements", () => {
  test.each([
    ["a.b/c", "v0.0.0"],
    ["a.b/c", "v1.2.3-rc.1"],
    ["a.b/c", "v0.0.0-20161208181325-20d25e280405"],
    ["a.b/c", "v2.0.0+incompatible"],
    ["a.b/c/v2", "v2.3.4"],
    ["a.b/c/v10", "v10.0.0-0.20240102030405-abcdefabcdef"],
    ["a.b/c/v123", "v123.0.0"],
    ["a.b/v2x/c", "v1.0.0"],
    ["a.b/c~1d", "v1.0.0"],
    ["gopkg.in/yaml.v3", "v3.0.1"],
    ["gopkg.in/yaml.v12", "v12.0.1"],
    ["gopkg.in/check.v1", "v0.0.0-20161208181325-20d25e280405"],
    ["local", "v0.0.0"],
  ])("%s %s", (path, version) => {
    expect(requirementProblem(path, version)).toBeUndefined();
  });

  test.each([
    ["a.b/c", "latest", "is not of the form v1.2.3"],
    ["a.b/c", "v1", "is not of the form v1.2.3"],
    ["a.b/c", "v1.2", "is not of the form v1.2.3"],
    ["a.b/c", "1.2.3", "is not of the form v1.2.3"],
    ["a.b/c", "v1.2.3+meta", "is not of the form v1.2.3"],
    ["a.b/c", "v01.2.3", "is not of the form v1.2.3"],
    ["a.b/c", "v1.2.3-01", "is not of the form v1.2.3"],
    ["a.b/c", "v1.2.3-", "is not of the form v1.2.3"],
    ["a.b/c", "-x", "is not of the form v1.2.3"],
    ["a.b/c", "v2.0.0", "should be v0 or v1, not v2"],
    ["a.b/c/v2", "v1.0.0", "should be v2, not v1"],
    ["a.b/c/v1", "v1.0.0", "invalid major version"],
    ["a.b/c/v2.1", "v2.1.0", "invalid major version"],
    ["gopkg.in/yaml", "v1.0.0", "invalid major version"],
    ["gopkg.in/yaml.v1x", "v1.0.0", "invalid major version"],
    ["gopkg.in/yaml.v1/sub", "v1.0.0", "invalid major version"],
    ["gopkg.in/check.v1", "v2.0.0", "should be v1, not v2"],
    ["gopkg.in/check.v2", "v0.0.0-20161208181325-20d25e280405", "should be v2, not v0"],
    ["a.b/c~12", "v1.0.0", "trailing tilde and digits"],
  ])("%s %s is none: %s", (path, version, why) => {
    const problem = requirementProblem(path, version);
    expect(problem?.message).toContain(why);
    expect(problem?.help).toMatch(/\S/);
  });

  test("the help says what to write", () => {
    const help = (path: string, version: string): string => requirementProblem(path, version)?.help ?? "";
    expect(help("a.b/c", "v2.0.0")).toBe(
      "write `a.b/c/v2 v2.0.0`, or `v2.0.0+incompatible` where the repository has no go.mod",
    );
    expect(help("a.b/c/v2", "v1.0.0")).toBe("write the major version of the path");
    expect(help("gopkg.in/yaml", "v1.0.0")).toContain("`.v1`, `.v2`");
    expect(help("a.b/c/v1", "v1.0.0")).toContain("`/v2`, `/v3`");
  });

  test("a replacement's path says nothing of its version", () => {
    expect(replacementProblem("a.b/fork", "v2.0.0")).toBeUndefined();
    expect(replacementProblem("-fork", "v2.0.0")?.message).toContain("leading dash");
    expect(replacementProblem("a.b/fork", "main")?.message).toContain("is not of the form v1.2.3");
  });
});

describe("a go.mod that would reach a command line", () => {
  const withLine = async (line: string, more = ""): Promise<string> => {
    const text = `module example.com/a\n\ngo 1.26\n\n${line}\n${more}`;
    const detected = await detectModule(openFiles({ "go.mod": text }));
    return detected.diagnostics
      .map((each) => `${each.file ?? ""}:${each.position?.line ?? 0} ${each.code} ${each.message}`)
      .join("\n");
  };

  test.each([
    ["require -x v1", "leading dash"],
    ["require -C=/ v1", "leading dash"],
    ["require -modfile=/etc/passwd v1", "leading dash"],
    ["require a.b/c latest", 'the version "latest" of a.b/c is not of the form v1.2.3'],
    ['require "a.b/c v1.0.0 x" v1.0.0', "invalid element"],
    ["require `a.b/c v1.0.0\\nx` v1.0.0", "has a quote in it"],
    ["require Example.com/a v1.0.0", "the host"],
    ["replace a.b/c => -x v1.0.0", "leading dash"],
    ["replace a.b/c => ./c v1.0.0", "a directory that replaces a module has no version"],
  ])("%s", async (line, message) => {
    const found = await withLine(line);
    expect(found).toMatch(/^go\.mod:5 GF016 /);
    expect(found).toContain(message);
  });

  test("the module's own path is checked too", async () => {
    const detected = await detectModule(openFiles({ "go.mod": 'module "-x,y"\n' }));
    expect(detected.diagnostics).toMatchObject([
      { code: "GF016", file: "go.mod", position: { line: 1, column: 8 } },
    ]);
  });

  test("what a replace provides need not be fetched", async () => {
    expect(await withLine("require a.b/c++ v1.0.0", "replace a.b/c++ => ./c\n")).not.toContain("GF016");
  });
});
