// What leads nowhere in a service's packages, and what is said of it. Whether Go refuses these trees too is asked in
// test/e2e/source-tree.e2e.ts.
import { describe, expect, test } from "vitest";
import { detectModule, ignoring, resolveMain, findMains, openTree } from "../../src/facts/index.ts";
import { parseIgnoreFile } from "../../src/facts/ignore-file.ts";
import { scanService } from "../support/scan-service.ts";
import { link, type FixtureFile } from "./fixtures/types.ts";
import { memoryTree } from "./memory-tree.ts";

type Files = Readonly<Record<string, FixtureFile>>;

const goMod = "module example.com/app\n\ngo 1.24\n";

function treeOf(files: Files, ignore: string) {
  const tree = memoryTree({ "go.mod": goMod, ...files });
  return openTree(ignore === "" ? tree : ignoring(tree, parseIgnoreFile(ignore)));
}

/** All that is said of a service, a line a finding. */
async function findings(files: Files, ignore = "", dir = "."): Promise<readonly string[]> {
  const tree = treeOf(files, ignore);
  const detected = await detectModule(tree, dir);
  const said = [...detected.diagnostics];
  if (detected.ok) {
    const { module } = detected;
    const facts = await scanService(tree, {
      module,
      main: dir,
      platforms: [
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64" },
      ],
    });
    said.push(...facts.diagnostics);
  }
  return said.map(({ severity, code, message, help, file, position }) => {
    const at = file === undefined ? "" : `${file}:${position?.line ?? 0}:${position?.column ?? 0}: `;
    return `${severity} ${at}${code} ${message} | ${help ?? ""}`;
  });
}

const importing = (...paths: readonly string[]): string =>
  `package main\n\nimport (\n\t"fmt"\n${paths.map((path) => `\t_ "${path}"\n`).join("")})\n\nfunc main() { fmt.Println() }\n`;
const embedding = (...patterns: readonly string[]): string =>
  `package main\n\nimport "embed"\n\n${patterns.map((each, i) => `//go:embed ${each}\nvar f${i} embed.FS\n`).join("")}\nfunc main() {}\n`;

