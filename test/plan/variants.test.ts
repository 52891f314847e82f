// What is compiled ahead of the service's own packages: tags, profiles, vendor folders, workspaces.
import { describe, expect, test } from "vitest";
import type { LinkPlan } from "../../src/plan/index.ts";
import { stubPackage } from "../../src/plan/stub.ts";
import { buildOf, type Files, goCommand, planFiles, shop, sums, tool } from "./support.ts";

/** The go command that fills a cache of linux/amd64: `std`, or `deps` of the target alone. */
async function commandOf(stage: string, files: Files, target = ""): Promise<readonly string[]> {
  const own = stage === "deps" && target !== "" ? ` ${target}` : "";
  return goCommand(buildOf(await planFiles(files, { target })), `${stage} linux/amd64${own}`);
}

async function linkOf(files: Files, target = ""): Promise<LinkPlan> {
  const link = (await planFiles(files, { target })).plan.service.platforms[0]?.links[0];
  if (link === undefined) expect.fail("no link");
  return link;
}

describe("the stub", () => {
  test("imports what the services import from outside, sorted, and nothing else", () => {
    expect(stubPackage(".", ["github.com/b/b", "github.com/a/a", "github.com/b/b"])).toEqual({
      path: "go-frontend-deps/deps.go",
      text: 'package deps\n\nimport (\n\t_ "github.com/a/a"\n\t_ "github.com/b/b"\n)\n',
    });
    expect(stubPackage("svc/app", []).path).toBe("svc/app/go-frontend-deps/deps.go");
  });

  test("holds the union over the services, and standard packages that the common set lacks", async () => {
    const files = {
      ...shop,
      "internal/job/job.go": `package job

import (
	"go/ast"

	"github.com/google/uuid"
)

func Run(string) { println(uuid.NewString(), ast.IsExported("A")) }
`,
    };
    for (const target of ["orders", "worker"]) {
      const { deps } = (await linkOf(files, target)).variant;
      expect(deps?.parts.flatMap(({ imports }) => imports)).toEqual(
        target === "orders" ? ["github.com/go-chi/chi/v5"] : ["github.com/google/uuid", "go/ast"],
      );
    }
  });

  test("is not there when the common set holds all", async () => {
    expect((await linkOf(tool)).variant.deps).toBeUndefined();
  });

  test("is what the deps command compiles", async () => {
    expect(await commandOf("deps", shop, "orders")).toEqual([
      "go",
      "build",
      "-v",
      "-pgo=off",
      "./go-frontend-deps",
    ]);
    const nested = Object.fromEntries(Object.entries(shop).map(([path, file]) => [`a/b/${path}`, file]));
    const text = shop["service.yaml"].replace("args:", "module: ./a/b\nargs:");
    const files = { ...nested, "service.yaml": text };
    expect((await commandOf("deps", files, "orders")).at(-1)).toBe("./go-frontend-deps");
    const link = await linkOf(files, "orders");
    expect(link.argv.at(-1)).toBe("./cmd/orders");
    expect(link.dir).toBe("a/b");
  });
});

describe("build tags", () => {
  const tagged: Files = {
    ...tool,
    "service.yaml": "# syntax=org/go-frontend\nbuild: { tags: [extra] }\n",
    "extra.go": '//go:build extra\n\npackage main\n\nimport _ "net/http"\n',
  };

  test("choose files and are said to go", async () => {
    const link = await linkOf(tagged);
    expect(link.argv).toContain("-tags=extra");
    const { plan } = await planFiles(tagged);
    expect(plan.service.files).toContain("extra.go");
    expect((await planFiles({ ...tagged, "service.yaml": "name: x\n" })).plan.service.files).not.toContain(
      "extra.go",
    );
  });

  test("have no part in the standard library's cache: no project has", async () => {
    expect((await commandOf("std", tagged)).join(" ")).not.toContain("-tags");
  });

  test("part services that could otherwise share", async () => {
    const text = `# syntax=org/go-frontend
services:
  orders: { main: ./cmd/orders, build: { tags: [extra] } }
  worker: { main: ./cmd/worker }
`;
    const files = { ...shop, "service.yaml": text };
    expect((await linkOf(files, "orders")).variant.deps?.parts[0]?.imports).toEqual([
      "github.com/go-chi/chi/v5",
    ]);
    expect((await linkOf(files, "worker")).variant.deps?.parts[0]?.imports).toEqual([
      "github.com/google/uuid",
    ]);
  });
});

describe("a PGO profile", () => {
  const profiled: Files = { ...tool, "default.pgo": "profile", "profiles/cpu.pgo": "profile" };
  const withPgo = (pgo: string): Files => ({ ...profiled, "service.yaml": `build: { pgo: ${pgo} }\n` });

  test.each([
    ["auto", "default.pgo"],
    ["profiles/cpu.pgo", "profiles/cpu.pgo"],
    ["./profiles/../profiles/cpu.pgo", "profiles/cpu.pgo"],
    ["off", undefined],
  ])("pgo: %s", async (pgo, path) => {
    const link = await linkOf(withPgo(pgo));
    expect(link.variant.profile).toBe(path);
    const flag = path === undefined ? "-pgo=off" : "-pgo=/profile/default.pgo";
    expect(link.argv).toContain(flag);
    expect(await commandOf("std", withPgo(pgo))).toContain(flag);
    // The helper is compiled without a profile, so its cache is no start for this one.
    expect(link.variant.std.onHelper).toBe(path === undefined);
  });

  test("stands relative to the module", async () => {
    const files = {
      ...Object.fromEntries(Object.entries(profiled).map(([path, file]) => [`svc/${path}`, file])),
      "service.yaml": "module: ./svc\nbuild: { pgo: profiles/cpu.pgo }\n",
    };
    expect((await linkOf(files)).variant.profile).toBe("svc/profiles/cpu.pgo");
  });
});

describe("a vendor folder", () => {
  const vendored: Files = {
    "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
    "go.sum": sums("github.com/google/uuid v1.6.0"),
    "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
    "vendor/modules.txt": "# github.com/google/uuid v1.6.0\n## explicit\ngithub.com/google/uuid\n",
    "vendor/github.com/google/uuid/uuid.go": "package uuid\n",
  };

  test("is where go looks, and replaces the download", async () => {
    const { plan } = await planFiles(vendored);
    expect(plan.modules[0]).toBeUndefined();
    expect(plan.listing).toBeUndefined();
    expect(plan.service.platforms[0]?.links[0]?.variant).toMatchObject({
      vendor: "vendor",
      deps: { parts: [{ imports: ["github.com/google/uuid"] }] },
    });
  });
});

describe("a workspace", () => {
  const workspace: Files = {
    "go.work": "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n",
    "app/go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n",
    "app/main.go": 'package main\n\nimport _ "example.com/lib/x"\n\nfunc main() {}\n',
    "lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
    "lib/x/x.go": "package x\n",
    "lib/y/y.go": "package y\n",
    "service.yaml": "module: ./app\n",
  };

  test("counts its modules as the service's own source", async () => {
    const { plan } = await planFiles(workspace);
    expect(plan.modules[0]).toBeUndefined();
    expect(plan.service.platforms[0]?.links[0]?.modules).toEqual(["example.com/app", "example.com/lib"]);
    expect(plan.service.platforms[0]?.links[0]?.packages).toBe(2);
    expect(plan.service.files).toEqual(["app/go.mod", "app/main.go", "go.work", "lib/go.mod", "lib/x/x.go"]);
  });
});
