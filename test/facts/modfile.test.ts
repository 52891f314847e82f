import { describe, expect, test } from "vitest";
import { editGoMod } from "../../src/facts/modfile/edit-go-mod.ts";
import { parseGoMod } from "../../src/facts/modfile/go-mod.ts";
import { parseGoSums } from "../../src/facts/modfile/go-sum.ts";
import { parseGoWork } from "../../src/facts/modfile/go-work.ts";
import { parseVendorList } from "../../src/facts/modfile/vendor-list.ts";

const full = `// A comment first.
module example.com/orders // the path

go 1.24.1
toolchain go1.25.3
godebug default=go1.23

require example.com/one v1.0.0
require (
	example.com/two v0.0.0-20240101000000-abcdefabcdef // indirect
	"example.com/quoted" v1.2.3 // indirect; kept
	example.com/four v2.0.0+incompatible // not indirect
)
exclude example.com/one v1.1.0
retract (
	v1.0.5 // oops
	[v1.1.0, v1.2.0]
)
replace example.com/one => ../one
replace (
	example.com/two v1.0.0 => example.com/fork v1.0.1
	example.com/three => ./three
)
tool example.com/two/cmd/gen
tool (
	example.com/four/cmd/x
)
ignore ./static
unknown thing here
`;

describe("go.mod", () => {
  const file = parseGoMod("go.mod", full);

  test("every verb, with its place", () => {
    expect(file.module).toEqual({ value: "example.com/orders", at: { line: 2, column: 8 } });
    expect(file.go).toEqual({ value: "1.24.1", at: { line: 4, column: 4 } });
    expect(file.toolchain?.value).toBe("go1.25.3");
    expect(file.godebug.map((each) => each.value)).toEqual(["default=go1.23"]);
    expect(file.require).toEqual([
      { path: "example.com/one", version: "v1.0.0", indirect: false, at: { line: 8, column: 9 } },
      {
        path: "example.com/two",
        version: "v0.0.0-20240101000000-abcdefabcdef",
        indirect: true,
        at: { line: 10, column: 2 },
      },
      { path: "example.com/quoted", version: "v1.2.3", indirect: true, at: { line: 11, column: 2 } },
      {
        path: "example.com/four",
        version: "v2.0.0+incompatible",
        indirect: false,
        at: { line: 12, column: 2 },
      },
    ]);
    expect(file.exclude.map(({ path, version }) => `${path} ${version}`)).toEqual(["example.com/one v1.1.0"]);
    expect(file.retract.map(({ low, high }) => [low, high])).toEqual([
      ["v1.0.5", "v1.0.5"],
      ["v1.1.0", "v1.2.0"],
    ]);
    expect(
      file.replace.map(({ old, new: target, local, at }) => [
        old.path,
        old.version,
        target.path,
        target.version,
        local,
        at.line,
      ]),
    ).toEqual([
      ["example.com/one", "", "../one", "", true, 19],
      ["example.com/two", "v1.0.0", "example.com/fork", "v1.0.1", false, 21],
      ["example.com/three", "", "./three", "", true, 22],
    ]);
    expect(file.tool.map((each) => each.value)).toEqual([
      "example.com/two/cmd/gen",
      "example.com/four/cmd/x",
    ]);
    expect(file.ignore.map((each) => each.value)).toEqual(["./static"]);
    expect(file.errors).toEqual([]);
  });

  test("CRLF changes nothing", () => {
    const other = parseGoMod("go.mod", full.replaceAll("\n", "\r\n"));
    expect(other).toEqual(file);
  });

  test.each([
    ["module\n", "module needs an argument", 1, 1],
    ["module a\nrequire (\n\tx.y/z v1.0.0\n", "unclosed block: require (", 2, 1],
    ["module a\nrequire x.y/z\n", "usage: require module/path v1.2.3", 2, 1],
    [
      "module a\nreplace x.y/z ./a\n",
      "usage: replace module/path [v1.2.3] => other/module v1.4 (or => ../local/directory)",
      2,
      1,
    ],
    ['module "a\n', "invalid quoted string", 1, 8],
    ["module a\n/* no */\n", "mod files must use // comments (not /* */ comments)", 2, 1],
    ["module a\ngo 1.x\n", "invalid go version '1.x': must match format 1.23", 2, 4],
    ["module a\ngo v1.22\n", "invalid go version 'v1.22': must match format 1.23", 2, 4],
  ])("%j is refused with its place", (text, message, line, column) => {
    const help = expect.stringMatching(/\S/) as string;
    expect(parseGoMod("go.mod", text).errors).toEqual([{ message, help, at: { line, column } }]);
  });

  test("hostile sizes are read: a line of 1 MiB, 100 000 requirements", () => {
    const wide = parseGoMod("go.mod", `module example.com/a ${"(".repeat(1 << 20)}x\ngo 1.24\n`);
    expect(wide.go?.value).toBe("1.24");
    const many = Array.from({ length: 100_000 }, (_, i) => `\texample.com/m${i} v1.0.0`).join("\n");
    expect(parseGoMod("go.mod", `module a\nrequire (\n${many}\n)\n`).require).toHaveLength(100_000);
  });
});

test("go.work", () => {
  const file = parseGoWork(
    "go.work",
    'go 1.24\ntoolchain go1.25.0\nuse .\nuse (\n\t./a // one\n\t"./b c"\n)\nreplace x.y/z => ./z\n',
  );
  expect(file.go?.value).toBe("1.24");
  expect(file.toolchain?.value).toBe("go1.25.0");
  expect(file.use.map((each) => [each.value, each.at.line])).toEqual([
    [".", 3],
    ["./a", 5],
    ["./b c", 6],
  ]);
  expect(file.replace[0]?.new.path).toBe("./z");
});

