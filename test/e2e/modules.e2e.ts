// Trees whose modules `go build` fetches and compiles, and which a plan made from go.mod and imports alone would miss.
// Go's own answer to each was had by hand: what it builds is built, what it refuses is refused with its advice.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type ModuleProxy, type Modules, startModuleProxy, sumLines } from "../support/module-proxy.ts";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Files, project } from "./support/project.ts";
import { run } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
let clients: Clients;
let proxy: ModuleProxy;

/** Modules that a service may require and not import. */
const MANY: Modules = Object.fromEntries(
  Array.from({ length: 12 }, (_, at) => [
    `example.test/many/m${at}@v1.0.0`,
    { "go.mod": `module example.test/many/m${at}\n\ngo 1.21\n`, "m.go": `package m${at}\n` },
  ]),
);

/** An application whose plugins import it back, a module that nobody may have, and one that everybody may. */
const MODULES: Modules = {
  "example.test/plugin@v1.0.0": {
    "go.mod": "module example.test/plugin\n\ngo 1.21\n\nrequire example.test/app v0.1.0\n",
    "plugin.go":
      'package plugin\n\nimport "example.test/app/hooks"\n\nfunc Name() string { return hooks.Name }\n',
  },
  "example.test/app@v0.1.0": {
    "go.mod": "module example.test/app\n\ngo 1.21\n",
    "hooks/hooks.go": 'package hooks\n\nconst Name = "an older one"\n',
  },
  "example.test/private/testkit@v1.0.0": {
    "go.mod": "module example.test/private/testkit\n\ngo 1.21\n",
    "kit.go": "package testkit\n",
  },
  // Its go.mod may be read.
  "example.test/private/archive@v1.0.0": {
    "go.mod": "module example.test/private/archive\n\ngo 1.16\n",
    "archive.go": "package archive\n",
  },
  "example.test/lib@v1.0.0": {
    "go.mod": "module example.test/lib\n\ngo 1.16\n",
    "lib.go": 'package lib\n\nconst Name = "lib"\n',
  },
  "example.test/lib@v1.1.0": {
    "go.mod": "module example.test/lib\n\ngo 1.16\n",
    "lib.go": 'package lib\n\nconst Name = "a lib that is excluded"\n',
  },
  "example.test/eager@v1.0.0": {
    "go.mod":
      "module example.test/eager\n\ngo 1.21\n\nrequire (\n\texample.test/app v0.1.0\n\texample.test/lib v1.1.0\n)\n",
    "eager.go":
      'package eager\n\nimport (\n\t"example.test/app/hooks"\n\t"example.test/lib"\n)\n\nfunc Name() string { return hooks.Name + " " + lib.Name }\n',
  },
  ...MANY,
};
/** What go.sum holds of all of them. */
const sums = sumLines(MODULES);

beforeAll(async () => {
  clients = await clientsOf(rig);
  proxy = await startModuleProxy(MODULES, [
    "example.test/private/testkit/@",
    "example.test/private/archive/@v/v1.0.0.zip",
  ]);
});
afterAll(async () => {
  await proxy?.stop();
  work.remove();
});

interface Built {
  readonly code: number | null;
  readonly log: string;
  /** What the program printed. */
  readonly says: string;
}

/** Builds the executable of a tree and runs it. */
async function build(files: Files, ...args: readonly string[]): Promise<Built> {
  const dir = project(work.path, { "main.go": undefined, "go.mod": undefined, ...files });
  const description = files["service.yaml"] ?? "name: app\n";
  const file = join(dir, "app.yaml");
  writeFileSync(file, `${syntax}\n${String(description)}`);
  const out = mkdtempSync(join(work.path, "out-"));
  const { code, stderr } = await clients.buildx([
    "build",
    "--progress=plain",
    "-f",
    file,
    "--target=binary",
    `--output=type=local,dest=${out}`,
    ...caSecret(),
    ...args,
    dir,
  ]);
  const says = code === 0 ? (await run(join(out, "app"), [])).stderr : "";
  return { code, log: stderr, says };
}

