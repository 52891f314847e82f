// What is built is what the source says, whatever was built here before: on a builder whose cache mounts are warm, with
// another project of the same name, in a namespace of one's own, on a builder that only has a registry cache.
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { reset, up } from "../../rig/index.ts";
import { largeService } from "../plan/support.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { commitFolder, type GitServer, serveGit } from "./support/git.ts";
import { type Files, project } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const work = scratchDir();
const fresh = `e2e-right-${process.pid}`;
/** In every source, so that no earlier run of these tests has built it. */
const salt = randomBytes(8).toString("hex");
const description = `# syntax=${pinnedFrontend(rig, inject("frontend"))}\nname: app\nplatforms: [linux/amd64]\n`;
let clients: Clients;
let git: GitServer;

beforeAll(async () => {
  clients = await clientsOf(rig);
  git = await serveGit(work.path);
});
afterAll(async () => {
  await git.close();
  work.remove();
  await reset(fresh, () => undefined);
});

/** A project whose Go files all differ from those of other runs. */
function written(files: Files): string {
  const salted = Object.entries({ "service.yaml": description, "go.mod": goMod, ...files }).map(
    ([path, text]) =>
      [path, path.endsWith(".go") && typeof text === "string" ? `${text}// ${salt}\n` : text] as const,
  );
  return project(work.path, Object.fromEntries(salted));
}

const goMod = "module example.test/app\n\ngo 1.26\n";

