import { describe, expect, test } from "vitest";
import {
  detectModule,
  ignoring,
  readModFiles,
  type FactsDiagnostic,
  type GoModule,
  type IgnoreRule,
  openTree,
} from "../../src/facts/index.ts";
import { parseIgnoreFile } from "../../src/facts/ignore-file.ts";
import { link, type FixtureFile } from "./fixtures/types.ts";
import { memoryTree, openFiles } from "./memory-tree.ts";

type Files = Readonly<Record<string, FixtureFile>>;

async function moduleIn(files: Files, dir = "."): Promise<GoModule> {
  const detected = await detectModule(openFiles(files), dir);
  if (!detected.ok) throw new Error(line(detected.diagnostics));
  return detected.module;
}

async function refusal(files: Files, dir = "."): Promise<string> {
  const detected = await detectModule(openFiles(files), dir);
  expect(detected.ok).toBe(false);
  return line(detected.diagnostics);
}

function line(diagnostics: readonly FactsDiagnostic[]): string {
  return diagnostics
    .map(({ code, message, help, file, position }) => {
      const place = file === undefined ? "" : `${file}:${position?.line ?? 0}:${position?.column ?? 0}: `;
      return `${place}${code} ${message}${help === undefined ? "" : ` | ${help}`}`;
    })
    .join("\n");
}