/** The same with modules that only the tests' own proxy has. */
function buildFromProxy(files: Files, ...args: readonly string[]): Promise<Built> {
  return build(files, `--build-arg=GOPROXY=${proxy.url}`, "--build-arg=GONOSUMDB=example.test", ...args);
}

/** A tree with the go.sum that `go mod tidy` writes. */
function tidy(files: Files, dir = "."): Files {
  const folder = project(work.path, { "main.go": undefined, "go.mod": undefined, ...files });
  const at = join(folder, dir);
  execFileSync("go", ["mod", "tidy"], {
    cwd: at,
    env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", GOTOOLCHAIN: "local" },
    stdio: "pipe",
  });
  const text = (name: string): string => readFileSync(join(at, name), "utf8");
  const prefix = dir === "." ? "" : `${dir}/`;
  return { ...files, [`${prefix}go.mod`]: text("go.mod"), [`${prefix}go.sum`]: text("go.sum") };
}

const cobra =
  'package main\n\nimport "github.com/spf13/cobra"\n\nfunc main() { println((&cobra.Command{Use: "x"}).Use) }\n';

describe("no more is fetched than a build reads", () => {
  test("of a workspace whose modules have a tidy go.sum and no go.work.sum", async () => {
    const files = tidy(
      {
        "a/go.mod": "module example.test/a\n\ngo 1.26\n\nrequire github.com/spf13/cobra v1.10.2\n",
        "a/main.go": cobra,
      },
      "a",
    );
    const built = await build({
      ...files,
      "go.work": "go 1.26\n\nuse ./a\n",
      "service.yaml": "name: app\nmodule: a\n",
    });
    expect(built.log).not.toContain("go-md2man");
    expect([built.code, built.says], built.log).toEqual([0, "x\n"]);
  });

  test("of a module with a go line below 1.17", async () => {
    const built = await build(
      tidy({
        "go.mod": "module example.test/old\n\ngo 1.16\n\nrequire github.com/spf13/cobra v1.0.0\n",
        "main.go": cobra,
      }),
    );
    expect([built.code, built.says], built.log).toEqual([0, "x\n"]);
  });

  test("of an old module that needs another for its tests only", async () => {
    const built = await build(
      tidy({
        "go.mod": "module example.test/old\n\nrequire github.com/google/uuid v1.6.0\n",
        "main.go": 'package main\n\nfunc main() { println("plain") }\n',
        "main_test.go": 'package main\n\nimport _ "github.com/google/uuid"\n',
      }),
    );
    expect([built.code, built.says], built.log).toEqual([0, "plain\n"]);
  });

  test("of a module below a required module's path, which imports nothing from outside", async () => {
    const built = await build(
      tidy({
        "go.mod": "module rsc.io/quote/tool\n\ngo 1.26\n\nrequire rsc.io/quote v1.5.2\n",
        "main.go": 'package main\n\nimport "rsc.io/quote/tool/own"\n\nfunc main() { println(own.Name) }\n',
        "own/y.go": 'package own\n\nconst Name = "own"\n',
        "own/y_test.go": 'package own\n\nimport _ "rsc.io/quote"\n',
      }),
    );
    expect([built.code, built.says], built.log).toEqual([0, "own\n"]);
  });
});

const useLib = 'package main\n\nimport "example.test/lib"\n\nfunc main() { println(lib.Name) }\n';
const requireBoth = "require (\n\texample.test/lib v1.0.0\n\texample.test/private/testkit v1.0.0\n)\n";