function edit(dir: string, path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

interface Building {
  /** Of cache mounts. */
  readonly namespace: string;
  readonly args?: readonly string[];
  readonly on?: Clients;
}

let builds = 0;

/** @param context a folder, or the URL of a repository */
function build(
  context: string,
  { namespace, args = [], on = clients }: Building,
): Promise<Run> & { readonly file: string } {
  const dest = join(work.path, `out-${builds++}`);
  const file = context.includes("://") ? "service.yaml" : join(context, "service.yaml");
  const running = on.buildx([
    "build",
    "--progress=plain",
    "-f",
    file,
    "--target=binary",
    `--build-arg=BUILDKIT_CACHE_MOUNT_NS=${namespace}-${salt}`,
    `--output=type=local,dest=${dest}`,
    ...args,
    context,
  ]);
  return Object.assign(running, { file: join(dest, "app") });
}

/** The executable of a build that succeeds. */
async function executable(context: string, building: Building): Promise<string> {
  const running = build(context, building);
  await succeeded(running);
  return running.file;
}

/** What the program says that is built. */
async function said(context: string, building: Building): Promise<string> {
  const done = await succeeded(run(await executable(context, building), []));
  return `${done.stdout}${done.stderr}`.trim();
}

const assembly = (include: string): string => `#include "textflag.h"
#include "${include}"

TEXT ·F(SB), NOSPLIT, $0-8
	MOVQ $VALUE, AX
	MOVQ AX, ret+0(FP)
	RET
`;

const define = (value: number): string => `#define VALUE ${value}\n`;

/** A program that prints what its assembly takes from a file that Go's own key of the package leaves out. */
const asmProgram = (value: number, include = "../include/f.h", header = "include/f.h"): Files => ({
  "main.go": 'package main\n\nimport "example.test/app/asm"\n\nfunc main() { println(asm.F()) }\n',
  "asm/asm.go": "package asm\n\nfunc F() int64\n",
  "asm/f_amd64.s": assembly(include),
  [header]: define(value),
});

describe("assembly that includes a file", () => {
  test.each([
    ["another folder's header", "../include/f.h", "include/f.h"],
    ["a header of its own folder, which is in Go's key", "f.h", "asm/f.h"],
    ["a file of the folder that is no header", "table.inc", "asm/table.inc"],
    ["a header for another architecture", "f_arm64.h", "asm/f_arm64.h"],
  ])("an edit: %s", async (name, include, header) => {
    const namespace = `edit-${name.replaceAll(/\W/g, "")}`;
    const dir = written(asmProgram(42, include, header));
    expect(await said(dir, { namespace })).toBe("42");
    edit(dir, header, define(43));
    expect(await said(dir, { namespace })).toBe("43");
  });

  test("another project of the same name was built before", async () => {
    const namespace = "other";
    expect(await said(written(asmProgram(666)), { namespace })).toBe("666");
    expect(await said(written(asmProgram(45)), { namespace })).toBe("45");
  });

  test("in another namespace as well, and then the same source", async () => {
    const dir = written(asmProgram(667));
    expect(await said(dir, { namespace: "pr" })).toBe("667");
    edit(dir, "include/f.h", define(44));
    expect(await said(dir, { namespace: "pr" })).toBe("44");
    expect(await said(dir, { namespace: "release" })).toBe("44");
  });

  test("of the folder in which go compiles another package", async () => {
    const namespace = "beside";
    const lib = (value: number): string => `package lib\n\nconst value = ${value}\n\nfunc G()\n`;
    // What is between leaves go's key of asm as it is, whatever lib holds. Go counts folders from the main package.
    const dir = written({
      "main.go": 'package main\n\nimport "example.test/app/asm"\n\nfunc main() { println(asm.F()) }\n',
      "asm/asm.go": 'package asm\n\nimport _ "example.test/app/between"\n\nfunc F() int64\n',
      "asm/f_amd64.s": assembly("../b004/go_asm.h").replace("$VALUE", "$const_value"),
      "between/between.go": 'package between\n\nimport _ "example.test/app/lib"\n',
      "lib/lib.go": lib(42),
      "lib/g_amd64.s": '#include "textflag.h"\n\nTEXT ·G(SB), NOSPLIT, $0\n\tRET\n',
    });
    expect(await said(dir, { namespace })).toBe("42");
    edit(dir, "lib/lib.go", lib(43));
    expect(await said(dir, { namespace })).toBe("43");
  });

  test("in a vendor folder, and in a folder that go.mod names in place of a module", async () => {
    const namespace = "elsewhere";
    const lib = "package asm\n\nfunc F() int64\n";
    const main =
      'package main\n\nimport (\n\t"other.test/lib/asm"\n\t"near.test/lib/asm2"\n)\n\nfunc main() { println(asm.F(), asm2.F()) }\n';
    const requires =
      "require (\n\tnear.test/lib v1.0.0\n\tother.test/lib v1.0.0\n)\n\nreplace near.test/lib => ./near\n";
    const dir = written({
      "go.mod": `${goMod}\n${requires}`,
      "main.go": main,
      "vendor/modules.txt":
        "# near.test/lib v1.0.0 => ./near\n## explicit; go 1.26\nnear.test/lib/asm2\n# other.test/lib v1.0.0\n## explicit; go 1.26\nother.test/lib/asm\n# near.test/lib => ./near\n",
      "vendor/other.test/lib/asm/asm.go": lib,
      "vendor/other.test/lib/asm/f_amd64.s": assembly("../include/f.h"),
      "vendor/other.test/lib/include/f.h": define(1),
      "vendor/near.test/lib/asm2/asm.go": lib.replace("asm", "asm2"),
      "vendor/near.test/lib/asm2/f_amd64.s": assembly("../include/f.h"),
      "vendor/near.test/lib/include/f.h": define(2),
    });
    expect(await said(dir, { namespace })).toBe("1 2");
    edit(dir, "vendor/other.test/lib/include/f.h", define(3));
    edit(dir, "vendor/near.test/lib/include/f.h", define(4));
    expect(await said(dir, { namespace })).toBe("3 4");
    const replaced = written({
      "go.mod": `${goMod}\nrequire near.test/lib v1.0.0\n\nreplace near.test/lib => ./near\n`,
      "main.go": 'package main\n\nimport "near.test/lib/asm"\n\nfunc main() { println(asm.F()) }\n',
      "near/go.mod": "module near.test/lib\n\ngo 1.26\n",
      "near/asm/asm.go": lib,
      "near/asm/f_amd64.s": assembly("../include/f.h"),
      "near/include/f.h": define(5),
    });
    expect(await said(replaced, { namespace })).toBe("5");
    edit(replaced, "near/include/f.h", define(6));
    expect(await said(replaced, { namespace })).toBe("6");
  });
});

describe("a large service, of which parts are layers", () => {
  const large = largeService();
  const leaf = "package p0\n\nconst N = 1\n\nfunc F() int64\n";
  const main = `${large["cmd/app/main.go"] ?? ""}`
    .replace("import (", 'import (\n\t"example.test/app/pkg/p0"')
    .replaceAll("example.com/app", "example.test/app")
    .replace("println(", "println(p0.F(), ");
  const files = Object.fromEntries(
    Object.entries(large).map(([path, text]) => [
      path,
      text.replaceAll("example.com/app", "example.test/app"),
    ]),
  );
  const cache = `type=registry,ref=${rig.registry}/e2e/right-code:${process.pid}`;

  test("assembly of a layer is compiled anew when what it includes changes, here and on an empty builder", async () => {
    const dir = written({
      ...files,
      "main.go": undefined,
      "cmd/app/main.go": main,
      "pkg/p0/code.go": leaf,
      "pkg/p0/f_amd64.s": assembly("../../include/f.h"),
      "include/f.h": define(42),
    });
    const first = async (building: Building): Promise<string | undefined> =>
      (await said(dir, building)).split(" ")[0];
    expect(await first({ namespace: "large" })).toBe("42");
    edit(dir, "include/f.h", define(43));
    expect(await first({ namespace: "large", args: [`--cache-to=${cache},mode=max`] })).toBe("43");
    const empty = await up({ name: fresh, mirrors: "always", ephemeral: true, log: () => undefined });
    try {
      const on = await clientsOf(empty);
      expect(await first({ namespace: "empty", args: [`--cache-from=${cache}`], on })).toBe("43");
    } finally {
      await empty.release();
    }
  });

  test("an import that changes to another of the same length is followed, though copies all have one time", async () => {
    const dir = written({
      ...files,
      "main.go": undefined,
      "pkg/p66/code.go": "package p66\n\nconst N = 1000\n",
    });
    // What p75 has, which imports p65, and how much the last step had to compile.
    const sixth = async (): Promise<readonly (string | undefined)[]> => {
      const running = build(dir, { namespace: "times" });
      const { stderr } = await succeeded(running);
      const left = /compiled (\d+) packages of this source tree/.exec(stderr)?.[1];
      return [(await succeeded(run(running.file, []))).stderr.trim().split(" ")[5], left];
    };
    expect(await sixth()).toEqual(["8", "1"]);
    const text = readFileSync(join(dir, "pkg/p75/code.go"), "utf8");
    edit(dir, "pkg/p75/code.go", text.replaceAll("p65", "p66"));
    expect(await sixth()).toEqual(["1001", "1"]);
  });
});

describe("a git repository, whose files all have one time", () => {
  const source = (first: string, imported: string): string =>
    `${first}\n\npackage main\n\nimport "example.test/app/${imported}"\n\nfunc main() { println(${imported}.N) }\n`;

  test("each commit is what it says, whatever commit of the same size was built before", async () => {
    const dir = written({
      "main.go": source("//go:debug tlsrsakex=1", "a1"),
      "a1/a.go": "package a1\n\nconst N = 1\n",
      "a2/a.go": "package a2\n\nconst N = 2\n",
    });
    const commits: string[] = [];
    const commit = async (text?: string): Promise<void> => {
      if (text !== undefined) edit(dir, "main.go", `${text}// ${salt}\n`);
      commits.push(await commitFolder(dir));
    };
    await commit();
    await commit(source("// o:debug tlsrsakex=1", "a1"));
    await commit(source("// o:debug tlsrsakex=1", "a2"));
    const results: (readonly [boolean, string])[] = [];
    for (const each of commits) {
      const url = `${git.url}/${dir.slice(work.path.length + 1)}/.git#${each}`;
      const file = await executable(url, { namespace: "git" });
      const { stderr } = await succeeded(run(file, []));
      // What the build information and the linker's own variable say.
      results.push([readFileSync(file).includes("tlsrsakex=1"), stderr.trim()]);
    }
    expect(results).toEqual([
      [true, "1"],
      [false, "1"],
      [false, "2"],
    ]);
  });
});

describe("a compiler that is killed", () => {
  const cases = Array.from(
    { length: 120 },
    (_, index) => `\tcase ${index}: return x*${index} + y[${index}%len(y)]\n`,
  );
  const functions = Array.from(
    { length: 200 },
    (_, index) =>
      `func F${index}(x int, y []int) int {\n\tswitch x {\n${cases.join("")}\t}\n\treturn ${index}\n}\n`,
  );
  const heavy = "heavy.test/lib/heavy";

  /** Ends the first compiler of the package that starts while `running` runs; tells whether there was one. */
  async function killCompiler(running: Promise<Run>): Promise<boolean> {
    let ended = false;
    void running.finally(() => (ended = true));
    while (!ended) {
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        if (!isCompiler(pid)) continue;
        process.kill(Number(pid), "SIGKILL");
        return true;
      }
      await sleep(5);
    }
    return false;
  }

  function isCompiler(pid: string): boolean {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return (
        (words[0] ?? "").endsWith("/compile") &&
        words.some((word, at) => word === heavy && words[at - 1] === "-p")
      );
    } catch {
      return false; // it has ended
    }
  }

  test("fails the step that compiles ahead, with the cure, and nothing of it is remembered", async () => {
    const dir = written({
      "go.mod": `${goMod}\nrequire heavy.test/lib v1.0.0\n`,
      "main.go": `package main\n\nimport "${heavy}"\n\nfunc main() { println(heavy.F1(2, []int{1})) }\n`,
      "vendor/modules.txt": `# heavy.test/lib v1.0.0\n## explicit; go 1.26\n${heavy}\n`,
      "vendor/heavy.test/lib/heavy/heavy.go": `package heavy\n\n${functions.join("\n")}`,
    });
    const broken = build(dir, { namespace: "killed" });
    expect(await killCompiler(broken)).toBe(true);
    const { code, stderr } = await broken;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/\[deps linux\/amd64\] go build/);
    expect(stderr).toMatch(/GF093 the builder stopped a program of this step: .*signal: killed/);
    expect(stderr).toMatch(/help: give the builder more memory/);
    const again = build(dir, { namespace: "killed" });
    const done = await succeeded(again);
    expect(done.stderr).toMatch(/compiled 2 packages ahead/);
    expect(done.stderr).toMatch(/compiled 1 packages of this source tree and 0 others/);
    expect((await succeeded(run(again.file, []))).stderr.trim()).toBe("5");
  });
});