describe("imports", () => {
  const cases: readonly (readonly [string, Files, string, readonly string[]])[] = [
    [
      "of a module that go.mod does not require",
      { "main.go": importing("github.com/google/uuid") },
      "",
      [
        "error main.go:5:4: GF008 no required module provides package github.com/google/uuid | run `go mod tidy` and commit go.mod and go.sum",
      ],
    ],
    [
      "the same, deep in the service, at the file that imports it",
      {
        "main.go": importing("example.com/app/store"),
        "store/store.go": 'package store; import uuid "github.com/google/uuid"\n',
      },
      "",
      [
        "error store/store.go:1:28: GF008 no required module provides package github.com/google/uuid | run `go mod tidy` and commit go.mod and go.sum",
      ],
    ],
    [
      "of a module that only go.sum knows, before Go 1.17 and from then on",
      {
        "go.mod": "module example.com/app\n\ngo 1.17\n",
        "go.sum": "github.com/google/uuid v1.6.0 h1:a=\n",
        "main.go": importing("github.com/google/uuid"),
      },
      "",
      [
        "error main.go:5:4: GF008 no required module provides package github.com/google/uuid | run `go mod tidy` and commit go.mod and go.sum",
      ],
    ],
    [
      "of a module that go.sum knows are left to Go before Go 1.17",
      {
        "go.mod": "module example.com/app\n\ngo 1.16\n",
        "go.sum": "github.com/google/uuid v1.6.0 h1:a=\n",
        "main.go": importing("github.com/google/uuid"),
      },
      "",
      [],
    ],
    [
      "of a module that go.sum knows are left to Go in a workspace",
      {
        "go.work": "go 1.24\nuse .\n",
        "go.sum": "github.com/google/uuid v1.6.0 h1:a=\n",
        "main.go": importing("github.com/google/uuid"),
      },
      "",
      [],
    ],
    [
      "of the standard library, in a module that is named like one of its directories",
      { "go.mod": "module database\n\ngo 1.24\n", "main.go": importing("database/sql") },
      "",
      [],
    ],
    [
      "of nothing that Go has are warnings, since a newer release may have it",
      { "main.go": importing("fmtt", "store/db", "vendor/x"), "store/db/db.go": "package db\n" },
      "",
      [
        "warning main.go:5:4: GF008 no module provides package fmtt, nor has the standard library of Go 1.26 one of that name | correct the import",
        'warning main.go:6:4: GF008 no module provides package store/db, nor has the standard library of Go 1.26 one of that name | the package in ./store/db is imported as "example.com/app/store/db"',
      ],
    ],
    [
      "of a module's own packages, where its path has no dot",
      { "go.mod": "module app\n\ngo 1.24\n", "main.go": importing("app/gone") },
      "",
      [
        "error main.go:5:4: GF008 package app/gone is not there: no directory ./gone in the build context | correct the import, or generate the package before the build or in its `steps:`",
      ],
    ],
    [
      "of a module that a replace names and nothing requires",
      {
        "go.mod": `${goMod}\nreplace x.y/lib => ./lib\n`,
        "lib/go.mod": "module x.y/lib\n",
        "lib/lib.go": "package lib\n",
        "main.go": importing("x.y/lib"),
      },
      "",
      [
        "error main.go:5:4: GF008 a `replace` of go.mod provides package x.y/lib, and no line requires its module | run `go mod tidy` and commit go.mod and go.sum",
      ],
    ],
    [
      "of a replaced module whose directory has Go files and no go.mod",
      {
        "go.mod": `${goMod}\nrequire x.y/lib v1.0.0\n\nreplace x.y/lib => ./lib\n`,
        "lib/lib.go": "package lib\n",
        "main.go": importing("x.y/lib"),
      },
      "",
      [
        "error go.mod:7:20: GF013 replace x.y/lib => ./lib: the directory holds no go.mod | add the directory (a git submodule? `git submodule update --init`), or remove the line with `go mod edit -dropreplace=x.y/lib` and run `go mod tidy`",
      ],
    ],
    [
      "of a replaced module that another module may require are left to Go: in a workspace",
      {
        "go.work": "go 1.24\nuse .\n",
        "go.mod": `${goMod}\nreplace x.y/lib => ./lib\n`,
        "lib/go.mod": "module x.y/lib\n",
        "lib/lib.go": "package lib\n",
        "main.go": importing("x.y/lib"),
      },
      "",
      [],
    ],
    [
      "that are in no vendor folder",
      {
        "go.mod": `${goMod}\nrequire x.y/a v1.0.0\n`,
        "vendor/modules.txt": "# x.y/a v1.0.0\n## explicit\nx.y/a\n",
        "vendor/x.y/a/a.go": "package a\n",
        "main.go": importing("x.y/a", "x.y/a/sub"),
      },
      "",
      [
        "error main.go:6:4: GF008 vendor/modules.txt does not list package x.y/a/sub | run `go mod tidy` and `go mod vendor`, and commit the result",
      ],
    ],
    [
      "of the module itself: no directory, no Go files",
      { "main.go": importing("example.com/app/gone", "example.com/app/docs"), "docs/readme.md": "" },
      "",
      [
        "error main.go:6:4: GF008 package example.com/app/docs is not there: ./docs holds no Go files | correct the import, or generate the package before the build or in its `steps:`",
        "error main.go:5:4: GF008 package example.com/app/gone is not there: no directory ./gone in the build context | correct the import, or generate the package before the build or in its `steps:`",
      ],
    ],
    [
      "of code that is generated and not in git",
      { "main.go": importing("example.com/app/gen/pb"), ".gitignore": "# generated\n/gen/\n" },
      "",
      [
        "error main.go:5:4: GF008 package example.com/app/gen/pb is not there: no directory ./gen/pb in the build context | .gitignore line 2 (/gen/) leaves it out of git: run what makes it before the build or in its `steps:`",
      ],
    ],
    [
      "that .dockerignore hides",
      { "main.go": importing("example.com/app/pkg/a"), "pkg/a/a.go": "package a\n" },
      "# not needed\npkg\n",
      [
        "error main.go:5:4: GF004 package example.com/app/pkg/a is excluded by .dockerignore line 2 (pkg) | add `!pkg/a/` after it or remove the line",
      ],
    ],
    [
      "of which .dockerignore hides the files",
      { "main.go": importing("example.com/app/a"), "a/a.pb.go": "package a\n", "a/readme.md": "" },
      "**/*.pb.go\n**/*.go\n!main.go\n",
      [
        "error main.go:5:4: GF004 package example.com/app/a is excluded by .dockerignore line 2 (**/*.go) | add `!a/` after it or remove the line",
      ],
    ],
    [
      "of a directory that is a link out of the context, and of one that leads nowhere",
      {
        "main.go": importing("example.com/app/out", "example.com/app/gone/x"),
        out: link("../out"),
        gone: link("no"),
      },
      "",
      [
        "error main.go:6:4: GF018 package example.com/app/gone/x is not there: the link gone leads to nothing in the build context | build from a directory that holds both and set `module:`, or put a copy in the link's place",
        "error main.go:5:4: GF018 package example.com/app/out is not there: the link out leads to nothing in the build context | build from a directory that holds both and set `module:`, or put a copy in the link's place",
      ],
    ],
    [
      "of a module below this one that nothing requires",
      {
        "main.go": importing("example.com/app/lib/x"),
        "lib/go.mod": "module example.com/app/lib\n",
        "lib/x/x.go": "package x\n",
      },
      "",
      [
        "error main.go:5:4: GF008 package example.com/app/lib/x belongs to another module (./lib/go.mod), which go.mod does not require | require it and add `replace` with `=> ./lib` in go.mod, or list both in go.work",
      ],
    ],
    [
      "relative ones",
      { "main.go": importing("./x") },
      "",
      [
        'error main.go:5:4: GF008 "./x" is a relative import, which a module cannot have | import the package by the module\'s path, and its folder behind it',
      ],
    ],
    [
      "in files that are not in the build do not count",
      {
        "main.go": importing(),
        "x_windows.go": importing("github.com/google/uuid"),
        "y.go": `//go:build ignore\n\n${importing("github.com/google/uuid")}`,
        "z_test.go": importing("github.com/google/uuid"),
      },
      "",
      [],
    ],
  ];
  test.each(cases)("%s", async (_, files, ignore, expected) => {
    expect(await findings(files, ignore)).toEqual(expected);
  });
});