describe("a module that cannot be fetched and that the service does not import", () => {
  test.each([
    ["a module of today", { "go.mod": `module example.test/x\n\ngo 1.26\n\n${requireBoth}` }],
    [
      "a module of which another service imports it",
      {
        "go.mod": `module example.test/x\n\ngo 1.26\n\n${requireBoth}`,
        "main.go": undefined,
        "cmd/a/main.go": useLib,
        "cmd/b/main.go": 'package main\n\nimport _ "example.test/private/testkit"\n\nfunc main() {}\n',
        "service.yaml": "services:\n  app: { main: ./cmd/a }\n  b: { main: ./cmd/b }\n",
      },
    ],
    [
      "a module with a go line below 1.17",
      {
        "go.mod":
          "module example.test/x\n\ngo 1.16\n\nrequire (\n\texample.test/lib v1.0.0\n\texample.test/private/archive v1.0.0\n)\n",
      },
    ],
    [
      "a workspace",
      {
        "go.mod":
          "module example.test/x\n\ngo 1.26\n\nrequire (\n\texample.test/lib v1.0.0\n\texample.test/private/archive v1.0.0\n)\n",
        "go.work": "go 1.26\n\nuse (\n\t.\n\t./other\n)\n",
        "other/go.mod": "module example.test/other\n\ngo 1.26\n",
        "other/other.go": "package other\n",
      },
    ],
  ] as const)("is left out: %s", async (_, files) => {
    const several = "cmd/a/main.go" in files;
    const built = await buildFromProxy(
      { "main.go": useLib, "go.sum": sums, ...files },
      ...(several ? ["--target=app.binary"] : []),
    );
    expect([built.code, built.says], built.log).toEqual([0, "lib\n"]);
  });

  test("is an error of a service that does, with the line of go.mod and what helps", async () => {
    const { code, log } = await buildFromProxy({
      "go.mod": `module example.test/x\n\ngo 1.26\n\n${requireBoth}`,
      "go.sum": sums,
      "main.go": 'package main\n\nimport _ "example.test/private/testkit"\n\nfunc main() {}\n',
    });
    expect(code).toBe(1);
    expect(log).toMatch(
      /^.*go\.mod:7:2: GF091 the module proxy 127\.0\.0\.1:\d+ does not give example\.test\/private\/testkit v1\.0\.0: 403 Forbidden$/m,
    );
    expect(log).toContain("   7 | >>> \texample.test/private/testkit v1.0.0");
    expect(log).toMatch(/help: ask whoever runs the proxy to admit it, .*modules\.proxy.*modules\.private/);
  });
});

test("go.work.sum is completed as go does it, and what it says is compiled without a network", async () => {
  const built = await buildFromProxy({
    "a/go.mod": "module example.test/a\n\ngo 1.26\n\nrequire example.test/lib v1.0.0\n",
    "a/main.go": useLib,
    "go.work": "go 1.26\n\nuse ./a\n",
    "service.yaml": "name: app\nmodule: a\n",
  });
  expect([built.code, built.says], built.log).toEqual([0, "lib\n"]);
});

const APP = {
  "go.mod": "module example.test/app\n\ngo 1.26\n\nrequire example.test/plugin v1.0.0\n",
  "go.sum": sums,
  "main.go": 'package main\n\nimport "example.test/plugin"\n\nfunc main() { println(plugin.Name()) }\n',
  "hooks/hooks.go": 'package hooks\n\nimport "example.test/app/hooks/deep"\n\nconst Name = deep.Name\n',
  "hooks/deep/deep.go": 'package deep\n\nconst Name = "hooks"\n',
  "unused/unused.go": "package unused\n",
} as const;