describe("what takes part in a build", () => {
  test("one module: go.mod and go.sum, versions from their lines", async () => {
    const module = await moduleIn({
      "go.mod": "module example.com/a\n\ngo 1.24.0\n\ntoolchain go1.25.1\n",
      "go.sum": "",
      "README.md": "",
    });
    expect([module.path, module.dir, module.go, module.toolchain]).toEqual([
      "example.com/a",
      ".",
      "1.24.0",
      "1.25.1",
    ]);
    expect(module.modFiles).toEqual(["go.mod", "go.sum"]);
    expect(module.vendor).toBeUndefined();
  });

  test("a module in a subdirectory, without a go line", async () => {
    const module = await moduleIn(
      { "go.mod": "module example.com/root\n", "svc/go.mod": "module example.com/svc\n" },
      "svc",
    );
    expect([module.path, module.dir, module.go, module.toolchain]).toEqual([
      "example.com/svc",
      "svc",
      undefined,
      undefined,
    ]);
    expect(module.modFiles).toEqual(["svc/go.mod"]);
  });

  test("a workspace: go.work, its sums and those of the members, go line of go.work", async () => {
    const module = await moduleIn(
      {
        "go.work": "go 1.25\n\ntoolchain go1.26.1\n\nuse (\n\t./svc/a\n\t./lib\n)\n",
        "go.work.sum": "x.y/z v1.0.0 h1:a=\n",
        "svc/a/go.mod": "module example.com/a\n\ngo 1.22\n",
        "svc/a/go.sum": "",
        "lib/go.mod": "module example.com/lib\n",
        "lib/go.sum": "",
        "other/go.mod": "module example.com/other\n",
      },
      "svc/a",
    );
    expect(module.modFiles).toEqual([
      "go.work",
      "go.work.sum",
      "lib/go.mod",
      "lib/go.sum",
      "svc/a/go.mod",
      "svc/a/go.sum",
    ]);
    expect([module.go, module.toolchain, module.workspace?.dir]).toEqual(["1.25", "1.26.1", "."]);
    expect(module.local.map(({ kind, path, dir }) => `${kind} ${path} ${dir}`)).toEqual([
      "main example.com/a svc/a",
      "member example.com/lib lib",
    ]);
    expect(module.sums.has("x.y/z", "v1.0.0")).toBe(true);
  });

  test("a go.work that does not list the module is left out, with a warning", async () => {
    const detected = await detectModule(
      openFiles({
        "go.work": "go 1.24\nuse ./b\n",
        "a/go.mod": "module example.com/a\n",
        "b/go.mod": "module example.com/b\n",
      }),
      "a",
    );
    expect(detected.ok && detected.module.workspace).toBeUndefined();
    expect(line(detected.diagnostics)).toBe(
      "go.work:1:1: GF016 go.work does not list ./a, so the module is built without the workspace | add `use ./a` to go.work if it belongs to the workspace",
    );
  });

  test("replaced modules bring their go.mod, not their go.sum; unused versions do not count", async () => {
    const module = await moduleIn({
      "go.mod":
        "module example.com/a\n\nrequire (\n\tx.y/z v1.0.0\n\tx.y/w v1.0.0\n)\n\nreplace x.y/z => ./z\n\nreplace x.y/w v1.9.0 => ./w\n",
      "z/go.mod": "module x.y/z\n",
      "z/go.sum": "",
      "w/go.mod": "module x.y/w\n",
    });
    expect(module.modFiles).toEqual(["go.mod", "z/go.mod"]);
    expect(module.local.map((each) => each.path)).toEqual(["example.com/a", "x.y/z"]);
  });

  test("of the versions that a workspace requires the newest counts", async () => {
    const files = {
      "go.work": "go 1.26\n\nuse (\n\t./a\n\t./b\n)\n",
      "a/go.mod": "module example.com/a\n\nrequire x.y/z v1.10.0\n\nreplace x.y/z v1.10.0 => ../z\n",
      "b/go.mod": "module example.com/b\n\nrequire x.y/z v1.9.0\n",
      "z/go.mod": "module x.y/z\n",
    };
    expect((await moduleIn(files, "a")).modFiles).toContain("z/go.mod");
    expect((await moduleIn(files, "b")).modFiles).toContain("z/go.mod");
  });

  test("a replaced version of a module that only other modules require counts", async () => {
    const module = await moduleIn({
      "go.mod":
        "module example.com/a\n\ngo 1.16\n\nrequire x.y/z v1.0.0\n\nreplace x.y/deep v1.2.0 => ./deep\n",
      "deep/go.mod": "module x.y/deep\n",
    });
    expect(module.modFiles).toEqual(["deep/go.mod", "go.mod"]);
  });

  test.each([
    ["go 1.24", "vendor"],
    ["go 1.13", undefined],
    ["", undefined],
  ])("vendor with %j in go.mod: %s", async (go, vendor) => {
    const module = await moduleIn({
      "go.mod": `module example.com/a\n${go}\n`,
      "vendor/modules.txt": "# x.y/z v1.0.0\nx.y/z\n",
    });
    expect(module.vendor?.dir).toBe(vendor);
  });

  test("a folder named vendor without modules.txt counts for Go; a file of that name does not", async () => {
    const goMod = { "go.mod": "module example.com/a\n\ngo 1.24\n" };
    expect((await moduleIn({ ...goMod, "vendor/autoload.php": "" })).vendor).toMatchObject({
      dir: "vendor",
      list: { modules: [] },
    });
    expect((await moduleIn({ ...goMod, vendor: "" })).vendor).toBeUndefined();
    const work = { ...goMod, "go.work": "go 1.24\n\nuse .\n", "vendor/autoload.php": "" };
    expect((await moduleIn(work)).vendor).toBeUndefined();
  });

  test("a vendor folder of a workspace counts from go 1.14 on, as a module's does", async () => {
    const module = await moduleIn({
      "go.mod": "module example.com/a\n\ngo 1.20\n\nrequire x.y/z v1.0.0\n",
      "go.work": "go 1.20\n\nuse .\n",
      "vendor/modules.txt": "## workspace\n# x.y/z v1.0.0\n## explicit\nx.y/z\n",
    });
    expect(module.vendor?.dir).toBe("vendor");
  });
});

test("asked twice, a module is the same object, and its texts are read once", async () => {
  const source = memoryTree({
    "go.mod": link("mod.txt"),
    "mod.txt": "module example.com/a\n",
    "go.sum": "x.y/z v1.0.0 h1:a=\n",
  });
  const tree = openTree(source);
  const [one, two] = await Promise.all([detectModule(tree), detectModule(tree)]);
  expect(one).toBe(two);
  expect(one).toBe(await detectModule(tree));
  if (!one.ok) throw new Error("no module");
  expect(await readModFiles(tree, one.module)).toEqual([
    { path: "go.mod", text: "module example.com/a\n" },
    { path: "go.sum", text: "x.y/z v1.0.0 h1:a=\n" },
  ]);
  const reads = source.rounds.flatMap((round) => (round.kind === "read" ? round.paths : []));
  expect(reads.toSorted()).toEqual(["go.sum", "mod.txt"]);
});

