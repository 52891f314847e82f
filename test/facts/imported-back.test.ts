import { expect, test } from "vitest";
import { detectModule, type GoModule } from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import { openFiles } from "./memory-tree.ts";

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

async function moduleOf(tree = openFiles(files)): Promise<GoModule> {
  const detected = await detectModule(tree);
  if (!detected.ok) throw new Error("no module");
  return detected.module;
}

test("a scan that knows which packages other modules import is complete, and says what the dependency stage needs of them", async () => {
  const tree = openFiles(files);
  const module = await moduleOf(tree);
  const query = { module, main: "cmd/app", platforms: [{ os: "linux", architecture: "amd64" }] };
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
