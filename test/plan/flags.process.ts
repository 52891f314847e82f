// Flags of a description, in a binary that the plan's own command makes: the go command and the file say what came of them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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
async function build(description: string, platform: string, tree: Readonly<Record<string, string>> = files) {
  const [os = "", architecture = ""] = platform.split("/");
  const planned = await planFiles(
    { ...tree, "service.yaml": `# syntax=org/go-frontend\n${description}\n` },
    { platforms: [{ os, architecture }], target: "binary" },
  );
  const { service } = planned.plan;
  const link = service.platforms[0]?.links[0] ?? expect.fail("no link");
  const dir = join(work, `${built++}`);
  mkdirSync(dir);
  for (const name of link.program.files) {
    mkdirSync(join(dir, dirname(name)), { recursive: true });
    writeFileSync(join(dir, name), tree[name] ?? expect.fail(`no ${name}`));
  }
  if (link.godebug !== undefined) writeFileSync(join(dir, link.godebug.path), link.godebug.text);
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

const asked = {
  "go.mod": `module example.com/asked\n\ngo 1.24\n\ngodebug (\n\thttp2client=1\n\tpanicnil=1\n)\n`,
  "main.go": `package main

import (
	"crypto/fips140"
	"fmt"
	"os"

	"example.com/asked/lib"
)

func main() { fmt.Println(fips140.Enabled(), lib.Sign(len(os.Args)-1)) }
`,
  "lib/lib.go": `package lib

func Sign(n int) string {
	if n > 0 {
		return "more"
	}
	return "none"
}
`,
} as const;

test("races on macOS, linked here without cgo", { timeout: 300_000 }, async () => {
  const raced = {
    "go.mod": files["go.mod"],
    "main.go": "package main\n\nfunc main() { println(detector) }\n",
    "on.go": '//go:build race\n\npackage main\n\nconst detector = "race"\n',
    "off.go": '//go:build !race\n\npackage main\n\nconst detector = "none"\n',
  };
  const { settings, files: sent } = await build("build: { race: true }", "darwin/arm64", raced);
  expect(settings).toMatchObject({ "-race": "true", CGO_ENABLED: "0", GOOS: "darwin", GOARCH: "arm64" });
  expect(sent).toEqual(["go.mod", "main.go", "on.go"]);
});

test("a binary that counts what runs: go tool covdata reads it", { timeout: 300_000 }, async () => {
  const { binary, settings } = await build("build: { cover: true }", "linux/amd64", asked);
  expect(settings["-cover"]).toBe("true");
  const counts = `${binary}.counts`;
  mkdirSync(counts);
  execFileSync(binary, [], { env: { GOCOVERDIR: counts }, stdio: "pipe" });
  const percent = execFileSync("go", ["tool", "covdata", "percent", `-i=${counts}`], { encoding: "utf8" });
  expect(percent).toMatch(/example\.com\/asked\s+coverage: 100\.0% of statements/);
  expect(percent).toMatch(/example\.com\/asked\/lib\s+coverage: 66\.7% of statements/);

  const some = await build("build: { cover: [example.com/asked/l...] }", "linux/amd64", asked);
  const few = `${some.binary}.counts`;
  mkdirSync(few);
  execFileSync(some.binary, ["x"], { env: { GOCOVERDIR: few }, stdio: "pipe" });
  const read = execFileSync("go", ["tool", "covdata", "percent", `-i=${few}`], { encoding: "utf8" });
  expect(read).toMatch(/example\.com\/asked\/lib\s+coverage: 66\.7% of statements/);
  // Without the main package the runtime writes nothing at all, so it is added.
  expect(read).toMatch(/asked\s+coverage/);
});

test.each([
  ["latest", "latest", "true none"],
  ["v1.0.0", "v1.0.0-c2097c7c", "true none"],
  ["off", undefined, "false none"],
])("fips140: %s", { timeout: 300_000 }, async (version, said, printed) => {
  const { binary, settings } = await build(`build: { fips140: ${version} }`, "linux/amd64", asked);
  expect(settings["GOFIPS140"]).toBe(said);
  expect(execFileSync(binary, { encoding: "utf8", env: {} }).trim()).toBe(printed);
});

test(
  "settings of GODEBUG stand over those of go.mod, and the others stay",
  { timeout: 300_000 },
  async () => {
    const { settings } = await build(
      'build: { godebug: { http2client: "0", asynctimerchan: "1" } }',
      "linux/amd64",
      asked,
    );
    const said = settings["DefaultGODEBUG"]?.split(",");
    expect(said).toEqual(expect.arrayContaining(["http2client=0", "asynctimerchan=1", "panicnil=1"]));
    expect(said).not.toContain("http2client=1");
  },
);

test.each([
  ["linux/amd64", "/lib64/ld-linux-x86-64.so.2"],
  ["linux/arm64", "/lib/ld-linux-aarch64.so.1"],
  ["linux/loong64", "/lib64/ld-linux-loongarch-lp64d.so.1"],
  ["linux/ppc64le", "/lib64/ld64.so.2"],
])(
  "a position-independent executable for %s names its loader",
  { timeout: 300_000 },
  async (platform, loader) => {
    const { binary, settings } = await build("build: { mode: pie }", platform, asked);
    expect(settings["-buildmode"]).toBe("pie");
    const bytes = readFileSync(binary);
    // ET_DYN, and PT_INTERP (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html).
    expect(bytes.readUInt16LE(16)).toBe(3);
    expect(bytes.includes(`${loader}\0`)).toBe(true);
    if (platform === "linux/amd64") {
      expect(execFileSync(binary, { encoding: "utf8" }).trim()).toBe("false none");
    }
  },
);