test("go.sum: modules and their go.mod are told apart, bad lines are skipped", () => {
  const sums = parseGoSums([
    {
      file: "go.sum",
      text: "a.b/c v1.0.0 h1:x=\na.b/c v1.0.0/go.mod h1:y=\nbad line\n\na.b/only v1.0.0/go.mod h1:z=\r\n",
    },
    { file: "go.work.sum", text: "d.e/f v2.0.0 h1:x=\n" },
  ]);
  expect(sums.files).toEqual(["go.sum", "go.work.sum"]);
  expect([
    sums.has("a.b/c", "v1.0.0"),
    sums.hasGoMod("a.b/c", "v1.0.0"),
    sums.has("a.b/only", "v1.0.0"),
    sums.hasGoMod("a.b/only", "v1.0.0"),
  ]).toEqual([true, true, false, true]);
  expect([sums.has("d.e/f", "v2.0.0"), sums.knows("d.e/f"), sums.knows("bad")]).toEqual([true, true, false]);
});

test("vendor/modules.txt", () => {
  const list = parseVendorList(
    "vendor/modules.txt",
    "## workspace\n# a.b/c v1.0.0\n## explicit; go 1.21\na.b/c\na.b/c/d\n# e.f/g v1.0.0 => ./local\n## explicit\ne.f/g\n# h.i/j => k.l/m v2.0.0\n",
  );
  expect(list.workspace).toBe(true);
  expect(list.modules).toEqual([
    {
      path: "a.b/c",
      version: "v1.0.0",
      line: 2,
      explicit: true,
      go: "1.21",
      replace: undefined,
      packages: ["a.b/c", "a.b/c/d"],
    },
    {
      path: "e.f/g",
      version: "v1.0.0",
      line: 6,
      explicit: true,
      go: undefined,
      replace: { path: "./local", version: "" },
      packages: ["e.f/g"],
    },
    {
      path: "h.i/j",
      version: "",
      line: 9,
      explicit: false,
      go: undefined,
      replace: { path: "k.l/m", version: "v2.0.0" },
      packages: [],
    },
  ]);
});

test("vendor/modules.txt: lines that Go passes over", () => {
  const text =
    "# not/a module line\nlost/package\n# a.b/c v1.0.0 => ./x y z\na.b/c\n two words\n # d.e/f v1.0.0\n# short\na.b/c/d\u0085\n\u0085\n## go 1.20\n";
  const { modules, workspace } = parseVendorList("vendor/modules.txt", text);
  expect(workspace).toBe(false);
  expect(modules.map(({ path, replace, packages, go }) => ({ path, replace, packages, go }))).toEqual([
    { path: "a.b/c", replace: undefined, packages: ["a.b/c", "a.b/c/d"], go: "1.20" },
  ]);
});

test("`// indirect` is two words of Go's: a byte order mark is part of one", () => {
  const { require } = parseGoMod(
    "go.mod",
    "module a.b/c\nrequire x.y/z v1.0.0 // indirect\ufeff\nrequire x.y/w v1.0.0 //\u0085indirect\n",
  );
  expect(require.map(({ indirect }) => indirect)).toEqual([false, true]);
});

describe("a go.mod is edited", () => {
  const text = `module example.com/app // here

go 1.26

require (
	a.test/x v1.0.0 // indirect
	a.test/y v1.0.0
)

require a.test/z v1.0.0

replace a.test/x => ../x // for now

replace a.test/y v1.0.0 => a.test/fork v1.0.0
`;
  const edited = (require: Record<string, string>, replace: Record<string, string> = {}): string =>
    editGoMod("go.mod", text, { require, replace });

  test("by nothing", () => {
    expect(edited({})).toBe(text);
  });

  test("in its lines, and at its end", () => {
    expect(edited({ "a.test/x": "v1.1.0", "a.test/y": "none", "a.test/new": "v0.1.0" })).toBe(
      `${text.replace("x v1.0.0 //", "x v1.1.0 //").replace("\ta.test/y v1.0.0\n", "\n")}\nrequire a.test/new v0.1.0\n`,
    );
  });

  test("as go mod edit drops what a replacement of all versions makes useless", () => {
    const replaced = edited(
      {},
      { "a.test/x": "./x", "a.test/y": "a.test/fork@v1.2.0", "a.test/z@v1.0.0": "./z@1" },
    );
    const { replace, errors } = parseGoMod("go.mod", replaced);
    expect(errors).toEqual([]);
    expect(
      replace.map(({ old, new: target }) => [old.path, old.version, target.path, target.version]),
    ).toEqual([
      ["a.test/x", "", "./x", ""],
      ["a.test/y", "", "a.test/fork", "v1.2.0"],
      ["a.test/z", "v1.0.0", "./z@1", ""],
    ]);
    expect(parseGoMod("go.mod", edited({}, { "a.test/y": "none" })).replace).toHaveLength(1);
    expect(edited({}, { "a.test/x": "./x" })).toContain("replace a.test/x => ./x // for now\n");
  });

  test("with Windows' line breaks, and no line break behind it", () => {
    const other = text.trimEnd().replaceAll("\n", "\r\n");
    const parsed = parseGoMod(
      "go.mod",
      editGoMod("go.mod", other, {
        require: { "a.test/z": "v2.0.0+incompatible", "b.test/q": "v1.0.0" },
        replace: {},
      }),
    );
    expect(parsed.errors).toEqual([]);
    expect(parsed.require.map(({ path, version }) => `${path} ${version}`)).toEqual([
      "a.test/x v1.0.0",
      "a.test/y v1.0.0",
      "a.test/z v2.0.0+incompatible",
      "b.test/q v1.0.0",
    ]);
  });
});
