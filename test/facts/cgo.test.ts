// Where cgo is off. What that means for a service is told before anything is compiled.
import { describe, expect, test } from "vitest";
import { detectModule, findMains, resolveMain, type FactsDiagnostic } from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import type { FixtureFile } from "./fixtures/types.ts";
import { openFiles } from "./memory-tree.ts";

type Files = Readonly<Record<string, FixtureFile>>;

const linux = { os: "linux", architecture: "amd64" };
const importing = (name: string, ...paths: readonly string[]): string =>
  `package ${name}\n\nimport (\n${paths.map((path) => `\t_ "${path}"\n`).join("")})\n`;
const withC = (name: string, above = ""): string =>
  `${above}package ${name}\n\n// #include <stdlib.h>\nimport "C"\n\nfunc F() { C.abort() }\n`;

function shown(found: readonly FactsDiagnostic[]): readonly string[] {
  return found.map(
    ({ severity, code, message, help, file, position }) =>
      `${file ?? "description"}:${position?.line ?? 0}:${position?.column ?? 0} ${severity} ${code} ${message} | ${help ?? ""}`,
  );
}

async function moduleIn(files: Files) {
  const tree = openFiles({ "go.mod": "module example.com/app\n\ngo 1.26\n", ...files });
  const detected = await detectModule(tree, ".");
  if (!detected.ok) throw new Error("no module");
  return { tree, module: detected.module };
}

async function scanned(
  files: Files,
  more: { cgo?: boolean; tags?: readonly string[] } = {},
): Promise<readonly string[]> {
  const { tree, module } = await moduleIn(files);
  const facts = await scanService(tree, { module, main: ".", platforms: [linux], cgo: false, ...more });
  return shown(facts.diagnostics);
}

describe('a package that has only files with import "C"', () => {
  test("is an error at the import, with the chain that leads to it", async () => {
    const files = {
      "main.go": importing("main", "example.com/app/store"),
      "store/store.go": importing("store", "example.com/app/store/db"),
      "store/db/db.go": withC("db"),
    };
    expect(await scanned(files)).toEqual([
      'store/db/db.go:4:8 error GF060 package example.com/app/store/db needs cgo, which is off: db.go imports "C" ' +
        "(imported by example.com/app → example.com/app/store) | write `build: { cgo: true }`, use a package that needs no C in its place, or add a file " +
        'without `import "C"` and with `//go:build !cgo`',
    ]);
    expect(await scanned(files, { cgo: true })).toEqual([]);
  });

  test("or files that are for builds with cgo, or both", async () => {
    const [only] = await scanned({
      "main.go": importing("main", "example.com/app/db"),
      "db/db.go": "// Package db is a database.\n\n//go:build cgo\n\npackage db\n",
      "db/db_test.go": importing("db", "testing"),
      "db/db_windows.go": "package db\n",
    });
    expect(only).toContain(
      "db/db.go:3:1 error GF060 package example.com/app/db needs cgo, which is off: db.go is for builds with cgo",
    );
  });

  test("is none where a file for builds without cgo, or one that only Go can judge, is beside them", async () => {
    const files = { "main.go": importing("main", "example.com/app/db"), "db/db.go": withC("db") };
    for (const other of [
      "//go:build !cgo\n\npackage db\n",
      "package db\n",
      "//go:build nonsense &&\n\npackage db\n",
    ]) {
      const found = await scanned({ ...files, "db/other.go": other });
      expect(found.filter((each) => each.includes(" error "))).toEqual([]);
    }
  });

  test("is Go's business where it is for another platform or tag", async () => {
    const files = {
      "main.go": importing("main", "example.com/app/db"),
      "db/db.go": withC("db", "//go:build windows\n\n"),
      "db/x.go": withC("db", "//go:build special\n\n"),
    };
    expect(await scanned(files)).toEqual([]);
    expect((await scanned(files, { tags: ["special"] })).join()).toContain("db/x.go:6:8 error GF060");
  });
});

describe("a file that is left out because cgo is off", () => {
  test("is a warning: only its authors know whether the rest does without", async () => {
    expect(
      await scanned({
        "main.go": importing("main", "example.com/app/storage"),
        "storage/sqlite.go": '//go:build cgo\n\npackage storage\n\nimport _ "nowhere.example/sqlite"\n',
        "storage/sqlite_no_cgo.go": "//go:build !cgo\n\npackage storage\n",
        "storage/ceph.go": withC("storage"),
        "storage/race.go": "//go:build cgo && race\n\npackage storage\n",
      }),
    ).toEqual([
      'storage/ceph.go:4:8 warning GF060 storage/ceph.go is left out, with 1 more of its package: it imports "C", and cgo is off | ' +
        "what it does is missing from the program; write `build: { cgo: true }`, or use a package that needs no C where the service needs it",
    ]);
  });
});

