// Which packages are compiled from more than Go's own cache key of them holds: what assembly includes.
import { describe, expect, test } from "vitest";
import { detectModule, type PackageFacts } from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import { link, type FixtureFile } from "./fixtures/types.ts";
import { openFiles } from "./memory-tree.ts";

type Files = Readonly<Record<string, FixtureFile>>;

async function packageOf(files: Files): Promise<PackageFacts> {
  const tree = openFiles({
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport "example.com/app/asm"\n\nfunc main() { asm.F() }\n',
    "asm/asm.go": "package asm\n\nfunc F()\n",
    ...files,
  });
  const detected = await detectModule(tree, ".");
  if (!detected.ok) throw new Error("no module");
  const facts = await scanService(tree, {
    module: detected.module,
    main: ".",
    platforms: [{ os: "linux", architecture: "amd64" }],
  });
  const found = facts.platforms[0]?.packages.find(({ dir }) => dir === "asm");
  return found ?? expect.fail("the package was not found");
}

const opens = async (assembly: string, others: Files = {}): Promise<boolean> =>
  (await packageOf({ "asm/f_amd64.s": assembly, ...others })).opensUnlisted;

describe("Go's key holds all of it", () => {
  test.each<[string, string, Files?]>([
    ["of assembly alone", "TEXT ·F(SB), 4, $0\n\tRET\n"],
    ["with the toolchain's headers and the compiler's", '#include "textflag.h"\n#include "go_asm.h"\n'],
    [
      "with headers of the package's own folder",
      '#include "f.h"\n#include "g_amd64.h"\n',
      { "asm/f.h": '#include "g_amd64.h"\n', "asm/g_amd64.h": "" },
    ],
    [
      "with the word in comments",
      "// what files include\n/* and\n what they include */\nTEXT ·F(SB), 4, $0\n",
    ],
    ["with a header for C beside it", "", { "asm/f.h": "#include <stdint.h>\n/* include */\n" }],
    ["with quotes in comments", "// it's\n/* \" */\nTEXT ·F(SB), 4, $0 // it's included\n"],
    ["with characters and strings", 'DATA x(SB)/8, $\'"\'\nDATA y(SB)/8, $"it\'s\\""\n'],
    ["where the header is not there", '#include "none.h"\n#include "sub/none.h"\n'],
  ])("%s", async (_name, assembly, others) => {
    expect(await opens(assembly, others)).toBe(false);
  });
});

test("without assembly no file is opened that Go does not list, whatever C says that is not compiled", async () => {
  const { opensUnlisted } = await packageOf({ "asm/f.c": '#include "../include/f.h"\n', "include/f.h": "" });
  expect(opensUnlisted).toBe(false);
});

describe("Go's key leaves something out", () => {
  const header = { "include/f.h": "#define VALUE 42\n" };

  test.each<[string, string, Files?]>([
    ["a header of another folder", '#include "../include/f.h"\n', header],
    ["one of a folder below", '#include "sub/f.h"\n', { "asm/sub/f.h": "" }],
    [
      "one that a header includes",
      '#include "g.h"\n',
      { "asm/g.h": '#include "../include/f.h"\n', ...header },
    ],
    ["a file of the folder that is no header", '#include "table.inc"\n', { "asm/table.inc": "" }],
    ["a header for another architecture", '#include "f_arm64.h"\n', { "asm/f_arm64.h": "" }],
    ["a header that a constraint leaves out", '#include "f.h"\n', { "asm/f.h": "//go:build arm64\n\n" }],
    ["a hidden header", '#include "_f.h"\n', { "asm/_f.h": "" }],
    ["assembly that a constraint leaves out", '#include "f_arm64.s"\n', { "asm/f_arm64.s": "" }],
    ["a header by way of a link", '#include "l/f.h"\n', { "asm/l": link("../include"), ...header }],
    ["a header behind a comment", '/* x */ #include "../include/f.h"\n', header],
    ["a header behind two lines of comment", '/* x\n */ #include "../include/f.h" // y\n', header],
  ])("%s", async (_name, assembly, others) => {
    expect(await opens(assembly, others)).toBe(true);
  });
});

describe("nobody knows", () => {
  test.each<[string, string, Files?]>([
    ["an absolute path", '#include "/src/go.mod"\n'],
    ["a path out of the context", '#include "../../gm/example.com/x@v1.0.0/f.h"\n'],
    ["a path to a folder in which go compiles another package", '#include "../b004/go_asm.h"\n'],
    ["a link out of the context", '#include "f.h"\n', { "asm/f.h": link("/gm/f.h") }],
    ["a name with an escape", '#include "\\x2e./include/f.h"\n'],
    ["a name in a macro", '#define OPEN(f) #include f\nOPEN("../include/f.h")\n'],
    ["a macro for the sign", '#define HASH #\nHASH include "../include/f.h"\n'],
    ["a macro for all of it", '#define ALL #include "../include/f.h"\nALL\n'],
    ["a string without an end before it", '#define X "/*\n#include "go.mod"\n#define Y */\n'],
    ["a character without an end before it", '#define X \'/*\n#include "go.mod"\n#define Y */\n'],
  ])("%s", async (_name, assembly, others) => {
    expect(await opens(assembly, others)).toBe(true);
  });
});

test("of a header, all that any compiler could take for it is sent", async () => {
  const { files } = await packageOf({
    "asm/f_amd64.s": '#include "../a/a.h"\n',
    "a/a.h": '#include "../b/b.h"\n#include "c.h"\n',
    "b/b.h": "",
    "a/c.h": "",
    "asm/c.h": "",
  });
  // The assembler looks from asm, a C compiler from a.
  expect(files).toEqual(["a/a.h", "a/c.h", "asm/asm.go", "asm/c.h", "asm/f_amd64.s", "b/b.h"]);
});
