// Settings of Go that take more than others' steps see: the tool that counts, archives of FIPS modules, another go.mod.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const work = scratchDir();
const profiles = join(work.path, "profiles");
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
  // Profiles of nothing: what they hold is told by test/plan/profiles.process.ts.
  const profiler = join(work.path, "profiler.go");
  writeFileSync(profiler, PROFILER);
  mkdirSync(profiles);
  for (const folder of [dir, profiles]) execFileSync("go", ["run", profiler, join(folder, "cpu.pgo")]);
});
afterAll(work.remove);

const tree = {
  "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
  "go.sum": `github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=
github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=
`,
  "main.go": `package main

import (
	"crypto/fips140"
	"fmt"

	"github.com/google/uuid"
)

func main() { fmt.Println(fips140.Enabled(), fips140.Version(), uuid.Nil) }
`,
  "service.yaml": `# syntax=${pinnedFrontend(rig, inject("frontend"))}
services:
  hello: { main: . }
  counted: { extends: hello, build: { cover: true } }
  named: { extends: hello, build: { cover: [github.com/google/uuid] } }
  fips: { extends: hello, build: { fips140: v1.0.0, godebug: { panicnil: "1" } } }
  pie: { extends: hello, build: { mode: pie } }
  guided: { extends: hello, build: { pgo: [./cpu.pgo, { image: profiles, path: /cpu.pgo }] } }
`,
};
const dir = project(work.path, tree);

const architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** Builds a target into a folder; what the client printed. */
async function buildTarget(target: string, out: string, ...more: readonly string[]): Promise<string> {
  const asked = [`--target=${target}`, `--output=type=local,dest=${out}`, `--platform=linux/${architecture}`];
  const file = ["-f", join(dir, "service.yaml")];
  const { stderr } = await succeeded(
    clients.buildx(["build", "--progress=plain", ...caSecret(), ...file, ...asked, ...more, dir]),
  );
  return stderr;
}

/** Fails unless the packages of other modules were compiled before. */
function expectSharedDeps(log: string): void {
  const deps = /^(#\d+) \[deps [^\n]*go build/m.exec(log)?.[1] ?? expect.fail("no deps step");
  expect(log.split("\n")).toContain(`${deps} CACHED`);
}

/** A binary by a build, what it prints and says of itself, and the titles of the steps that ran. */
async function build(service: string, ...more: readonly string[]) {
  const out = join(work.path, service);
  const log = await buildTarget(`${service}.binary`, out, ...more);
  const binary = join(out, "hello");
  const counts = join(out, "counts");
  mkdirSync(counts);
  const { stdout } = await succeeded(run(binary, [], { env: { ...process.env, GOCOVERDIR: counts } }));
  const info = execFileSync("go", ["version", "-m", binary], { encoding: "utf8" });
  expect(log).not.toContain("not in the prepared caches");
  return { said: stdout.trim(), info, counts, log };
}

const NIL = "00000000-0000-0000-0000-000000000000";

test("a binary that counts shares what is compiled of other modules", { timeout: 900_000 }, async () => {
  const plain = await build("hello");
  expect(plain.said).toBe(`false latest ${NIL}`);
  const { info, counts, log } = await build("counted");
  expect(info).toContain("-cover=true");
  expect(execFileSync("go", ["tool", "covdata", "percent", `-i=${counts}`], { encoding: "utf8" })).toMatch(
    /example\.com\/hello\s+coverage: 100\.0%/,
  );
  expectSharedDeps(log);
  const named = await build("named");
  const read = execFileSync("go", ["tool", "covdata", "percent", `-i=${named.counts}`], { encoding: "utf8" });
  expect(read).toMatch(/github\.com\/google\/uuid\s+coverage: [1-9]/);
});

test(
  "the FIPS module is the one that was asked for, with the description's GODEBUG",
  { timeout: 900_000 },
  async () => {
    const { said, info } = await build("fips");
    expect(said).toBe(`true v1.0.0 ${NIL}`);
    expect(info).toContain("GOFIPS140=v1.0.0-c2097c7c");
    expect(info).toMatch(/DefaultGODEBUG=\S*fips140=on\S*panicnil=1/);
  },
);

test("a position-independent executable", { timeout: 900_000 }, async () => {
  const { said, info } = await build("pie");
  expect(said).toBe(`false latest ${NIL}`);
  expect(info).toContain("-buildmode=pie");
});

test("profiles of the tree and of a named context are merged", { timeout: 900_000 }, async () => {
  const { said, info } = await build("guided", `--build-context=profiles=${profiles}`);
  expect(said).toBe(`false latest ${NIL}`);
  expect(info).toContain("-pgo=default.pgo");
});

const PROFILER = `package main

import (
	"os"
	"runtime/pprof"
)

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	pprof.StopCPUProfile()
	if err := file.Close(); err != nil {
		panic(err)
	}
}
`;

test(
  "the debug image holds a debugger that stops in the service, and a shell",
  { timeout: 900_000 },
  async () => {
    const out = join(work.path, "debug");
    await buildTarget("hello.debug", out);
    const { stdout } = await succeeded(
      run(
        join(out, "debug/dlv"),
        ["exec", "--allow-non-terminal-interactive=true", join(out, "usr/local/bin/hello")],
        {
          input: "break main.main\ncontinue\nquit\n",
        },
      ),
    );
    expect(stripVTControlCharacters(stdout)).toMatch(
      /\[Breakpoint 1\] main\.main\(\) example\.com\/hello\/main\.go:/,
    );
    expect((await succeeded(run(join(out, "debug/sh"), ["-c", "echo a shell"]))).stdout).toBe("a shell\n");
  },
);

test("the executable with symbols is the one that ships, with more", { timeout: 900_000 }, async () => {
  const out = join(work.path, "symbols");
  const log = await buildTarget("hello.symbols", out);
  expect(execFileSync("go", ["tool", "nm", join(out, "hello")], { encoding: "utf8" })).toMatch(
    / T main\.main$/m,
  );
  expectSharedDeps(log);
});
