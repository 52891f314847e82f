// Profiles of a list, merged by the program that a step runs, as the plan's own steps have it.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildOf, planFiles, tool } from "./support.ts";

const work = mkdtempSync(join(tmpdir(), "go-frontend-profiles-"));
afterAll(() => rmSync(work, { recursive: true }));
const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/local/go/bin`, GOFLAGS: "" };

const profiler = `package main

import (
	"crypto/sha256"
	"os"
	"runtime/pprof"
	"time"
)

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	block := make([]byte, 1<<20)
	for begin := time.Now(); time.Since(begin) < 700*time.Millisecond; {
		sha256.Sum256(block)
	}
	pprof.StopCPUProfile()
	if err := file.Close(); err != nil {
		panic(err)
	}
}
`;

beforeAll(() => {
  writeFileSync(join(work, "profiler.go"), profiler);
  execFileSync("go", ["build", "-o", "profiler", "profiler.go"], { cwd: work, env });
  for (const name of ["a.pgo", "b.pgo"]) {
    execFileSync(join(work, "profiler"), [join(work, name)], { env });
  }
}, 120_000);

/** Runs the step that merges, in folders of this machine in the place of its mounts. */
async function merge(first: string, second: string): Promise<string> {
  const text = `# syntax=org/go-frontend
build:
  pgo: [./a.pgo, { url: "https://profiles.example.com/b.pgo", checksum: "sha256:${"0".repeat(64)}" }]
`;
  const { steps } = buildOf(await planFiles({ ...tool, "a.pgo": "", "service.yaml": text }));
  const run = steps.find((each) => each.kind === "run" && each.id.startsWith("profiles merged"));
  const program = steps.find((each) => each.kind === "files" && each.id === `${run?.id ?? ""} program`);
  if (run?.kind !== "run" || program?.kind !== "files") expect.fail("no step that merges");
  const dir = mkdtempSync(join(work, "step-"));
  for (const name of ["src", "out", "profiles/1", "profiles/2"]) {
    mkdirSync(join(dir, name), { recursive: true });
  }
  for (const action of program.actions) {
    if (action.kind === "mkfile") writeFileSync(join(dir, "src", action.path), action.text);
  }
  copyFileSync(join(work, first), join(dir, "profiles/1/1"));
  copyFileSync(join(work, second), join(dir, "profiles/2/2"));
  const [command = "", ...args] = run.argv.map((arg) =>
    /^\/(?:src|out|profiles)\//.test(arg) ? join(dir, arg) : arg,
  );
  execFileSync(command, args, { cwd: join(dir, "src"), env, stdio: "pipe" });
  return join(dir, "out/default.pgo");
}

/** The weight of all calls in a profile, as the go command hands them to the compiler. */
function weight(profile: string): number {
  const out = `${profile}.edges`;
  execFileSync("go", ["tool", "preprofile", "-i", profile, "-o", out], { env });
  const lines = readFileSync(out, "utf8").split("\n");
  expect(lines[0]).toBe("GO PREPROFILE V1");
  return lines.reduce((sum, line) => sum + Number(/^\d+ (\d+)$/.exec(line)?.[1] ?? 0), 0);
}

test(
  "the merged profile has the calls of both, and the compiler takes it",
  { timeout: 120_000 },
  async () => {
    const merged = await merge("a.pgo", "b.pgo");
    const [a, b] = [weight(join(work, "a.pgo")), weight(join(work, "b.pgo"))];
    expect(a).toBeGreaterThan(0);
    expect(weight(merged)).toBe(a + b);
    execFileSync("go", ["build", `-pgo=${merged}`, "-o", "with", "profiler.go"], { cwd: work, env });
    expect(execFileSync("go", ["version", "-m", join(work, "with")], { env, encoding: "utf8" })).toContain(
      `-pgo=${merged}`,
    );
  },
);

test("one that cannot be read is named as the description names it", { timeout: 120_000 }, async () => {
  await expect(merge("a.pgo", "profiler.go")).rejects.toThrow(
    "GF046 the profile https://profiles.example.com/b.pgo cannot be used",
  );
});
