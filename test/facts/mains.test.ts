import { describe, expect, test } from "vitest";
import {
  detectModule,
  findMains,
  resolveMain,
  type GoModule,
  type MainContext,
  type OpenTree,
} from "../../src/facts/index.ts";
import { link, type FixtureFile } from "./fixtures/types.ts";
import { openFiles } from "./memory-tree.ts";

type Files = Readonly<Record<string, FixtureFile>>;

const main = "package main\n\nfunc main() {}\n";
const goMod = "module example.com/app\n\ngo 1.24\n";

async function open(
  files: Files,
  dir = ".",
): Promise<{ readonly tree: OpenTree; readonly module: GoModule }> {
  const tree = openFiles({ "go.mod": goMod, ...files });
  const detected = await detectModule(tree, dir);
  if (!detected.ok) throw new Error(detected.diagnostics.map((each) => each.message).join());
  return { tree, module: detected.module };
}

async function chosen(files: Files, context: MainContext = {}): Promise<string> {
  const { tree, module } = await open(files);
  const mains = await findMains(tree, module, context);
  return (
    mains.chosen?.dir ??
    mains.diagnostics.map((each) => `${each.code} ${each.message} | ${each.help ?? ""}`).join()
  );
}

async function resolved(files: Files, wanted: string, context: MainContext = {}, dir = "."): Promise<string> {
  const { tree, module } = await open(files, dir);
  const answer = await resolveMain(tree, module, wanted, context);
  return answer.ok
    ? `${answer.main.dir} ${answer.main.importPath}`
    : answer.diagnostics.map((each) => `${each.code} ${each.message} | ${each.help ?? ""}`).join();
}