describe("refusals", () => {
  test("no go.mod, two found below", async () => {
    expect(
      await refusal({
        "services/api/go.mod": "module a\n",
        "services/web/go.mod": "module b\n",
        "README.md": "",
      }),
    ).toBe(
      "GF010 no go.mod in . — this is not a Go module root | set `module: ./services/api` if the module is in a subdirectory (found 2: ./services/api, ./services/web)",
    );
  });

  test("no go.mod anywhere", async () => {
    expect(await refusal({ "main.go": "package main\n" })).toBe(
      "GF010 no go.mod in . — this is not a Go module root | run `go mod init` in the service's directory, or build from the directory that holds go.mod",
    );
  });

  test("no go.mod in the named directory, but above it", async () => {
    expect(await refusal({ "go.mod": "module a\n", "cmd/api/main.go": "package main\n" }, "cmd/api")).toBe(
      "GF010 no go.mod in ./cmd/api — this is not a Go module root | go.mod is in .: set `module: .` and `main: ./cmd/api`",
    );
  });

  test("go.mod excluded by .dockerignore", async () => {
    const rule: IgnoreRule = { file: ".dockerignore", line: 3, pattern: "*.mod" };
    const detected = await detectModule({
      ...openFiles({ "main.go": "" }),
      ignoredBy: (path) => (path === "go.mod" ? rule : undefined),
    });
    expect(line(detected.diagnostics)).toBe(
      "GF004 go.mod is excluded by .dockerignore line 3 (*.mod) | add `!go.mod` after it or remove the line",
    );
  });

  test("a replace that leaves the context, with its place", async () => {
    expect(await refusal({ "go.mod": "module a\n\nrequire x.y/z v1.0.0\n\nreplace x.y/z => ../lib\n" })).toBe(
      "go.mod:5:18: GF013 replace x.y/z => ../lib lies outside the build context | build from a parent directory that holds both and set `module:`, or hand the directory in: --build-context lib=…",
    );
  });

  test("a go line that is newer than that of go.work, at the line of go.work; before Go 1.21 Go asks for nothing", async () => {
    const files = {
      "go.work": "go 1.25\n\nuse (\n\t./a\n\t./b\n)\n",
      "a/go.mod": "module example.com/a\n\ngo 1.25\n",
      "b/go.mod": "module example.com/b\n\ngo 1.25.3\n",
    };
    expect(await refusal(files, "a")).toBe(
      "go.work:1:4: GF016 b/go.mod asks for Go 1.25.3, which is newer than go.work says (1.25) | run `go work use`, or write `go 1.25.3` in go.work",
    );
    expect(await refusal(files, "b")).toContain("GF016 b/go.mod asks for Go 1.25.3");
    const without = { ...files, "go.work": "use (\n\t./a\n)\n" };
    expect(await refusal(without, "a")).toBe(
      "go.work:1:1: GF016 a/go.mod asks for Go 1.25, which is newer than go.work says (without a go line 1.18) | run `go work use`, or write `go 1.25` in go.work",
    );
    const old = { ...without, "a/go.mod": "module example.com/a\n\ngo 1.20\n" };
    expect((await moduleIn(old, "a")).path).toBe("example.com/a");
  });

  test("a directory that go.work lists twice", async () => {
    expect(await refusal({ "go.work": "go 1.24\n\nuse (\n\t.\n\t./\n)\n", "go.mod": "module a\n" })).toBe(
      "go.work:5:2: GF016 ./ appears twice in go.work | remove the line",
    );
  });

  test("an absolute replace and a go.work use outside", async () => {
    expect(
      await refusal({ "go.mod": "module a\n\nrequire x.y/z v1.0.0\n\nreplace x.y/z => /home/me/lib\n" }),
    ).toContain("GF013 replace x.y/z => /home/me/lib");
    expect(
      await refusal({ "go.work": "go 1.24\n\nuse (\n\t.\n\t../lib\n)\n", "go.mod": "module a\n" }),
    ).toContain("go.work:5:2: GF013 use ../lib lies outside");
  });

  test("a replace outside that go.mod does not require is only a warning, and with vendor nothing", async () => {
    const files = { "go.mod": "module a\n\ngo 1.24\n\nreplace x.y/z => ../lib\n" };
    const detected = await detectModule(openFiles(files));
    expect([detected.ok, detected.diagnostics.map((each) => `${each.severity} ${each.code}`)]).toEqual([
      true,
      ["warning GF013"],
    ]);
    const vendored = await detectModule(openFiles({ ...files, "vendor/modules.txt": "# x.y/z => ../lib\n" }));
    expect([vendored.ok, vendored.diagnostics]).toEqual([true, []]);
  });

  test("a replace whose directory is not there, at its line; only when the module is required", async () => {
    const goMod =
      "module a\n\ngo 1.16\n\nrequire x.y/z v1.0.0\n\nreplace (\n\tx.y/z => ./lib\n\tx.y/no => ./no\n)\n";
    expect(await refusal({ "go.mod": goMod })).toBe(
      "go.mod:8:11: GF013 replace x.y/z => ./lib: no such directory in the build context | add the directory (a git submodule? `git submodule update --init`), or remove the line with `go mod edit -dropreplace=x.y/z` and run `go mod tidy`",
    );
    expect(await refusal({ "go.mod": goMod, "lib/readme.md": "" })).toContain(
      "go.mod:8:11: GF013 replace x.y/z => ./lib: the directory holds no go.mod | ",
    );
    expect(await refusal({ "go.mod": goMod, lib: link("../elsewhere") })).toContain(
      "go.mod:8:11: GF013 replace x.y/z => ./lib lies outside the build context | ",
    );
  });

  test("a use of go.work whose directory is not there", async () => {
    const files = { "go.work": "go 1.24\n\nuse (\n\t.\n\t./tools\n)\n", "go.mod": "module a\n" };
    expect(await refusal(files)).toBe(
      "go.work:5:2: GF013 use ./tools: no such directory in the build context | add the directory (a git submodule? `git submodule update --init`), or remove it with `go work edit -dropuse=./tools`",
    );
  });

  test("a directory of use and replace that .dockerignore hides", async () => {
    const files = {
      "go.work": "go 1.24\n\nuse (\n\t.\n\t./tools\n)\n\nreplace x.y/z => ./lib\n",
      "go.mod": "module a\n\nrequire x.y/z v1.0.0\n",
      "tools/go.mod": "module a/tools\n",
      "lib/go.mod": "module x.y/z\n",
    };
    const rules = parseIgnoreFile("tools\n*/go.mod\n");
    const { diagnostics } = await detectModule(openTree(ignoring(memoryTree(files), rules)));
    expect(
      diagnostics.map((each) => [each.file, each.position?.line, each.code, each.message, each.help]),
    ).toEqual([
      [
        "go.work",
        5,
        "GF004",
        "use ./tools: tools/go.mod is excluded by .dockerignore line 1 (tools)",
        "add `!tools` after it or remove the line",
      ],
      [
        "go.work",
        8,
        "GF004",
        "replace x.y/z => ./lib: lib/go.mod is excluded by .dockerignore line 2 (*/go.mod)",
        "add `!lib/go.mod` after it or remove the line",
      ],
    ]);
  });

  test("vendor/modules.txt that lags behind go.mod, at the requirement's line", async () => {
    const goMod = "module a\n\ngo 1.24\n\nrequire (\n\tx.y/z v1.1.0\n\tx.y/new v1.0.0\n\tx.y/ok v1.0.0\n)\n";
    const list = "# x.y/z v1.0.0\n## explicit\n# x.y/ok v1.0.0\n## explicit; go 1.20\n";
    expect(await refusal({ "go.mod": goMod, "vendor/modules.txt": list })).toBe(
      [
        "go.mod:6:2: GF017 go.mod requires x.y/z v1.1.0 but vendor/modules.txt has v1.0.0 | run `go mod vendor` and commit the result, or remove the folder",
        "go.mod:7:2: GF017 go.mod requires x.y/new v1.0.0 but vendor/modules.txt does not have it | run `go mod vendor` and commit the result, or remove the folder",
      ].join("\n"),
    );
  });

  test("vendor/modules.txt that has what go.mod does not, and other replacements", async () => {
    const goMod =
      "module a\n\ngo 1.24\n\nrequire x.y/z v1.0.0\n\nreplace (\n\tx.y/z => ./z\n\tx.y/q v1.0.0 => x.y/r v1.1.0\n\tx.y/same => ./same\n)\n";
    const list =
      "# x.y/z v1.0.0 => ./other\n## explicit\nx.y/z\n# x.y/gone v1.0.0\n## explicit\nx.y/gone\n# x.y/z => ./other\n# x.y/same => ./same\n# x.y/left => ./left\n";
    expect(await refusal({ "go.mod": goMod, "vendor/modules.txt": list })).toBe(
      [
        "vendor/modules.txt:4:1: GF017 vendor/modules.txt has x.y/gone v1.0.0 but no go.mod requires it",
        "go.mod:8:11: GF017 go.mod replaces x.y/z by ./z but vendor/modules.txt by ./other",
        "go.mod:9:18: GF017 go.mod replaces x.y/q v1.0.0 by x.y/r v1.1.0 but vendor/modules.txt does not",
        "vendor/modules.txt:9:1: GF017 vendor/modules.txt replaces x.y/left by ./left but go.mod does not",
      ]
        .map((line) => `${line} | run \`go mod vendor\` and commit the result, or remove the folder`)
        .join("\n"),
    );
  });

  test("a workspace's vendor/modules.txt that lags behind a member, whatever go.work's go line", async () => {
    const files = {
      "go.work": "go 1.21\n\nuse (\n\t.\n\t./b\n)\n",
      "go.mod": "module a\n\ngo 1.21\n",
      "b/go.mod": "module b\n\ngo 1.21\n\nrequire x.y/z v1.0.0\n",
      "vendor/modules.txt": "## workspace\n",
    };
    expect(await refusal(files)).toBe(
      "b/go.mod:5:9: GF017 b/go.mod requires x.y/z v1.0.0 but vendor/modules.txt does not have it | run `go work vendor` and commit the result, or remove the folder",
    );
  });

  test("syntax errors of go.mod and go.work, with their places", async () => {
    expect(await refusal({ "go.mod": "module a\n\nrequire (\n\tx.y/z\n)\n" })).toBe(
      "go.mod:4:2: GF016 usage: require module/path v1.2.3 | write the path and the version, with a space between them",
    );
    expect(await refusal({ "go.mod": "go 1.24\n" })).toContain("go.mod:1:1: GF016 go.mod has no module line");
    expect(await refusal({ "go.mod": "module a\n", "go.work": "use (\n\t.\n" })).toBe(
      "go.work:1:1: GF016 unclosed block: use ( | close it: a `)` in a line of its own",
    );
  });

  test.each<[string, Files]>([
    ["a link out of the context", { "go.mod": link("../../etc/passwd") }],
    ["an absolute link", { "go.mod": link("/etc/passwd") }],
    ["a loop", { "go.mod": link("b"), b: link("go.mod") }],
    ["a dangling link", { "go.mod": link("nothing") }],
    ["a directory", { "go.mod/x": "" }],
  ])("go.mod is %s: as if it were not there", async (_, files) => {
    expect(await refusal(files)).toContain("GF010");
  });

  test("go.mod as a link inside the context is followed", async () => {
    const module = await moduleIn({
      "go.mod": link("real/mod.txt"),
      "real/mod.txt": "module example.com/linked\n",
    });
    expect(module.path).toBe("example.com/linked");
  });
});
