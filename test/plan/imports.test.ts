// What is fetched where `go mod download` would fetch too much, and what is planned next when a plan missed something.
import { describe, expect, test } from "vitest";
import { EXIT, planBuild, type Plan, retryScope, type Scope } from "../../src/plan/index.ts";
import { type Files, planFiles, plainRequest, shop, sums } from "./support.ts";

const uuid = "github.com/google/uuid v1.6.0";
const importUuid = 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n';
const old: Files = {
  "go.mod": `module example.com/old\n\ngo 1.16\n\nrequire ${uuid}\n`,
  "go.sum": sums(uuid),
  "main.go": importUuid,
};
const workspace: Files = {
  "go.work": "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n",
  "app/go.mod": `module example.com/app\n\ngo 1.26\n\nrequire ${uuid}\n`,
  "app/go.sum": sums(uuid),
  "app/main.go": importUuid,
  "lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
  "service.yaml": "# syntax=org/go-frontend\nmodule: ./app\n",
};

async function planOf(files: Files, scope?: Scope, target = ""): Promise<Plan> {
  const request = { ...plainRequest, target };
  const { located, inspected } = await planFiles(files, request);
  return planBuild(located, inspected, request, scope === undefined ? {} : { scope });
}

const stubOf = ({ modules }: Plan): readonly string[] =>
  modules[0]?.imports?.files.flatMap(({ text }) => text.match(/(?<=_ ").*(?=")/g) ?? []) ?? [];

describe("what is imported is fetched", () => {
  test.each([
    ["in a workspace", workspace, "app/go-frontend-deps/deps_linux_amd64.go"],
    ["below Go 1.17", old, "go-frontend-deps/deps_linux_amd64.go"],
    [
      "without a go line",
      { ...old, "go.mod": `module example.com/old\n\nrequire ${uuid}\n` },
      "go-frontend-deps/deps_linux_amd64.go",
    ],
  ])("%s", async (_, files, path) => {
    const { modules } = await planOf(files);
    expect(modules[0]?.imports?.files).toEqual([
      { path, text: 'package deps\n\nimport (\n\t_ "github.com/google/uuid"\n)\n' },
    ]);
    expect(modules[0]?.imports?.platforms.map(({ id }) => id)).toEqual(["linux/amd64"]);
    expect(modules[0]?.parts).toBeUndefined();
  });

  test("and from Go 1.17 on every requirement, of which go.sum knows all", async () => {
    const today = { ...old, "go.mod": `module example.com/old\n\ngo 1.17\n\nrequire ${uuid}\n` };
    expect((await planOf(today)).modules[0]?.imports).toBeUndefined();
  });

  test("on each platform what it imports", async () => {
    const files = {
      ...old,
      "service.yaml": "# syntax=org/go-frontend\nplatforms: [linux/amd64, linux/arm64]\n",
      "main.go": "package main\n\nfunc main() {}\n",
      "main_arm64.go": importUuid.replace("\nfunc main() {}\n", ""),
    };
    const { modules } = await planOf(files);
    expect(modules[0]?.imports?.files.map(({ path, text }) => [path, text.includes("uuid")])).toEqual([
      ["go-frontend-deps/deps_linux_amd64.go", false],
      ["go-frontend-deps/deps_linux_arm64.go", true],
    ]);
  });

  test("also what only a requirement of a requirement may provide: Go says what is wrong with it", async () => {
    const files = {
      ...old,
      "go.sum": sums(uuid, "github.com/spf13/pflag v1.0.3"),
      "main.go": importUuid.replace("\n\n", '\n\nimport _ "github.com/spf13/pflag"\n'),
    };
    expect(stubOf(await planOf(files))).toEqual(["github.com/google/uuid", "github.com/spf13/pflag"]);
  });

  test("an edit that imports nothing new changes nothing of it", async () => {
    const edited = { ...old, "main.go": importUuid.replace("{}", '{ println("x") }') };
    expect((await planOf(edited)).modules).toEqual((await planOf(old)).modules);
  });
});