describe("a package of another module that is of no use without cgo", () => {
  const goMod = "module example.com/app\n\ngo 1.26\n\nrequire github.com/mattn/go-sqlite3 v1.14.32\n";

  test("is a warning at the import, with what to use in its place", async () => {
    const found = await scanned({
      "go.mod": goMod,
      "go.sum":
        "github.com/mattn/go-sqlite3 v1.14.32 h1:x=\ngithub.com/mattn/go-sqlite3 v1.14.32/go.mod h1:x=\n",
      "main.go": importing("main", "database/sql", "github.com/mattn/go-sqlite3"),
    });
    expect(found).toEqual([
      "main.go:5:4 warning GF060 github.com/mattn/go-sqlite3 needs cgo, which is off: it can be compiled without, " +
        "and fails when it is used | write `build: { cgo: true }`, or use modernc.org/sqlite or github.com/ncruces/go-sqlite3, which need no C",
    ]);
  });

  test("or what uses it cannot be compiled: a warning where a tag brings the file that imports it", async () => {
    const files = {
      "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/bep/golibsass v1.2.0\n",
      "go.sum": "github.com/bep/golibsass v1.2.0 h1:x=\ngithub.com/bep/golibsass v1.2.0/go.mod h1:x=\n",
      "main.go": "package main\n\nfunc main() {}\n",
      "sass.go":
        "//go:build extended\n\n" +
        importing(
          "main",
          "github.com/bep/golibsass/libsass",
          "github.com/bep/golibsass/libsass/libsasserrors",
        ),
    };
    expect(await scanned(files)).toEqual([]);
    expect(await scanned(files, { tags: ["extended"] })).toEqual([
      "sass.go:6:4 warning GF060 github.com/bep/golibsass/libsass needs cgo, which is off: what uses it cannot be compiled without | " +
        "write `build: { cgo: true }`, or use github.com/bep/godartsass/v2, which starts Dart Sass as a program",
    ]);
    expect(await scanned(files, { tags: ["extended"], cgo: true })).toEqual([]);
  });

  test("the standard library has such a package too", async () => {
    const found = await scanned({ "main.go": importing("main", "plugin") });
    expect(found.join()).toContain("main.go:4:4 warning GF060 plugin needs cgo");
  });
});

describe('a main package that has only files with import "C"', () => {
  const only =
    'needs cgo, which is off: main.go imports "C" | write `build: { cgo: true }`, use a package that needs no C, or add a file without ' +
    '`import "C"` and with `//go:build !cgo`';

  test("is the reason why there is none", async () => {
    const { tree, module } = await moduleIn({ "cmd/app/main.go": withC("main"), "lib/x.go": withC("lib") });
    const mains = await findMains(tree, module, { platforms: [linux] });
    expect(shown(mains.diagnostics)).toEqual([
      `cmd/app/main.go:4:8 error GF060 main package ./cmd/app ${only}`,
    ]);
    expect((await findMains(tree, module, { platforms: [linux], cgo: true })).chosen?.dir).toBe("cmd/app");
  });

  test("and why the one that is named cannot be built, whatever others there are", async () => {
    const { tree, module } = await moduleIn({
      "cmd/app/main.go": withC("main"),
      "cmd/b/main.go": "package main\n",
    });
    const found = await resolveMain(tree, module, "./cmd/app", { platforms: [linux] });
    expect(found.ok).toBe(false);
    expect(shown(found.diagnostics)).toEqual([
      `cmd/app/main.go:4:8 error GF060 main package ./cmd/app ${only}`,
    ]);
  });

  test("a library of such files is a library", async () => {
    const { tree, module } = await moduleIn({ "lib/x.go": withC("lib"), "main.go": "package main\n" });
    const found = await resolveMain(tree, module, "./lib", { platforms: [linux] });
    expect(found.diagnostics.map(({ code }) => code)).toEqual(["GF001"]);
  });
});

describe("with cgo on, of a package with C", () => {
  const files = {
    "main.go": importing("main", "example.com/app/c") + "\nfunc main() {}\n",
    "c/c.go":
      'package c\n\n// #cgo CPPFLAGS: -I${SRCDIR}/../include -I${SRCDIR}/.. -I.\n// #include <shared/first.h>\n// #include <stdlib.h>\nimport "C"\n',
    "c/c.c": '#include "near.h"\n#include <sub/deep.h>\n#include "../quoted/q.h"\n',
    "c/near.h": "",
    "c/sub/deep.h": "#include <shared/second.h>\n",
    "c/sub/unused.h": "",
    "c/x.cpp": "",
    "c/x_arm64.cpp": "",
    "c/stub.go": "//go:build !cgo\n\npackage c\n",
    "include/all.h": "",
    "shared/first.h": "",
    "shared/second.h": "",
    "shared/unused.h": "",
    "quoted/q.h": "",
  };

  async function packageOf(cgo: boolean) {
    const { tree, module } = await moduleIn(files);
    const facts = await scanService(tree, { module, main: ".", platforms: [linux], cgo });
    const found = facts.platforms[0]?.packages.find(({ dir }) => dir === "c");
    return found ?? expect.fail("the package was not found");
  }

  test("are sent what Go lists, what it includes, and the folders that -I names", async () => {
    const found = await packageOf(true);
    expect(found.files).toEqual([
      "c/c.c",
      "c/c.go",
      "c/near.h",
      "c/sub/deep.h",
      "c/x.cpp",
      "include/all.h",
      "quoted/q.h",
      "shared/first.h",
      "shared/second.h",
    ]);
    expect([found.cgoFiles, found.cFiles, found.cxxFiles, found.goFiles]).toEqual([
      ["c.go"],
      ["c.c"],
      ["x.cpp"],
      [],
    ]);
  });

  test("no cache mount may hold it: C may open what Go's key leaves out", async () => {
    expect((await packageOf(true)).opensUnlisted).toBe(true);
    expect((await packageOf(false)).opensUnlisted).toBe(false);
  });
});
