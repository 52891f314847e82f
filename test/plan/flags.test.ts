// Command lines of go: no shell reads them, but go itself splits -ldflags.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commandByHand,
  cookCommand,
  GO_FLAGS,
  goEnv,
  isQuotable,
  linkCommand,
  targetEnv,
} from "../../src/plan/flags.ts";
import { goPlatform, type Platform } from "../../src/description/index.ts";
import { complaintOf, planFiles, tool } from "./support.ts";

/** How go splits a flag's value into fields (golang/go:src/cmd/internal/quoted/quoted.go, Split). */
function goSplit(text: string): readonly string[] {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[ \t\n\r]+/, "");
    if (rest === "") return fields;
    const quote = rest[0] === "'" || rest[0] === '"' ? rest[0] : undefined;
    if (quote !== undefined) {
      const end = rest.indexOf(quote, 1);
      if (end < 0) throw new Error(`unterminated ${quote} string`);
      fields.push(rest.slice(1, end));
      rest = rest.slice(end + 1);
      continue;
    }
    const end = /[ \t\n\r]/.exec(rest)?.index ?? rest.length;
    fields.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
}

const link = (vars: readonly (readonly [string, string])[], strip = true): readonly string[] =>
  linkCommand("./cmd/x", { tags: [], profile: undefined, strip, vars, output: "/out/x" });

const ldflags = (argv: readonly string[]): string =>
  argv.find((each) => each.startsWith("-ldflags="))?.slice("-ldflags=".length) ?? "";

describe("link", () => {
  test("is one go build with everything said", () => {
    expect(
      linkCommand("./cmd/x", {
        tags: ["netgo", "osusergo"],
        profile: "/profile/default.pgo",
        strip: true,
        vars: [["main.version", "1.0"]],
        output: "/out/x",
      }),
    ).toEqual([
      "go",
      "build",
      "-v",
      "-tags=netgo,osusergo",
      "-pgo=/profile/default.pgo",
      "-ldflags=-s -w -buildid= -X main.version=1.0",
      "-o",
      "/out/x",
      "./cmd/x",
    ]);
  });

  test("keeps symbols when they are not stripped, and never a build id", () => {
    expect(ldflags(link([], false))).toBe("-buildid=");
    expect(ldflags(link([], true))).toBe("-s -w -buildid=");
  });

  test.each([
    ["plain", "1.0", "main.v=1.0"],
    ["empty", "", "main.v="],
    ["spaces", "a b", "'main.v=a b'"],
    ["a single quote", "it's", `"main.v=it's"`],
    ["double quotes", 'say "hi"', `'main.v=say "hi"'`],
    ["a flag in disguise", "x -linkmode=external", "'main.v=x -linkmode=external'"],
    ["a line break", "a\nb", "'main.v=a\nb'"],
    ["a backslash", "a\\b", "main.v=a\\b"],
    ["what a shell would run", "$(id);`id`", "main.v=$(id);`id`"],
  ])("%s in a variable's value", (_what, value, field) => {
    expect(ldflags(link([["main.v", value]]))).toBe(`-s -w -buildid= -X ${field}`);
  });

  test("every value that can be said arrives as it is, and as one field", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 4 }), (values) => {
        const vars = values.filter(isQuotable).map((value, index) => [`main.v${index}`, value] as const);
        const expected = vars.flatMap(([name, value]) => ["-X", `${name}=${value}`]);
        expect(goSplit(ldflags(link(vars)))).toEqual(["-s", "-w", "-buildid=", ...expected]);
      }),
    );
  });

  test("a value with both kinds of quotes is refused at its place", async () => {
    const text = `# syntax=org/go-frontend\nbuild:\n  vars:\n    main.v: "it's \\"x\\""\n`;
    expect(await complaintOf(planFiles({ ...tool, "service.yaml": text }), text)).toMatchInlineSnapshot(`
      "service.yaml:4:13: GF040 the value of main.v holds both kinds of quotes, which the linker's -X cannot take
      4 |     main.v: "it's \\"x\\""
        |             ^^^^^^^^^^^^
      help: leave out one kind of quotes"
    `);
  });
});

describe("what is compiled ahead", () => {
  test("is a go build without an output, and without the profile that go would look for by itself", () => {
    expect(cookCommand(["fmt", "./x"], { tags: [], profile: undefined })).toEqual([
      "go",
      "build",
      "-v",
      "-pgo=off",
      "fmt",
      "./x",
    ]);
    expect(cookCommand(["fmt"], { tags: ["a", "b"], profile: "/p" })).toEqual([
      "go",
      "build",
      "-v",
      "-tags=a,b",
      "-pgo=/p",
      "fmt",
    ]);
  });
});