describe("a required module whose replace leads nowhere", () => {
  const files = (go: string, target: string, main: string): Files => ({
    "go.mod": `module example.com/app\n\ngo ${go}\n\nrequire x.y/z v1.0.0\n\nreplace x.y/z => ${target}\n`,
    "main.go": main,
  });

  test("is told where a package of it may be imported: Go reads its go.mod then", async () => {
    for (const path of ["x.y/z", "x.y/z/sub"]) {
      expect(
        (await findings(files("1.24", "./lib", importing(path)))).map((each) => each.split(" | ")[0]),
      ).toEqual(["error go.mod:7:18: GF013 replace x.y/z => ./lib: no such directory in the build context"]);
      expect(
        (await findings(files("1.24", "../lib", importing(path)))).map((each) => each.split(" | ")[0]),
      ).toEqual(["error go.mod:7:18: GF013 replace x.y/z => ../lib lies outside the build context"]);
    }
  });

  test("is no matter where none is imported, from Go 1.17 on", async () => {
    expect(await findings(files("1.17", "./lib", importing()))).toEqual([]);
    expect(await findings(files("1.17", "../lib", importing()))).toEqual([]);
    expect(await findings(files("1.16", "./lib", importing()))).toHaveLength(1);
  });
});

describe("linked Go files", () => {
  test("out of the context, dangling, and hidden; assembly where it may be there", async () => {
    const files = {
      "main.go": importing(),
      "audit.go": link("../common/audit.go"),
      "gone.go": link("nowhere.go"),
      "hidden.go": link("secret/hidden.txt"),
      "secret/hidden.txt": "package main\n",
      "fast_amd64.s": link("../common/fast.s"),
      "old_amd64.s": link("nowhere.s"),
      "win_windows.go": link("nowhere.go"),
      "x_test.go": link("nowhere.go"),
      "_x.go": link("nowhere.go"),
      "dir.go": link("secret"),
    };
    expect(await findings(files, "secret/*.txt\n")).toEqual([
      "error audit.go:1:1: GF018 audit.go is a link to ../common/audit.go, which lies outside the build context | build from a directory that holds both and set `module:`, or put a copy in the link's place",
      "error fast_amd64.s:1:1: GF018 fast_amd64.s is a link to ../common/fast.s, which lies outside the build context | build from a directory that holds both and set `module:`, or put a copy in the link's place",
      "error gone.go:1:1: GF018 gone.go is a link to nowhere.go, which is not in the build context | put the file where the link leads, or remove the link",
      "error hidden.go:1:1: GF004 hidden.go is a link to secret/hidden.txt, which is excluded by .dockerignore line 1 (secret/*.txt) | add `!secret/hidden.txt` after it or remove the line",
    ]);
  });

  test("a main package of nothing else", async () => {
    const tree = treeOf({ "main.go": link("../x/main.go"), "lib/lib.go": "package lib\n" }, "");
    const detected = await detectModule(tree);
    if (!detected.ok) throw new Error("no module");
    const said = "main.go is a link to ../x/main.go, which lies outside the build context";
    expect((await findMains(tree, detected.module)).diagnostics.map(({ message }) => message)).toEqual([
      said,
    ]);
    const named = await resolveMain(tree, detected.module, ".");
    expect(named.diagnostics.map(({ message }) => message)).toEqual([said]);
  });
});