describe("the only main package", () => {
  test.each<[string, Files, string]>([
    ["in the root", { "main.go": main }, "."],
    ["in cmd", { "lib.go": "package app\n", "cmd/app/main.go": main }, "cmd/app"],
    ["in cmd itself", { "lib.go": "package app\n", "cmd/main.go": main }, "cmd"],
    [
      "somewhere else",
      { "lib.go": "package app\n", "services/api/main.go": main, "internal/x/x.go": "package x\n" },
      "services/api",
    ],
    ["in the root, with commands beside it", { "main.go": main, "cmd/tool/main.go": main }, "."],
    [
      "in cmd, the root being a stub for go:generate",
      { "generate.go": "//go:generate true\npackage main\n", "cmd/app/main.go": main },
      "cmd/app",
    ],
    [
      "tools behind build constraints do not count",
      {
        "gen.go": "//go:build ignore\n\npackage main\n",
        "lib.go": "package app\n",
        "cmd/app/main.go": main,
        "cmd/win/main_windows.go": main,
      },
      "cmd/app",
    ],
    [
      "ignored directories do not count",
      {
        "cmd/app/main.go": main,
        "cmd/_old/main.go": main,
        "cmd/testdata/main.go": main,
        "cmd/.x/main.go": main,
      },
      "cmd/app",
    ],
    [
      "nested modules and vendor do not count",
      {
        "app/main.go": main,
        "tools/go.mod": "module tools\n",
        "tools/main.go": main,
        "vendor/x/main.go": main,
        "node_modules/y/main.go": main,
      },
      "app",
    ],
    [
      "a command that is a module of its own does not count",
      {
        "service/main.go": main,
        "cmd/tool/go.mod": "module example.com/app/cmd/tool\n",
        "cmd/tool/main.go": main,
      },
      "service",
    ],
    [
      "nor does it beside one that is not",
      {
        "cmd/app/main.go": main,
        "cmd/tool/go.mod": "module example.com/app/cmd/tool\n",
        "cmd/tool/main.go": main,
      },
      "cmd/app",
    ],
    [
      "nor does anything below a cmd that is a module of its own",
      {
        "service/main.go": main,
        "cmd/go.mod": "module example.com/app/cmd\n",
        "cmd/main.go": main,
        "cmd/tool/main.go": main,
      },
      "service",
    ],
    [
      "nor where its go.mod is a link",
      {
        "service/main.go": main,
        "tool.mod": "module example.com/app/cmd/tool\n",
        "cmd/tool/go.mod": link("../../tool.mod"),
        "cmd/tool/main.go": main,
      },
      "service",
    ],
    [
      "a dangling link named go.mod starts no module",
      { "cmd/app/main.go": main, "cmd/app/go.mod": link("nowhere") },
      "cmd/app",
    ],
    [
      "only in another module",
      { "lib.go": "package app\n", "cmd/tool/go.mod": "module example.com/tool\n", "cmd/tool/main.go": main },
      "GF006 no main package in module example.com/app | other modules lie below it: set `module: ./cmd/tool` to build that one (found ./cmd/tool)",
    ],
    [
      "what go.mod's ignore lines name does not count",
      {
        "go.mod": `${goMod}\nignore (\n\t./cmd/gen\n\tassets/js\n)\n`,
        "cmd/gen/main.go": main,
        "assets/js/x/main.go": main,
        "web/assets/js/main.go": main,
        "web/cmd/gen/main.go": main,
      },
      "web/cmd/gen",
    ],
    ["test files do not count", { "x_test.go": "package main\n", "cmd/app/main.go": main }, "cmd/app"],
  ])("%s", async (_, files, expected) => {
    expect(await chosen(files)).toBe(expected);
  });

  test("it depends on platform, tags and cgo", async () => {
    const files = {
      "cmd/a/main_windows.go": main,
      "cmd/b/main.go": `//go:build special\n\n${main}`,
      "cmd/c/main.go": 'package main\n\nimport "C"\n\nfunc main() {}\n',
    };
    expect(await chosen(files, { platforms: [{ os: "windows", architecture: "amd64" }] })).toBe("cmd/a");
    expect(await chosen(files, { tags: ["special"] })).toBe("cmd/b");
    expect(await chosen(files, { cgo: true })).toBe("cmd/c");
  });

  test("several: all are listed, none is guessed", async () => {
    expect(await chosen({ "cmd/worker/main.go": main, "cmd/api/main.go": main })).toBe(
      "GF005 module example.com/app has 2 main packages and `main` chooses none: ./cmd/api, ./cmd/worker | set `main: ./cmd/api`, or describe each under `services:`",
    );
  });

  test("none", async () => {
    expect(await chosen({ "lib.go": "package app\n" })).toContain(
      "GF006 no main package in module example.com/app",
    );
  });

  test("a huge tree is searched only so far, and the answer says so", async () => {
    const files = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`d${i}/x.go`, "package x\n"]));
    const { tree, module } = await open(files);
    const mains = await findMains(tree, module);
    expect([mains.truncated, mains.diagnostics[0]?.code]).toEqual([true, "GF006"]);
  });
});

