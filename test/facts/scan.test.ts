import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  detectModule,
  scanServices,
  type GoModule,
  type ServiceFacts,
  type ServiceQuery,
  type OpenTree,
  openTree,
  type SourceTree,
} from "../../src/facts/index.ts";
import { scanService, usedSince } from "../support/scan-service.ts";
import { BOUNDS, type Bounds } from "../../src/facts/bounds.ts";
import type { Budget } from "../../src/facts/budget.ts";
import { link, type FixtureFile } from "./fixtures/types.ts";
import { memoryTree, type MemoryTree } from "./memory-tree.ts";

type Files = Readonly<Record<string, FixtureFile>>;

const linux = { os: "linux", architecture: "amd64" };
const importing = (name: string, ...paths: readonly string[]): string =>
  `package ${name}\n\nimport (\n${paths.map((path) => `\t_ "${path}"\n`).join("")})\n`;

const sums = (...modules: readonly string[]): string =>
  modules.map((each) => `${each} h1:a=\n${each}/go.mod h1:a=\n`).join("");

async function moduleOf(tree: OpenTree, dir = "."): Promise<GoModule> {
  const detected = await detectModule(tree, dir);
  if (!detected.ok) throw new Error(detected.diagnostics.map((each) => each.message).join());
  return detected.module;
}

async function scan(
  files: Files,
  query: Partial<ServiceQuery> = {},
  bounds: Partial<Bounds> = {},
): Promise<ServiceFacts & { readonly tree: MemoryTree; readonly used: Budget["used"] }> {
  const source = memoryTree({ "go.mod": "module example.com/app\n\ngo 1.24\n", ...files });
  const tree = openTree(source, { ...BOUNDS, ...bounds });
  const module = await moduleOf(tree);
  const before = { ...tree.budget.used };
  const facts = await scanService(tree, { module, main: ".", platforms: [linux], ...query });
  return { ...facts, tree: source, used: usedSince(before, tree.budget.used) };
}

