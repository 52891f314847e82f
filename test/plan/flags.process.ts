// Flags of a description, in a binary that the plan's own command makes: the go command and the file say what came of them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compileEnv } from "../../src/plan/steps/compile.ts";
import { PATHS } from "../../src/plan/index.ts";
import { planFiles } from "./support.ts";

// What is compiled is the standard library, over and over.
const cache = execFileSync("go", ["env", "GOCACHE"], { encoding: "utf8" }).trim();
const work = mkdtempSync(join(tmpdir(), "go-frontend-flags-"));
afterAll(() => rmSync(work, { recursive: true }));

const files = {
  "go.mod": "module example.com/tool\n\ngo 1.24\n",
  "main.go": "package main\n\nfunc main() { println(experiment, level) }\n",
  "on.go": '//go:build goexperiment.jsonv2\n\npackage main\n\nconst experiment = "jsonv2"\n',
  "off.go": '//go:build !goexperiment.jsonv2\n\npackage main\n\nconst experiment = "plain"\n',
  "v3.go": '//go:build amd64.v3\n\npackage main\n\nconst level = "v3"\n',
  "v1.go": '//go:build !amd64.v3\n\npackage main\n\nconst level = "v1"\n',
} as const;

let built = 0;

/** The binary that the plan's link command makes of the planned files, and what `go version -m` says of it. */
async function build(description: string, platform: string) {
  const [os = "", architecture = ""] = platform.split("/");
  const planned = await planFiles(
    { ...files, "service.yaml": `# syntax=org/go-frontend\n${description}\n` },
    { platforms: [{ os, architecture }] },
  );
  const { service } = planned.plan;
  const link = service.platforms[0]?.links[0] ?? expect.fail("no link");
  const dir = join(work, `${built++}`);
  mkdirSync(dir);
  for (const name of link.program.files) {
    writeFileSync(join(dir, name), files[name as keyof typeof files]);
  }
  const binary = join(dir, "out");
  const [command = "", ...args] = link.argv.map((arg) => (arg.startsWith(`${PATHS.output}/`) ? binary : arg));
  execFileSync(command, args, {
    cwd: dir,
    env: {
      ...compileEnv(link.variant),
      PATH: `${process.env["PATH"] ?? ""}:/usr/local/go/bin`,
      GOCACHE: cache,
      GOMODCACHE: join(work, "modules"),
    },
    stdio: "pipe",
  });
  const text = execFileSync("go", ["version", "-m", binary], { encoding: "utf8" });
  const settings = Object.fromEntries(
    [...text.matchAll(/^\tbuild\t([^=]+)=(.*)$/gm)].map(([, key = "", value = ""]) => [key, value]),
  );
  return { binary, settings, files: link.program.files };
}

test.each<[string, string, Readonly<Record<string, string>>]>([
  ["build: { experiments: [jsonv2] }", "linux/amd64", { GOEXPERIMENT: "jsonv2" }],
  ["build: { levels: { amd64: v3 } }", "linux/amd64", { GOAMD64: "v3" }],
  ['build: { levels: { "386": softfloat } }', "linux/386", { GO386: "softfloat" }],
  ['build: { levels: { arm: "6,softfloat" } }', "linux/arm", { GOARM: "6,softfloat" }],
  ['build: { levels: { arm64: "v8.2,lse" } }', "linux/arm64", { GOARM64: "v8.2,lse" }],
  ["build: { levels: { mipsle: softfloat } }", "linux/mipsle", { GOMIPS: "softfloat" }],
  ["build: { levels: { mips64le: softfloat } }", "linux/mips64le", { GOMIPS64: "softfloat" }],
  ["build: { levels: { ppc64le: power9 } }", "linux/ppc64le", { GOPPC64: "power9" }],
  ["build: { levels: { riscv64: rva22u64 } }", "linux/riscv64", { GORISCV64: "rva22u64" }],
  ["build: { gcflags: [-N, -l] }", "linux/amd64", { "-gcflags": '"all=-N -l"' }],
  ["build: { asmflags: [-D=X=1] }", "linux/amd64", { "-asmflags": "all=-D=X=1" }],
])("%s for %s", { timeout: 300_000 }, async (description, platform, expected) => {
  expect((await build(description, platform)).settings).toMatchObject(expected);
});

test(
  "an experiment and a level choose files: both kinds are sent, and Go decides",
  { timeout: 300_000 },
  async () => {
    const plain = await build("", "linux/amd64");
    expect(plain.files).not.toContain("v3.go");
    const chosen = await build("build: { experiments: [jsonv2], levels: { amd64: v3 } }", "linux/amd64");
    expect(chosen.files).toEqual(expect.arrayContaining(["on.go", "off.go", "v3.go", "v1.go"]));
    // The strings of both constants are in no other program.
    expect(readFileSync(chosen.binary).includes("jsonv2")).toBe(true);
  },
);

test("the linker's flags reach it: a name that it would refuse is linked", { timeout: 300_000 }, async () => {
  const linked = {
    "go.mod": files["go.mod"],
    "main.go": `package main

import (
	"os"
	_ "unsafe"
)

//go:linkname private runtime.hexdumpWords
func private(p, end uintptr, mark func(uintptr) byte)

func main() { if len(os.Args) > 3 { private(0, 0, nil) } }
`,
    "empty.s": "",
  };
  const dir = join(work, "linkname");
  mkdirSync(dir);
  for (const [name, text] of Object.entries(linked)) writeFileSync(join(dir, name), text);
  const planned = await planFiles({
    ...linked,
    "service.yaml": "# syntax=org/go-frontend\nbuild: { ldflags: [-checklinkname=0] }\n",
  });
  const link = planned.plan.service.platforms[0]?.links[0] ?? expect.fail("no link");
  const run = (argv: readonly string[]): void => {
    const [command = "", ...args] = argv.map((arg) =>
      arg.startsWith(`${PATHS.output}/`) ? join(dir, "out") : arg,
    );
    const env = { ...compileEnv(link.variant), PATH: `${process.env["PATH"] ?? ""}:/usr/local/go/bin` };
    execFileSync(command, args, {
      cwd: dir,
      env: { ...env, GOCACHE: cache, GOMODCACHE: join(work, "modules") },
      stdio: "pipe",
    });
  };
  expect(() => run(link.argv.map((arg) => arg.replace(" -checklinkname=0", "")))).toThrow(
    /linkname|hexdumpWords/,
  );
  expect(() => run(link.argv)).not.toThrow();
});
