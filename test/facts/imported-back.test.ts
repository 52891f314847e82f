import { describe, expect, test } from "vitest";
import { detectModule, importedBack, scanService, type GoModule } from "../../src/facts/index.ts";
import { memoryTree } from "./memory-tree.ts";

const files = {
  "go.mod":
    "module example.com/app\n\ngo 1.24\n\nrequire (\n\texample.com/plugin v1.0.0\n\texample.com/local v0.0.0\n)\n\nreplace example.com/local => ./local\n",
  "go.sum": "example.com/plugin v1.0.0 h1:x=\n",
  "cmd/app/main.go":
    'package main\n\nimport (\n\t_ "example.com/app/used"\n\t_ "example.com/plugin"\n)\n\nfunc main() {}\n',
  "used/used.go": "package used\n",
  "hooks/hooks.go": 'package hooks\n\nimport _ "example.com/app/hooks/deep"\n',
  "hooks/deep/deep.go": "package deep\n",
  "unused/unused.go": "package unused\n",
  "local/go.mod": "module example.com/local\n",
  "local/pkg/pkg.go": "package pkg\n",
};

async function moduleOf(tree = memoryTree(files)): Promise<GoModule> {
  const detected = await detectModule(tree);
  if (!detected.ok) throw new Error("no module");
  return detected.module;
}

describe("what Go says when an outside module imports the service's own module", () => {
  test.each([
    [
      "Go 1.26, -mod=readonly",
      "../gm/example.com/plugin@v1.0.0/p.go:2:8: cannot find module providing package example.com/app/hooks: import lookup disabled by -mod=readonly\n../gm/x.go:3:8: cannot find module providing package example.com/app/other: import lookup disabled by -mod=readonly\n",
      ["example.com/app/hooks", "example.com/app/other"],
    ],
    [
      "-mod=mod",
      "x.go:1:1: module example.com/app@latest found (v1.7.35), but does not contain package example.com/app/hooks",
      ["example.com/app/hooks"],
    ],
    [
      "no requirement",
      "x.go:4:2: no required module provides package example.com/app/hooks; to add it:\n\tgo get example.com/app/hooks",
      ["example.com/app/hooks"],
    ],
    [
      "a replaced module",
      "x.go:4:2: no required module provides package example.com/local/pkg; to add it:",
      ["example.com/local/pkg"],
    ],
    [
      "a package of someone else",
      "x.go:4:2: no required module provides package example.com/application; to add it:",
      [],
    ],
    ["a compile error", "cmd/app/main.go:3:5: undefined: hooks.X", []],
  ])("%s", async (_, output, expected) => {
    expect(importedBack(await moduleOf(), output)).toEqual(expected);
  });

  test("a second scan that knows them is complete, and says what the dependency stage needs of them", async () => {
    const tree = memoryTree(files);
    const module = await moduleOf(tree);
    const query = { module, main: "cmd/app", platforms: [{ os: "linux", arch: "amd64" }] };
    const first = await scanService(tree, query);
    expect(first.files).toEqual(["cmd/app/main.go", "go.mod", "go.sum", "local/go.mod", "used/used.go"]);
    expect(first.platforms[0]?.importedBackFiles).toEqual([]);
    const second = await scanService(tree, {
      ...query,
      importedBack: ["example.com/app/hooks", "example.com/app/nothing"],
    });
    expect(second.files).toEqual([
      "cmd/app/main.go",
      "go.mod",
      "go.sum",
      "hooks/deep/deep.go",
      "hooks/hooks.go",
      "local/go.mod",
      "used/used.go",
    ]);
    expect(second.platforms[0]?.importedBackFiles).toEqual(["hooks/deep/deep.go", "hooks/hooks.go"]);
  });
});