describe("the exact files", () => {
  test("a module that a replace names and nothing requires is passed over where another has the package", async () => {
    const files = {
      "go.mod": "module example.com/app\n\ngo 1.24\n\nreplace example.com/app/sub => ./other\n",
      "main.go": importing("main", "example.com/app/sub"),
      "sub/sub.go": "package sub\n",
      "other/go.mod": "module example.com/app/sub\n",
      "other/sub.go": "package sub\n",
    };
    const facts = await scan(files);
    expect(facts.files).toEqual(["go.mod", "main.go", "other/go.mod", "sub/sub.go"]);
    expect(facts.diagnostics).toEqual([]);
    const required = `${files["go.mod"]}\nrequire example.com/app/sub v0.0.0\n`;
    expect((await scan({ ...files, "go.mod": required })).files).toContain("other/sub.go");
  });

  test("what the build reads and nothing else", async () => {
    const facts = await scan({
      "main.go": importing("main", "example.com/app/a", "fmt"),
      "main_test.go": importing("main", "example.com/app/onlytest"),
      "main_windows.go": "package main\n",
      "default.pgo": "",
      "README.md": "",
      "go.sum": "",
      "a/a.go": 'package a\n\nimport _ "embed"\n\n//go:embed data\nvar x embed.FS\n',
      "a/data/one.txt": "",
      "a/data/.two": "",
      "a/notes.txt": "",
      "a/unused/u.go": "package unused\n",
      "onlytest/x.go": "package onlytest\n",
      "cmd/other/main.go": "package main\n",
    });
    expect(facts.files).toEqual(["a/a.go", "a/data/one.txt", "default.pgo", "go.mod", "go.sum", "main.go"]);
    expect([facts.profile, facts.importPath, facts.complete]).toEqual([
      "default.pgo",
      "example.com/app",
      true,
    ]);
    expect(facts.std).toEqual(["embed", "fmt"]);
  });

  test("links on the way and what they lead to", async () => {
    const facts = await scan({
      "main.go": importing("main", "example.com/app/linked", "example.com/app/b"),
      linked: link("real/deep"),
      "real/deep/x.go": "package x\n",
      "b/shared.go": link("../common/shared.txt"),
      "common/shared.txt": "package b\n",
    });
    expect(facts.files).toEqual([
      "b/shared.go",
      "common/shared.txt",
      "go.mod",
      "linked",
      "main.go",
      "real/deep/x.go",
    ]);
    expect(facts.links).toEqual(["b/shared.go", "linked"]);
  });

  test("a file in a folder whose name begins with the word package", async () => {
    const facts = await scan({
      "main.go": importing("main", "example.com/app/x"),
      "x/x.go": importing("x", "example.com/app/y"),
      "y/y.go": link("../package x/y.go"),
      "package x/y.go": "package y\n",
    });
    expect(facts.files).toEqual(["go.mod", "main.go", "package x/y.go", "x/x.go", "y/y.go"]);
  });

  test("a go.mod that is a link, with what it leads to", async () => {
    const facts = await scan({
      "go.mod": link("build/mod.txt"),
      "build/mod.txt": "module example.com/app\n",
      "main.go": "package main\n",
    });
    expect([facts.files, facts.links]).toEqual([["build/mod.txt", "go.mod", "main.go"], ["go.mod"]]);
  });

  test("a package without a matching file is sent whole, so that Go explains it", async () => {
    const facts = await scan({
      "main.go": importing("main", "example.com/app/w"),
      "w/w_windows.go": "package w\n",
      "w/w_test.go": "package w\n",
    });
    expect(facts.files).toEqual(["go.mod", "main.go", "w/w_test.go", "w/w_windows.go"]);
  });

  test("headers that assembly includes, wherever they are, and cgo's directories", async () => {
    const files = {
      "main.go":
        'package main\n\n// #cgo CFLAGS: -I${SRCDIR}/third -I../up\n// #include "api.h"\nimport "C"\n',
      "plain.go": "package main\n",
      "f_amd64.s": '#include "textflag.h"\n#include "inc/a.h"\n',
      "inc/a.h": '#include "b.h"\n',
      "inc/b.h": "",
      "inc/unused.h": "",
      "third/api.h": "",
      "third/sub/more.h": "",
      "third/impl.inc": "",
    };
    expect((await scan(files)).files).toEqual(["f_amd64.s", "go.mod", "inc/a.h", "inc/b.h", "plain.go"]);
    expect((await scan(files, { cgo: true })).files).toEqual([
      "f_amd64.s",
      "go.mod",
      "inc/a.h",
      "inc/b.h",
      "main.go",
      "plain.go",
      "third/api.h",
      "third/impl.inc",
      "third/sub/more.h",
    ]);
  });

  test("platforms apart and together", async () => {
    const facts = await scan(
      {
        "main.go": "package main\n",
        "l_linux.go": importing("main", "example.com/app/l"),
        "w_windows.go": importing("main", "golang.org/x/sys/windows"),
        "l/l.go": "package l\n",
        "go.mod": "module example.com/app\n\nrequire golang.org/x/sys v0.1.0\n",
        "go.sum": "golang.org/x/sys v0.1.0 h1:a=\n",
      },
      { platforms: [linux, { os: "windows", architecture: "amd64" }] },
    );
    expect(facts.platforms.map((each) => each.files)).toEqual([
      ["go.mod", "go.sum", "l/l.go", "l_linux.go", "main.go"],
      ["go.mod", "go.sum", "main.go", "w_windows.go"],
    ]);
    expect(facts.platforms.map((each) => each.outside)).toEqual([[], ["golang.org/x/sys/windows"]]);
    expect(facts.outside).toEqual(["golang.org/x/sys/windows"]);
    expect(facts.files).toEqual(["go.mod", "go.sum", "l/l.go", "l_linux.go", "main.go", "w_windows.go"]);
  });
});