describe("go:embed", () => {
  test("of what is not there, at the pattern", async () => {
    expect(await findings({ "main.go": embedding('"job.yaml"', "all:static   public/*.js") })).toEqual([
      "error main.go:5:12: GF009 no file of the build context matches //go:embed job.yaml | run what makes it before the build or in its `steps:`, or correct the pattern",
      "error main.go:7:12: GF009 no file of the build context matches //go:embed all:static | run what makes it before the build or in its `steps:`, or correct the pattern",
      "error main.go:7:25: GF009 no file of the build context matches //go:embed public/*.js | run what makes it before the build or in its `steps:`, or correct the pattern",
    ]);
  });

  test("of what .dockerignore hides", async () => {
    const files = { "main.go": embedding("job.yaml", "static"), "job.yaml": "", "static/index.html": "" };
    expect(await findings(files, "**\n!**/*.go\n!go.mod\n")).toEqual([
      "error main.go:5:12: GF004 job.yaml, which //go:embed names, is excluded by .dockerignore line 1 (**) | add `!job.yaml` after it or remove the line",
      "error main.go:7:12: GF004 static, which //go:embed names, is excluded by .dockerignore line 1 (**) | add `!static` after it or remove the line",
    ]);
    expect(await findings(files, "static/*\n")).toEqual([
      "error main.go:7:12: GF004 static, which //go:embed names, is excluded by .dockerignore line 1 (static/*) | add `!static` after it or remove the line",
    ]);
  });

  test("of what a generator makes", async () => {
    const files = {
      "main.go": importing("example.com/app/web"),
      "web/web.go":
        'package web\n\n//go:generate npm run build\n\nimport "embed"\n\n//go:embed dist\nvar Files embed.FS\n',
      "web/.gitignore": "node_modules\ndist/\n",
    };
    expect(await findings(files)).toEqual([
      "error web/web.go:7:12: GF009 no file of the build context matches //go:embed dist | web/.gitignore line 2 (dist/) leaves it out of git: run `go generate` before the build or in its `steps:` (web/web.go line 3: npm run build)",
    ]);
  });

  test("what Go refuses for other reasons is Go's to say", async () => {
    expect(
      await findings({ "main.go": embedding("a.txt", "../x", "sub"), "a.txt": link("b"), "sub/go.mod": "" }),
    ).toEqual([]);
  });
});

describe("generated Go files", () => {
  const generator =
    "package auto\n\n//go:generate go run ../gen.go -o gui.files.go ../gui\n\n// Package auto …\n";
  const main = importing("example.com/app/lib/auto");

  test("left out of git and not there: a warning at the go:generate line", async () => {
    const files = {
      "main.go": main,
      "lib/auto/doc.go": generator,
      ".gitignore": "/bin\nlib/auto/gui.files.go\n",
    };
    expect(await findings(files)).toEqual([
      "warning lib/auto/doc.go:3:1: GF009 lib/auto/gui.files.go is generated here, and is not in the build context | .gitignore line 2 (lib/auto/gui.files.go) leaves it out of git: run `go generate ./lib/auto` before the build or in its `steps:`",
    ]);
    expect(await findings({ ...files, "lib/auto/gui.files.go": "package auto\n" })).toEqual([]);
    expect(await findings({ ...files, ".gitignore": "*.files.go\n!gui.files.go\n" })).toEqual([]);
  });

  test("there, and hidden by .dockerignore", async () => {
    const files = {
      "main.go": main,
      "lib/auto/doc.go": generator,
      "lib/auto/gui.files.go": "package auto\n",
    };
    expect(await findings(files, "**/*.files.go\n")).toEqual([
      "warning lib/auto/doc.go:3:1: GF004 lib/auto/gui.files.go, which is generated, is excluded by .dockerignore line 1 (**/*.files.go) | add `!lib/auto/gui.files.go` after it or remove the line",
    ]);
  });

  test("mocks for tests, files of other packages and of other platforms are no matter", async () => {
    const lines = [
      "mockgen -destination=mocks_test.go",
      "gen -o ../x/y.go",
      "gen -o z_windows.go",
      "gen > .",
    ];
    const files = {
      "main.go": `${lines.map((line) => `//go:generate ${line}\n`).join("")}${importing()}`,
      ".gitignore": "*.go\n!main.go\n",
    };
    expect(await findings(files)).toEqual([]);
  });
});
