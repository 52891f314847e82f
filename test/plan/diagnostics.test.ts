// Whatever is wrong, the user is told a code, a place and what helps. The types ask for all three wherever a diagnostic
// is made; here it is seen that nothing gets round them, and that what is said says something.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ignoreRules, ignoring, openTree } from "../../src/facts/index.ts";
import { inspect, planEach } from "../../src/plan/index.ts";
import { CODES, type Diagnostic, isDiagnosticError, parseDescription } from "../../src/description/index.ts";
import { allKeys } from "../../src/description/schema-walk.ts";
import type { FixtureFile } from "../facts/fixtures/index.ts";
import { memoryTree } from "../facts/memory-tree.ts";
import { plainRequest } from "./support.ts";

type Files = Readonly<Record<string, FixtureFile>>;

const sound: Files = {
  "go.mod": "module example.com/app\n\ngo 1.26\n",
  "main.go": "package main\n\nfunc main() {}\n",
};

/** All that is said of a project, errors and warnings. */
async function said(files: Files, bytes?: Uint8Array): Promise<readonly Diagnostic[]> {
  const text = files["service.yaml"];
  const parsed = parseDescription({
    filename: "service.yaml",
    bytes: bytes ?? new TextEncoder().encode(typeof text === "string" ? text : "# syntax=org/go-frontend\n"),
  });
  if (!parsed.ok) return parsed.diagnostics;
  try {
    const shared = files[".dockerignore"];
    const rules = ignoreRules("service.yaml", undefined, typeof shared === "string" ? shared : undefined);
    const inspected = await inspect(
      parsed.located,
      openTree(ignoring(memoryTree(files), rules)),
      plainRequest,
    );
    planEach(parsed.located, inspected, plainRequest);
    return [...parsed.warnings, ...inspected.warnings];
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    return error.diagnostics;
  }
}

function expectWhole(found: readonly Diagnostic[]): void {
  for (const { code, message, file, range, help } of found) {
    expect(Object.keys(CODES)).toContain(code);
    expect(message, code).toMatch(/\S/);
    expect(message.length, message).toBeLessThan(700);
    expect(help, message).toMatch(/^\S.{3,}/);
    expect(help, message).not.toContain("\n");
    expect(help.length, help).toBeLessThan(700);
    expect(file, message).toMatch(/\S/);
    expect(range?.start.line, message).toBeGreaterThan(0);
    expect(range?.start.column, message).toBeGreaterThan(0);
  }
}

const values: readonly string[] = [
  "",
  "~",
  "1.20",
  "true",
  "-1",
  "1e999",
  "text",
  '""',
  '"\\e[2J"',
  '"a\\nb"',
  "[]",
  "[[a]]",
  "[~]",
  "[{ a: 1 }]",
  "{}",
  "{ a: { b: c } }",
  "{ a: [b] }",
  "{ a: ~ }",
  "{ a: 1 }",
  '{ "": x }',
  "x".repeat(5_000),
  `${"a/".repeat(100)}${"b".repeat(300)}`,
  `[${Array.from({ length: 600 }, (_, index) => `a${index}`).join(", ")}]`,
  `{ ${Array.from({ length: 600 }, (_, index) => `a${index}: ${"y".repeat(200)}`).join(", ")} }`,
  "${nothing}",
  "$x",
  "../../up",
  "-flag",
  "a b c",
  "linux/x86_64",
  "0",
  "https://user:pw@host/x",
];

/** A description with the value at a path of keys. */
function withValue(path: readonly string[], value: string): string {
  const keys = path.map((key) => (key === "*" ? "a" : key));
  return `${keys.map((key, depth) => `${"  ".repeat(depth)}${key}:`).join("\n")} ${value}\n`;
}

describe("every key with every kind of wrong value", () => {
  test.each(allKeys().map((path) => [path.join("."), path] as const))("%s", async (_, path) => {
    let errors = 0;
    for (const value of values) {
      const found = await said({ ...sound, "service.yaml": withValue(path, value) });
      expectWhole(found);
      errors += found.length;
    }
    expect(errors).toBeGreaterThan(0);
  });
});

describe("every slip of YAML", () => {
  test.each([
    "a: b: c\n",
    "main:\n\t- x\n",
    "main: [a\n",
    "main: 'a\n",
    "a\nmain: x\n",
    "{\n",
    "}\n",
    "main: {a: b}}\n",
    "main: &x y\n",
    "main: *x\n",
    "main: !!binary x\n",
    "%YAML 1.1\n---\nmain: x\n",
    "main: x\n---\nmain: y\n",
    "main: x\nmain: y\n",
    "? [a]\n: b\n",
    `${"k".repeat(1100)}: x\n`,
    "main: @x\n",
    "main: `x`\n",
    'main: "\\q"\n',
    "main: x#y #z\n  q\n",
    "image: [a:b, c d: e, ]x\n",
    "<<: x\n",
    "__proto__: x\n",
    `${"[".repeat(40)}\n`,
    `args: { ${Array.from({ length: 11_000 }, (_, index) => `a${index}: x`).join(", ")} }\n`,
    "- a\n",
    "text\n",
    "3\n",
    "",
    "\n",
    "~\n",
  ])("%j", async (text) => {
    const found = await said({ ...sound, "service.yaml": text });
    expect(found.length).toBeGreaterThan(0);
    expectWhole(found);
  });

  test.each([
    ["too large", new Uint8Array(300_000).fill(0x61)],
    ["a zero byte", Uint8Array.of(0x61, 0x0a, 0x62, 0, 0x63)],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0)],
    ["not UTF-8", Uint8Array.of(0x61, 0xff)],
    ["a control character", Uint8Array.of(0x61, 0x1b)],
    ["a carriage return alone", Uint8Array.of(0x61, 0x0d, 0x62)],
  ])("%s", async (_, bytes) => {
    const found = await said(sound, bytes);
    expect(found).toHaveLength(1);
    expectWhole(found);
  });
});