describe("outside packages and go.sum", () => {
  const goMod =
    "module example.com/app\n\ngo 1.24\n\nrequire (\n\tx.y/a v1.0.0\n\tx.y/a/sub v1.1.0\n\tx.y/b v1.0.0 // indirect\n\tx.y/r v1.0.0\n)\n\nreplace x.y/r => x.y/fork v2.0.0\n";
  const main = importing(
    "main",
    "x.y/a/pkg",
    "x.y/a/sub/pkg",
    "x.y/r",
    "not.required/x",
    "example.com/app/gone",
  );

  test("only what go.mod requires is outside; the rest is missing, and said where it is imported", async () => {
    const facts = await scan({
      "go.mod": goMod,
      "go.sum": sums("x.y/a v1.0.0", "x.y/a/sub v1.1.0", "x.y/fork v2.0.0"),
      "main.go": main,
    });
    expect(facts.outside).toEqual(["x.y/a/pkg", "x.y/a/sub/pkg", "x.y/r"]);
    expect(facts.missing).toEqual(["example.com/app/gone", "not.required/x"]);
    expect(
      facts.diagnostics.map((each) => [each.code, each.message, each.file, each.position?.line]),
    ).toEqual([
      [
        "GF008",
        "package example.com/app/gone is not there: no directory ./gone in the build context",
        "main.go",
        8,
      ],
      ["GF008", "no required module provides package not.required/x", "main.go", 7],
    ]);
  });

  test("go.sum missing, and incomplete, at their lines", async () => {
    const main = importing("main", "x.y/a/pkg", "x.y/a/sub/pkg", "x.y/r");
    const missing = await scan({ "go.mod": goMod, "main.go": main });
    expect(
      missing.diagnostics.map((each) => [each.code, each.message, each.file, each.position?.line]),
    ).toEqual([["GF011", "go.sum is missing but the build needs 3 modules", "go.mod", 1]]);
    const incomplete = await scan({
      "go.mod": goMod,
      "go.sum": "x.y/a v1.0.0 h1:a=\nx.y/a/sub v1.1.0/go.mod h1:a=\n",
      "main.go": main,
    });
    expect(
      incomplete.diagnostics.map((each) => [each.code, each.message, each.file, each.position?.line]),
    ).toEqual([
      ["GF012", "go.sum has no entry for x.y/a/sub v1.1.0", "go.mod", 7],
      ["GF012", "go.sum has no entry for x.y/fork v2.0.0", "go.mod", 9],
      ["GF012", "go.sum has no entry for the go.mod of x.y/a v1.0.0", "go.mod", 6],
    ]);
  });

  test("in a workspace go.sum may be missing: Go completes go.work.sum", async () => {
    const main = importing("main", "x.y/a/pkg", "x.y/r");
    const files = { "go.mod": goMod, "main.go": main, "go.work": "go 1.24\n\nuse .\n" };
    expect((await scan(files)).diagnostics).toEqual([]);
  });

  test("before Go 1.17 the go.mod of every requirement is read, imported or not", async () => {
    const files = (go: string, sum: string | undefined): Files => ({
      "go.mod": `module example.com/app\n\ngo ${go}\n\nrequire (\n\tx.y/a v1.0.0\n\tx.y/b v1.0.0\n\tx.y/out v1.0.0\n)\n\nexclude x.y/other v1.0.0\n`,
      ...(sum === undefined ? {} : { "go.sum": sum }),
      "main.go": importing("main", "fmt"),
    });
    const said = async (go: string, sum?: string): Promise<readonly string[]> =>
      (await scan(files(go, sum))).diagnostics.map(({ code, message }) => `${code} ${message}`);
    expect(await said("1.17")).toEqual([]);
    expect(await said("1.16")).toEqual(["GF011 go.sum is missing but the build needs 3 modules"]);
    const out = "x.y/out v1.0.0/go.mod h1:a=\n";
    expect(await said("1.16", `${out}x.y/a v1.0.0/go.mod h1:a=\nx.y/b v1.0.0 h1:a=\n`)).toEqual([
      "GF012 go.sum has no entry for the go.mod of x.y/b v1.0.0",
    ]);
    expect(await said("1.16", `${out}x.y/a v1.0.0/go.mod h1:a=\nx.y/b v1.0.0/go.mod h1:a=\n`)).toEqual([]);
  });

  test("a module without outside packages needs no go.sum", async () => {
    expect((await scan({ "main.go": importing("main", "net/http") })).diagnostics).toEqual([]);
  });
});