describe("the main package by name", () => {
  const files = {
    "cmd/api/main.go": main,
    "cmd/apiserver/main.go": main,
    "api/api.go": "package api\n",
    "docs/readme.md": "",
  };

  test.each([
    ["./cmd/api", "cmd/api example.com/app/cmd/api"],
    ["cmd/api/", "cmd/api example.com/app/cmd/api"],
    ["cmd/./x/../api", "cmd/api example.com/app/cmd/api"],
    ["example.com/app/cmd/api", "cmd/api example.com/app/cmd/api"],
    ["./cmd/apii", "GF002 no directory ./cmd/apii in the build context | did you mean ./cmd/api?"],
    [
      "./zzz",
      "GF002 no directory ./zzz in the build context | main packages of this module: ./cmd/api, ./cmd/apiserver",
    ],
    ["./cmd/api/main.go", "GF002 ./cmd/api/main.go is a file, main is a directory | set `main: ./cmd/api`"],
    [
      "../x",
      "GF003 main points outside the build context (../x) | run the build from the repository root and set `module:`",
    ],
    [
      "/etc",
      "GF003 main points outside the build context (/etc) | run the build from the repository root and set `module:`",
    ],
    [
      "./api",
      "GF001 ./api is package api, not package main | nearest main packages found: ./cmd/api, ./cmd/apiserver",
    ],
    ["./docs", "GF001 ./docs holds no Go files | nearest main packages found: ./cmd/api, ./cmd/apiserver"],
  ])("%s", async (wanted, expected) => {
    expect(await resolved(files, wanted)).toBe(expected);
  });

  test("of a module in a subdirectory and of a major version", async () => {
    const nested = {
      "services/api/go.mod": "module example.com/api/v2\n",
      "services/api/main.go": main,
      "services/api/cmd/x/main.go": main,
    };
    expect(await resolved(nested, ".", {}, "services/api")).toBe("services/api example.com/api/v2");
    expect(await resolved(nested, "./cmd/x", {}, "services/api")).toBe(
      "services/api/cmd/x example.com/api/v2/cmd/x",
    );
    expect(await resolved(nested, "../../..", {}, "services/api")).toContain("GF003");
  });

  test("in another module", async () => {
    const nested = { "services/api/go.mod": "module example.com/api\n", "services/api/cmd/x/main.go": main };
    expect(await resolved(nested, "services/api/cmd/x")).toBe(
      "GF007 ./services/api/cmd/x belongs to another module (./services/api/go.mod) | set `module: ./services/api` and `main: ./cmd/x`",
    );
  });

  test("in the module above, and in none", async () => {
    const nested = {
      "main.go": main,
      "services/api/go.mod": "module example.com/api\n",
      "cmd/x/main.go": main,
    };
    expect(await resolved(nested, "../../cmd/x", {}, "services/api")).toBe(
      "GF007 cmd/x belongs to another module (./go.mod) | set `module: .` and `main: ./cmd/x`",
    );
    const tree = openFiles({ "api/go.mod": "module example.com/api\n", "tool/main.go": main });
    const detected = await detectModule(tree, "api");
    if (!detected.ok) throw new Error("no module");
    const answer = await resolveMain(tree, detected.module, "../tool");
    expect(answer.diagnostics[0]?.message).toBe(
      "tool lies outside the module (example.com/api) and below no other go.mod",
    );
  });

  test("in another member of the workspace it is fine", async () => {
    const workspace = {
      "go.work": "go 1.24\nuse (\n\t.\n\t./b\n)\n",
      "b/go.mod": "module example.com/b\n",
      "b/cmd/x/main.go": main,
    };
    expect(await resolved(workspace, "./b/cmd/x")).toBe("b/cmd/x example.com/b/cmd/x");
  });

  test("excluded by build constraints", async () => {
    const windows = { "cmd/win/main_windows.go": main };
    expect(await resolved(windows, "cmd/win")).toBe(
      "GF001 every Go file of ./cmd/win is excluded by build constraints for linux/amd64 | let its files in with their tags, `build: { tags: [NAME] }`, or build for their platform",
    );
    expect(
      await resolved(windows, "cmd/win", { platforms: [{ os: "windows", architecture: "amd64" }] }),
    ).toContain("cmd/win");
  });

  test("through links: inside the context, outside, dangling", async () => {
    const links = {
      "cmd/api/main.go": main,
      inside: link("cmd/api"),
      outside: link("../secret"),
      root: link("/etc"),
      loop: link("loop"),
    };
    expect(await resolved(links, "inside")).toBe("inside example.com/app/inside");
    for (const each of ["outside", "root", "loop"]) expect(await resolved(links, each)).toContain("GF003");
  });

  test("excluded by .dockerignore", async () => {
    const { tree, module } = await open({ "main.go": main });
    const answer = await resolveMain(
      { ...tree, ignoredBy: () => ({ file: ".dockerignore", line: 4, pattern: "cmd/" }) },
      module,
      "./cmd/api",
    );
    expect(answer.diagnostics.map((each) => `${each.code} ${each.message} | ${each.help ?? ""}`)).toEqual([
      "GF004 ./cmd/api is excluded by .dockerignore line 4 (cmd/) | add `!cmd/api/` after it or remove the line",
    ]);
  });
});