describe("a package of the tree that only another module imports is found", () => {
  test("in a module of one requirement", async () => {
    const built = await buildFromProxy(APP);
    expect([built.code, built.says], built.log).toEqual([0, "hooks\n"]);
  });

  test("in a workspace, where what it imports of a third module is fetched too", async () => {
    const built = await buildFromProxy({
      ...APP,
      "go.mod": `${APP["go.mod"]}\nrequire example.test/lib v1.0.0\n`,
      "hooks/deep/deep.go": 'package deep\n\nimport "example.test/lib"\n\nconst Name = lib.Name\n',
      "go.work": "go 1.26\n\nuse .\n",
    });
    expect([built.code, built.says], built.log).toEqual([0, "lib\n"]);
  });

  test("with a vendor folder", async () => {
    const plugin = MODULES["example.test/plugin@v1.0.0"]?.["plugin.go"];
    const built = await build({
      ...APP,
      "vendor/modules.txt": "# example.test/plugin v1.0.0\n## explicit; go 1.21\nexample.test/plugin\n",
      "vendor/example.test/plugin/plugin.go": plugin,
    });
    expect([built.code, built.says], built.log).toEqual([0, "hooks\n"]);
  });

  test("with a replace of another module", async () => {
    const built = await buildFromProxy({
      ...APP,
      "go.mod": `${APP["go.mod"]}\nrequire example.test/lib v1.0.0\n\nreplace example.test/lib => ./lib\n`,
      "lib/go.mod": "module example.test/lib\n\ngo 1.21\n",
      "lib/lib.go": "package lib\n",
    });
    expect([built.code, built.says], built.log).toEqual([0, "hooks\n"]);
  });

  test.each([
    ["", []],
    [", of a dozen requirements more", Object.keys(MANY)],
  ])("with a version that the importing module requires excluded%s", async (_, more) => {
    const required = ["example.test/eager@v1.0.0", "example.test/lib@v1.0.0", ...more];
    const lines = required.map((name) => `\t${name.replace("@", " ")}\n`).join("");
    const built = await buildFromProxy({
      ...APP,
      "go.mod": `module example.test/app\n\ngo 1.26\n\nrequire (\n${lines})\n\nexclude example.test/lib v1.1.0\n`,
      "main.go": 'package main\n\nimport "example.test/eager"\n\nfunc main() { println(eager.Name()) }\n',
    });
    expect([built.code, built.says], built.log).toEqual([0, "hooks lib\n"]);
  });

  test("and one that is nowhere is Go's error, with its advice", async () => {
    const { code, log } = await buildFromProxy({ ...APP, "hooks/hooks.go": undefined });
    expect(code).toBe(1);
    expect(log).toContain("no required module provides package example.test/app/hooks; to add it:");
    expect(log).toContain("go get example.test/app/hooks");
  });
});

test("imports beyond the bounds of the scan are compiled all the same", async () => {
  const levels = 405;
  const packages = Array.from({ length: levels }, (_, at): [string, string] => [
    `p/p${at}/p.go`,
    at + 1 === levels
      ? `package p${at}\n\nconst N = 1\n`
      : `package p${at}\n\nimport "example.test/deep/p/p${at + 1}"\n\nconst N = p${at + 1}.N + 1\n`,
  ]);
  const built = await build({
    "go.mod": "module example.test/deep\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport "example.test/deep/p/p0"\n\nfunc main() { println(p0.N) }\n',
    ...Object.fromEntries(packages),
  });
  expect(built.log).toContain("GF019");
  expect([built.code, built.says], built.log).toEqual([0, `${levels}\n`]);
});

describe("a download that fails says at which line, and what helps", () => {
  test("the checksum database is not reached, or does not know a module", async () => {
    const { code, log } = await build(
      {
        "a/go.mod": "module example.test/a\n\ngo 1.26\n\nrequire example.test/lib v1.0.0\n",
        "a/main.go": useLib,
        "go.work": "go 1.26\n\nuse ./a\n",
        "service.yaml": "name: app\nmodule: a\n",
      },
      `--build-arg=GOPROXY=${proxy.url}`,
    );
    expect(code).toBe(1);
    expect(log).toContain(
      "a/go.mod:5:9: GF091 the checksum database cannot be asked for example.test/lib v1.0.0",
    );
    expect(log).toContain("--build-arg GONOSUMDB=example.test/lib or --build-arg GOSUMDB=off");
  });
});