const long = "n".repeat(256);

describe("every fault of a source tree", () => {
  test.each<[string, Files, string]>([
    ["no go.mod", { "main.go": "package main\n" }, "GF010"],
    ["an empty go.mod", { ...sound, "go.mod": "" }, "GF016"],
    ["a go.mod with a flag for a path", { ...sound, "go.mod": "module a.b/c\nrequire -x v1\n" }, "GF016"],
    ["a go.mod that is no text", { ...sound, "go.mod": 'module "\u001b\n' }, "GF016"],
    ["a module whose last element is no name", { ...sound, "go.mod": "module a.b/c~\n" }, "GF040"],
    ["a module that is a path up", { ...sound, "go.mod": "module a.b/..\n" }, "GF016"],
    ["an empty module path", { ...sound, "go.mod": 'module ""\n' }, "GF016"],
    ["no main package", { ...sound, "main.go": "package lib\n" }, "GF006"],
    ["two main packages", { ...sound, "main.go": "package lib\n", ...mains("a", "b") }, "GF005"],
    ["a main that is not there", { ...sound, "service.yaml": "main: ./x\n" }, "GF002"],
    ["a name that is too long", { ...sound, "service.yaml": `main: ./${long}\n` }, "GF040"],
    ["an import of such a name", withMain(`import _ "example.com/app/${long}"`), "GF008"],
    ["an import of nothing", withMain('import _ "example.com/app/x"'), "GF008"],
    ["an embed of nothing", withMain('import _ "embed"\n\n//go:embed x\nvar x string'), "GF009"],
    [
      "a replace by such a name",
      { ...withLine(`require a.b/c v1.0.0\n\nreplace a.b/c => ./${long}`), ...importing("a.b/c") },
      "GF013",
    ],
    [
      "a replace outside",
      { ...withLine("require a.b/c v1.0.0\n\nreplace a.b/c => ../c"), ...importing("a.b/c") },
      "GF013",
    ],
    ["a link to such a name", { ...sound, "x.go": { link: long } }, "GF018"],
    ["go.sum missing", { ...withLine("require a.b/c v1.0.0"), ...importing("a.b/c") }, "GF011"],
    [
      "go.sum incomplete",
      { ...withLine("require a.b/c v1.0.0"), ...importing("a.b/c"), "go.sum": "a.b/d v1.0.0 h1:x=\n" },
      "GF012",
    ],
    ["an ignore pattern that does not end", { ...sound, ".dockerignore": "*.md\n[\n" }, "GF083"],
    ["one with a name", { ...sound, ".dockerignore": "[a" }, "GF083"],
    ["one whose range is none", { ...sound, ".dockerignore": "[!-\\d]" }, "GF083"],
    ["one with a control character", { ...sound, ".dockerignore": "a\u001b[2J\n" }, "GF083"],
    ["one that hides go.mod", { ...sound, ".dockerignore": "*" }, "GF004"],
    [
      "a workspace that uses what is not there",
      { ...sound, "go.work": "go 1.26\nuse .\nuse ./x\n" },
      "GF013",
    ],
    ["a workspace that cannot be read", { ...sound, "go.work": "use (\n" }, "GF016"],
    [
      "a vendor folder of another time",
      { ...withLine("require a.b/c v1.0.0"), "vendor/modules.txt": "" },
      "GF017",
    ],
  ])("%s", async (_, files, code) => {
    const found = await said(files);
    expect(found.map((each) => each.code)).toContain(code);
    expectWhole(found);
  });

  test("a folder with a control character in its name is no fault where nothing needs it", async () => {
    expect(await said({ ...sound, "a\u001b[2J/b/x.go": "package x\n", "c\nd/x.go": "package x\n" })).toEqual(
      [],
    );
  });
});

function mains(...names: readonly string[]): Files {
  return Object.fromEntries(names.map((name) => [`cmd/${name}/main.go`, "package main\n\nfunc main() {}\n"]));
}

function withMain(text: string): Files {
  return { ...sound, "main.go": `package main\n\n${text}\n\nfunc main() {}\n` };
}

function withLine(text: string): Files {
  return { ...sound, "go.mod": `module example.com/app\n\ngo 1.26\n\n${text}\n` };
}

function importing(path: string): Files {
  return { "main.go": `package main\n\nimport _ "${path}"\n\nfunc main() {}\n` };
}

test("no source makes a diagnostic past the type that asks for a place and a help line", () => {
  const root = join(import.meta.dirname, "..", "..", "src");
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith("helper-files.ts"))
    .map((path) => [path, readFileSync(join(root, path), "utf8")] as const);
  const past = /\bas (?:unknown as )?(?:readonly )?(?:Facts)?Diagnostic\b|\bhelp: ""|help\?:/;
  expect(sources.flatMap(([path, text]) => (past.test(text) ? [path] : []))).toEqual([]);
  // Names of steps come from files: whoever gives one gives it here, where it is made visible.
  const outside = sources.filter(([path]) => !path.startsWith("llb") && !path.startsWith("proto"));
  expect(outside.flatMap(([path, text]) => (text.includes("withCustomName") ? [path] : []))).toEqual([
    join("graph", "name.ts"),
  ]);
});