describe("round trips", () => {
  const chain = (length: number): Files => ({
    "main.go": importing("main", "example.com/app/p/p1", "example.com/app/q/q1"),
    ...Object.fromEntries(
      Array.from({ length }, (_, i) => [
        `p/p${i + 1}/x.go`,
        i + 1 < length ? importing("x", `example.com/app/p/p${i + 2}`) : "package x\n",
      ]),
    ),
    "q/q1/x.go": 'package q\n\nimport _ "embed"\n\n//go:embed a\nvar x string\n',
    "q/q1/a/b/c/d.txt": "",
  });

  test("as many as the import graph is deep; embeds travel along", async () => {
    const { tree, used } = await scan(chain(6));
    // The root for go.mod and the main package, then one a package of the chain.
    expect(tree.rounds.filter((each) => each.kind === "list")).toHaveLength(7);
    expect(used.levels).toBe(6);
  });

  test("every directory is listed once and every file read once, for all platforms, tags and services", async () => {
    const source = memoryTree({
      "go.mod": "module example.com/app\n",
      "cmd/a/main.go": importing("main", "example.com/app/shared"),
      "cmd/b/main.go": importing("main", "example.com/app/shared"),
      "shared/s.go": "package shared\n",
      "shared/s_windows.go": "package shared\n",
    });
    const tree = openTree(source);
    const module = await moduleOf(tree);
    const platforms = [linux, { os: "windows", architecture: "amd64" }];
    await scanServices(tree, [
      { module, main: "cmd/a", platforms },
      { module, main: "cmd/b", platforms, tags: ["x"] },
    ]);
    await Promise.all([
      scanService(tree, { module, main: "cmd/a", platforms, cgo: true }),
      scanService(tree, { module, main: "cmd/b", platforms: [linux] }),
    ]);
    const paths = source.rounds.flatMap((round) => round.paths.map((path) => `${round.kind} ${path}`));
    expect(paths.toSorted()).toEqual([...new Set(paths)].toSorted());
    // The root and three packages; cmd is only passed through.
    expect(paths).toHaveLength(4 + 5);
  });

  test("and the facts are the same in whatever order files come", async () => {
    const files: Files = {
      ...chain(6),
      "main.go": importing("main", "example.com/app/p/p1", "example.com/app/q/q1", "x.y/z/first"),
      "p/p1/y.go": importing("x", "x.y/z/a", "x.y/z/shared"),
      "p/p3/y.go": importing("x", "x.y/z/shared", "x.y/z/c"),
      "q/q1/y.go": importing("q", "x.y/z/shared", "example.com/app/p/p4", "example.com/app/nowhere"),
      "go.mod": "module example.com/app\n\ngo 1.24\n\nrequire x.y/z v1.0.0\n",
      "go.sum": "x.y/z v1.0.0 h1:a=\n",
    };
    const facts = async (turns: () => number) => {
      const source = memoryTree(files);
      const late = async (read: Promise<Uint8Array>): Promise<Uint8Array> => {
        for (let left = turns(); left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
        return read;
      };
      const tree = openTree({
        ...source,
        read: (ranges) => source.read(ranges).map(late),
      });
      const found = await scanService(tree, { module: await moduleOf(tree), main: ".", platforms: [linux] });
      return {
        ...found,
        lists: source.rounds.filter(({ kind }) => kind === "list").map(({ paths }) => paths),
      };
    };
    const plain = await facts(() => 0);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { minLength: 30 }), async (turns) => {
        const left = [...turns];
        expect(await facts(() => left.pop() ?? 0)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  test("only the head of a large file is read, unless it needs more", async () => {
    const padding = "// words words words words words words words words words words words\n".repeat(2000);
    const { used } = await scan({
      "main.go": `${importing("main", "fmt")}var x int\n${padding}`,
      "more.go": `package main\n${padding}\nimport "os"\n`,
    });
    const whole = padding.length + 'package main\n\nimport "os"\n'.length;
    expect(used.files).toBe(2);
    expect(used.bytes).toBe(8192 + whole);
  });
});

describe("bounds", () => {
  const wide: Files = {
    "main.go": importing("main", ...Array.from({ length: 50 }, (_, i) => `example.com/app/p${i}`)),
    ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p${i}/x.go`, "package x\n"])),
  };

  test.each([
    ["packages", { packages: 10 }],
    ["files", { files: 10 }],
    ["bytes", { bytes: 400 }],
    ["levels", { levels: 0 }],
  ] as const)("%s: the answer is marked, not wrong in silence", async (_, bounds) => {
    const facts = await scan(wide, {}, bounds);
    expect([facts.complete, facts.diagnostics.map((each) => `${each.severity} ${each.code}`)]).toEqual([
      false,
      ["warning GF019"],
    ]);
    expect((await scan(wide)).complete).toBe(true);
  });

  test("a tree that fails fails the scan, with its error", async () => {
    const source = memoryTree({ "go.mod": "module example.com/app\n", "main.go": "package main\n" });
    const module = await moduleOf(openTree(source));
    const lost = (): Promise<never> => Promise.reject(new Error("connection lost"));
    const scanOf = (broken: SourceTree): Promise<ServiceFacts> =>
      scanService(openTree(broken), { module, main: ".", platforms: [linux] });
    await expect(scanOf({ ...source, read: (ranges) => ranges.map(lost) })).rejects.toThrow(
      "connection lost",
    );
    await expect(scanOf({ ...source, list: lost })).rejects.toThrow("connection lost");
  });

  test("cycles of imports and of links end", async () => {
    const facts = await scan({
      "main.go": importing(
        "main",
        "example.com/app/a",
        "example.com/app/loop",
        "example.com/app/deep/self/self/x",
      ),
      "a/a.go": importing("a", "example.com/app/b"),
      "b/b.go": importing("b", "example.com/app/a"),
      loop: link("loop"),
      "deep/self": link("."),
      "deep/x/x.go": "package x\n",
    });
    expect(facts.platforms[0]?.packages.map((each) => each.importPath)).toEqual([
      "example.com/app",
      "example.com/app/a",
      "example.com/app/b",
      "example.com/app/deep/self/self/x",
    ]);
    expect(facts.missing).toEqual(["example.com/app/loop"]);
  });

  test.each<[string, string]>([
    ["deep parentheses", `//go:build ${"(".repeat(200_000)}linux${")".repeat(200_000)}\n\npackage main\n`],
    ["a million negations", `//go:build ${"!".repeat(1_000_000)}linux\n\npackage main\n`],
    ["a long expression", `//go:build ${"linux || ".repeat(100_000)}linux\n\npackage main\n`],
    ["a comment that never ends", `/*${"*".repeat(1_000_000)}`],
    ["a string that never ends", `package main\n\nimport "${"a".repeat(1_000_000)}`],
    ["quotes without end", `package main\n\nimport (\n${"`".repeat(99_999)}`],
    ["a million imports", `package main\n\nimport (\n${'"fmt";'.repeat(300_000)})\n`],
    [
      "embed patterns made to backtrack",
      `package main\n\nimport _ "embed"\n\n//go:embed ${"*a".repeat(60)}b\nvar x string\n`,
    ],
    ["empty", ""],
    ["NUL bytes", "\0".repeat(100_000)],
    ["only a byte order mark", "\ufeff"],
  ])("hostile source is survived: %s", async (_, text) => {
    const facts = await scan({ "main.go": "package main\n", "x.go": text, [`${"a".repeat(200)}.txt`]: "" });
    expect(facts.complete).toBe(true);
    expect(facts.files).toContain("main.go");
  });
});
