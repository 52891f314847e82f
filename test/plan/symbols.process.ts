// The executable with symbols is the image's own, link for link: asked of readelf, of addr2line and of a debugger.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, expect, test } from "vitest";
import { compileEnv } from "../../src/plan/steps/compile.ts";
import { DELVE, DELVE_FILES } from "../../src/plan/delve.ts";
import { type Output, PATHS } from "../../src/plan/index.ts";
import { buildOf, planFiles } from "./support.ts";

const path = `${process.env["PATH"] ?? ""}:/usr/local/go/bin`;
const cache = execFileSync("go", ["env", "GOCACHE", "GOMODCACHE"], {
  encoding: "utf8",
  env: { ...process.env, PATH: path },
});
const [goCache = "", modCache = ""] = cache.trim().split("\n");
const work = mkdtempSync(join(tmpdir(), "go-frontend-symbols-"));
afterAll(() => rmSync(work, { recursive: true }));

const files = {
  "go.mod": "module example.com/tool\n\ngo 1.25\n",
  "main.go": `package main

import "os"

//go:noinline
func double(n int) int {
	twice := n * 2
	return twice
}

func main() { println(double(len(os.Args))) }
`,
} as const;

/** What the plan's link command makes for a target. */
async function build(target: Output, description: string): Promise<string> {
  const planned = await planFiles(
    { ...files, "service.yaml": `# syntax=org/go-frontend\n${description}\n` },
    { target },
  );
  const link = planned.plan.service.platforms[0]?.links[0] ?? expect.fail("no link");
  const dir = mkdtempSync(join(work, `${target}-`));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const binary = join(dir, "tool");
  const [command = "", ...args] = link.argv.map((arg) => (arg.startsWith(`${PATHS.output}/`) ? binary : arg));
  execFileSync(command, args, {
    cwd: dir,
    env: { ...compileEnv(link.variant), PATH: path, GOCACHE: goCache, GOMODCACHE: modCache },
    stdio: "pipe",
  });
  return binary;
}

const text = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", env: { ...process.env, PATH: path } });

/** Sections that are loaded, by what they hold, as readelf tells where they are. */
function loaded(binary: string): Readonly<Record<string, string>> {
  const bytes = readFileSync(binary);
  const rows = text("readelf", "-SW", binary).matchAll(
    /\] (\S+)\s+(\S+)\s+([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) \S+\s+(\w*A\w*) /g,
  );
  return Object.fromEntries(
    [...rows].map(([, name = "", type, address = "", offset = "", size = ""]) => {
      const from = Number.parseInt(offset, 16);
      const content = type === "NOBITS" ? size : bytes.subarray(from, from + Number.parseInt(size, 16));
      return [name, `${address} ${createHash("sha256").update(content).digest("hex")}`];
    }),
  );
}

test("what is loaded is the same, and so are the build ids", { timeout: 300_000 }, async () => {
  const description = "build: { ldflags: [-B=0x0123456789abcdef] }";
  const [shipped, twin] = [await build("binary", description), await build("symbols", description)];
  expect(Object.keys(loaded(shipped))).toEqual(
    expect.arrayContaining([".text", ".gopclntab", ".go.buildinfo"]),
  );
  expect(loaded(twin)).toEqual(loaded(shipped));
  const notes = (binary: string): string => text("readelf", "-n", binary).replaceAll(binary, "FILE");
  expect(notes(shipped)).toContain("Build ID: 0123456789abcdef");
  expect(notes(twin)).toBe(notes(shipped));
  expect(text("go", "tool", "buildid", twin)).toBe(text("go", "tool", "buildid", shipped));
  expect(text("readelf", "-SW", shipped)).not.toMatch(/debug_info|\.symtab/);
  expect(text("readelf", "-SW", twin)).toMatch(/debug_info/);
});