describe("the go.mod files of requirements are read where none is imported", () => {
  const plain = "package main\n\nfunc main() {}\n";

  test("below Go 1.17", async () => {
    expect(stubOf(await planOf({ ...old, "main.go": plain }))).toEqual([]);
    expect((await planOf({ ...old, "main.go": plain })).modules[0]?.imports?.files).toHaveLength(1);
  });

  test("in a workspace, and not where it requires its own modules alone", async () => {
    expect((await planOf({ ...workspace, "app/main.go": plain })).modules).toBeDefined();
    const own = {
      ...workspace,
      "app/main.go": plain,
      "app/go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
    };
    expect((await planOf(own)).modules).toEqual([]);
  });

  test("of a module whose path begins the service's: Go looks for its packages there too", async () => {
    const below = {
      "go.mod": "module rsc.io/quote/tool\n\ngo 1.26\n\nrequire rsc.io/quote v1.5.2\n",
      "go.sum": sums("rsc.io/quote v1.5.2"),
      "main.go": 'package main\n\nimport _ "rsc.io/quote/tool/own"\n\nfunc main() {}\n',
      "own/own.go": "package own\n",
    };
    expect((await planOf(below)).modules).toMatchObject([{ dir: "." }]);
    const inWork = { ...below, "go.work": "go 1.26\n\nuse .\n" };
    const { modules } = await planOf(inWork);
    expect(modules[0]?.imports?.files.map(({ path }) => path)).toEqual([
      "go-frontend-deps/deps_linux_amd64.go",
      "stub.go",
      "own/stub.go",
    ]);
  });
});

test("no plan gives the download step a line of the tree's code", async () => {
  for (const scope of ["planned", "narrow", "wide"] as const) {
    for (const files of [old, workspace, shop]) {
      const { modules } = await planOf(files, scope, files === shop ? "worker" : "");
      for (const { path, text } of [...(modules[0]?.files ?? []), ...(modules[0]?.imports?.files ?? [])]) {
        expect(text).not.toContain("func ");
        expect(path).toMatch(/\.(mod|sum|work)$|stub\.go$|\/deps_\w+\.go$/);
      }
    }
  }
});

describe("a plan that missed something is followed by another", () => {
  test("the narrow one fetches what this service imports, and not what others do", async () => {
    const planned = await planOf(shop, "planned", "worker");
    expect(planned.modules[0]?.imports).toBeUndefined();
    expect(planned.retries).toEqual({ unfetched: "narrow", imported: "wide" });
    const narrow = await planOf(shop, "narrow", "worker");
    expect(stubOf(narrow)).toEqual(["github.com/google/uuid"]);
    expect(narrow.service.platforms[0]?.links[0]?.variant.deps?.parts.map(({ imports }) => imports)).toEqual([
      ["github.com/google/uuid"],
    ]);
    expect(narrow.service.files).toEqual(planned.service.files);
    expect(narrow.retries).toEqual({ imported: "wide" });
  });

  test("which is none where the first is as narrow", async () => {
    expect((await planOf(old)).retries).toEqual({ imported: "wide" });
  });

  test("the wide one sends the tree's modules as a whole, in one piece", async () => {
    const plan = await planOf(workspace, "wide");
    expect(plan.service.files).toEqual([
      "app",
      "app/go.mod",
      "app/go.sum",
      "app/main.go",
      "go.work",
      "lib",
      "lib/go.mod",
    ]);
    expect(plan.modules[0]?.imports).toBeUndefined();
    expect(plan.retries).toEqual({});
    expect((await planOf(shop, "wide", "orders")).service.files).toContain(".");
  });

  test("of a tree that could not be followed exactly, the first plan is the wide one", async () => {
    const { located, inspected } = await planFiles(workspace);
    const services = inspected.services.map((each) => ({
      ...each,
      programs: each.programs.map((one) => ({ ...one, facts: { ...one.facts, complete: false } })),
    }));
    const plan = planBuild(located, { ...inspected, services }, plainRequest);
    const { toolchain: _, ...wide } = await planOf(workspace, "wide");
    expect(plan).toMatchObject(wide);
    expect(plan.scope).toBe("wide");
  });

  test("a plan without other modules misses nothing", async () => {
    const alone = {
      "go.mod": "module example.com/x\n\ngo 1.26\n",
      "main.go": "package main\n\nfunc main() {}\n",
    };
    expect((await planOf(alone)).retries).toEqual({});
  });

  test("which one, the exit code of our program says", () => {
    const retries = { unfetched: "narrow", imported: "wide" } as const;
    expect(retryScope(retries, EXIT.unfetched)).toBe("narrow");
    expect(retryScope(retries, EXIT.imported)).toBe("wide");
    expect(retryScope(retries, 1)).toBeUndefined();
    expect(retryScope(retries, undefined)).toBeUndefined();
    expect(retryScope({}, EXIT.imported)).toBeUndefined();
  });
});