test("a value can be said unless it holds both kinds of quotes", () => {
  for (const value of ["", "x", "it's", 'say "hi"']) expect(isQuotable(value)).toBe(true);
  expect(isQuotable(`it's "x"`)).toBe(false);
});

describe("the command that a person runs by hand", () => {
  const linux = (architecture: string, variant?: string): Platform => ({
    os: "linux",
    architecture,
    ...(variant === undefined ? {} : { variant }),
  });
  test.each([
    [
      { dir: ".", platform: linux("amd64"), tags: [], main: "." },
      "CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build .",
    ],
    [
      { dir: "services/orders", platform: linux("arm", "v7"), tags: ["netgo", "x"], main: "./cmd/orders" },
      "cd services/orders && CGO_ENABLED=0 GOOS=linux GOARCH=arm GOARM=7 go build -tags=netgo,x ./cmd/orders",
    ],
    [
      { dir: "it's $(mine)", platform: linux("amd64"), tags: ["größe"], main: "./a b" },
      "cd 'it'\\''s $(mine)' && CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build '-tags=größe' './a b'",
    ],
  ])("%j", ({ platform, ...what }, command) => {
    expect(commandByHand({ ...what, env: targetEnv(platform) })).toBe(command);
  });
});

test("what is compiled ahead and what is linked carry the same flags, else every package would miss", () => {
  for (const flags of [
    { tags: [], profile: undefined },
    { tags: ["a", "b"], profile: "/profile/default.pgo" },
    { tags: [], profile: undefined, gcflags: ["-N", "-l"], asmflags: ["-D=X"] },
  ]) {
    const key = (argv: readonly string[]): readonly string[] =>
      argv.filter((each) => /^-(tags|pgo|race|msan|gcflags|asmflags)/.test(each));
    const cooked = cookCommand(["fmt"], flags);
    const linked = linkCommand("./x", { ...flags, strip: true, vars: [], output: "/out/x" });
    expect(key(cooked)).toEqual(key(linked));
    expect(cooked).not.toContain("-o");
  }
});

test("flags of every step: trimmed paths, no version control, modules as they are", () => {
  expect(GO_FLAGS).toBe("-trimpath -buildvcs=false");
});

test("the environment of go holds nothing of a machine or a project: no files of settings, no other release, no reports", () => {
  expect(goEnv({ GOOS: "linux" })).toEqual({
    GOOS: "linux",
    GOCACHE: "/gc",
    GOENV: "off",
    GOFLAGS: "-trimpath -buildvcs=false",
    GOMODCACHE: "/gm",
    GOTELEMETRY: "off",
    GOTOOLCHAIN: "local",
    HOME: "/tmp",
  });
});

describe("the target's environment", () => {
  test.each([
    ["linux/amd64", {}],
    ["linux/amd64/v3", { GOAMD64: "v3" }],
    ["linux/arm64", {}],
    ["linux/arm64/v8", {}],
    ["linux/arm", { GOARM: "7" }],
    ["linux/arm/v6", { GOARM: "6" }],
    ["linux/arm/v5", { GOARM: "5" }],
    ["linux/riscv64", {}],
    ["windows/amd64", {}],
  ])("%s", (text, level) => {
    const parsed = goPlatform(text);
    if (!parsed.ok) expect.fail(parsed.problem.message);
    const [os, architecture] = text.split("/");
    expect(targetEnv(parsed.value)).toEqual({
      CGO_ENABLED: "0",
      GOOS: os,
      GOARCH: architecture,
      ...level,
    });
  });

  test("a level that some day has a minor number", () => {
    expect(targetEnv({ os: "linux", architecture: "arm64", variant: "v9" })["GOARM64"]).toBe("v9.0");
    expect(targetEnv({ os: "linux", architecture: "arm64", variant: "v8.2" })["GOARM64"]).toBe("v8.2");
  });
});

test.each(["-x", "-toolexec=/src/evil", ""])("a package cannot be taken for a flag: %j", (path) => {
  const flags = { tags: [], profile: undefined };
  expect(() => cookCommand(["fmt", path], flags)).toThrow(`${JSON.stringify(path)} is not a package`);
  expect(cookCommand(["fmt", "a-"], flags).slice(-2)).toEqual(["fmt", "a-"]);
});