test("a build id names what ships, and the twin has the same", { timeout: 300_000 }, async () => {
  const description = "build: { buildId: true }";
  const [shipped, twin, plain] = [
    await build("binary", description),
    await build("symbols", description),
    await build("binary", ""),
  ];
  /** As the step that writes it has it, in folders of this machine in the place of its mounts. */
  const identified = async (target: Output, linked: string): Promise<string> => {
    const text = { ...files, "service.yaml": `# syntax=org/go-frontend\n${description}\n` };
    const { steps } = buildOf(await planFiles(text, { target }));
    const run = steps.find(({ id }) => id.startsWith("build id of"));
    const source = steps.find(({ id }) => id === "program that writes build ids");
    if (run?.kind !== "run" || source?.kind !== "files") expect.fail("no step that writes build ids");
    const dir = mkdtempSync(join(work, "id-"));
    for (const action of source.actions) {
      if (action.kind === "mkfile") writeFileSync(join(dir, action.path), action.text);
    }
    const out = join(dir, "tool");
    const places: readonly (readonly [string, string])[] = [
      ["/shipped/", shipped],
      ["/linked/", linked],
      ["/out/", out],
    ];
    const argv = run.argv.map((arg) => places.find(([prefix]) => arg.startsWith(prefix))?.[1] ?? arg);
    const [command = "", ...args] = argv;
    execFileSync(command, args, { cwd: dir, env: { ...process.env, PATH: path }, stdio: "pipe" });
    return out;
  };
  const [ship, symbols] = [await identified("binary", shipped), await identified("symbols", twin)];
  const idOf = (binary: string): string =>
    /Build ID: ([0-9a-f]{40})/.exec(text("readelf", "-n", binary))?.[1] ?? expect.fail("no build id");
  expect(idOf(ship)).toBe(createHash("sha256").update(readFileSync(shipped)).digest("hex").slice(0, 40));
  expect(idOf(symbols)).toBe(idOf(ship));
  // Up to the id it is what the linker wrote, and what is loaded is what it would be without.
  const zeroed = readFileSync(ship);
  zeroed.fill(
    0,
    zeroed.indexOf(Buffer.from(idOf(ship), "hex")),
    zeroed.indexOf(Buffer.from(idOf(ship), "hex")) + 20,
  );
  expect(zeroed.equals(readFileSync(shipped))).toBe(true);
  const { ".note.gnu.build-id": _, ...sections } = loaded(ship);
  expect(Object.keys(sections)).toEqual(Object.keys(loaded(plain)));
  expect(sections[".rodata"]).toBe(loaded(plain)[".rodata"]);
});

test("what ships is what go build gives with -s and -w", { timeout: 300_000 }, async () => {
  const shipped = await build("binary", "");
  const dir = mkdtempSync(join(work, "plain-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  execFileSync("go", ["build", "-trimpath", "-pgo=off", "-ldflags=-s -w -buildid=", "-o", "tool", "."], {
    cwd: dir,
    env: {
      PATH: path,
      HOME: work,
      GOCACHE: goCache,
      CGO_ENABLED: "0",
      GOFLAGS: "-buildvcs=false",
      GOTOOLCHAIN: "local",
    },
  });
  expect(readFileSync(shipped).equals(readFileSync(join(dir, "tool")))).toBe(true);
});

test("an address of what ships is a line of the source, by its twin", { timeout: 300_000 }, async () => {
  const [shipped, twin] = [await build("binary", ""), await build("symbols", "")];
  const [, address = ""] = /^\s*([0-9a-f]+) T main\.double$/m.exec(text("go", "tool", "nm", twin)) ?? [];
  const line = execFileSync("go", ["tool", "addr2line", twin], {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
    input: `0x${address}\n`,
  });
  expect(line).toMatch(/^main\.double\n.*main\.go:7\n/);
  // The twin's address is the one that ships: its code stands there.
  expect(loaded(shipped)[".text"]).toBe(loaded(twin)[".text"]);
});

test("Delve of the plan stops at a line of the unoptimized build", { timeout: 600_000 }, async () => {
  const dir = join(work, "delve");
  mkdirSync(dir);
  for (const file of DELVE_FILES) writeFileSync(join(dir, file.path), file.text);
  const env = { ...process.env, PATH: path, CGO_ENABLED: "0", GOFLAGS: "-trimpath", GOTOOLCHAIN: "local" };
  execFileSync("go", ["build", "-pgo=off", "-ldflags=-s -w", "-o", "dlv", DELVE.package], {
    cwd: dir,
    env,
    stdio: "pipe",
  });
  const debug = (binary: string, ...commands: readonly string[]): string =>
    stripVTControlCharacters(
      execFileSync(join(dir, "dlv"), ["exec", "--allow-non-terminal-interactive=true", binary], {
        encoding: "utf8",
        env: { ...env, HOME: dir },
        input: [...commands, "quit", ""].join("\n"),
      }),
    );
  const said = debug(await build("debug", ""), "break main.go:8", "continue", "print twice", "locals");
  expect(said).toMatch(/> \[Breakpoint 1\] main\.double\(\) example\.com\/tool\/main\.go:8/);
  expect(said).toContain("twice = 2");
  // The twin of what ships has names and lines as well.
  const twin = debug(await build("symbols", ""), "break main.double", "continue", "stack");
  expect(twin).toMatch(/main\.main\n\s+at example\.com\/tool\/main\.go:11/);
});
