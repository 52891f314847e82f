// What the packaged frontend takes of its builder's machine while it plans a large tree: read from the kernel, of its
// process on the builder. test/frontend/memory.process.ts has many more trees, without a builder.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { processesInCgroup } from "../../rig/mounts.ts";
import { rigPaths } from "../../rig/paths.ts";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
let clients: Clients;
beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(() => work.remove());

const MB = 1_000_000;
/** What is promised (docs/limits.md). */
const most = { bytes: 150 * MB, seconds: 10 };

interface Use {
  /** Of memory, at the highest. */
  readonly bytes: number;
  readonly seconds: number;
}

const largest = (a: Use, b: Use): Use => ({
  bytes: Math.max(a.bytes, b.bytes),
  seconds: Math.max(a.seconds, b.seconds),
});

/** What a process has used up to now, where it is a frontend; undefined when it has ended. */
function useOf(pid: number): Use | undefined {
  try {
    const isFrontend = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0]?.endsWith("node") === true;
    const [, highest] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    if (!isFrontend || highest === undefined) return undefined;
    // The name in front of the fields may hold anything, a parenthesis too (proc_pid_stat(5)); ticks are 10 ms.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { bytes: Number(highest) * 1024, seconds: (Number(fields[11]) + Number(fields[12])) / 100 };
  } catch {
    return undefined;
  }
}

/** Looks at the frontends of the builder until the work is done. */
async function watched<T>(working: Promise<T>): Promise<{ readonly result: T; readonly use: Use }> {
  let use: Use = { bytes: 0, seconds: 0 };
  let isDone = false;
  const watch = async (): Promise<void> => {
    while (!isDone) {
      for (const { pid } of processesInCgroup(rigPaths(rig.name).cgroup)) {
        use = largest(use, useOf(pid) ?? use);
      }
      await sleep(10);
    }
  };
  const watching = watch();
  try {
    return { result: await working, use };
  } finally {
    isDone = true;
    await watching;
  }
}

test("15,000 Go files and a folder 60 levels down are built right, with less than 150 MB and 10 s", async () => {
  const dir = mkdtempSync(join(work.path, "large-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  const deep = `deep/${Array.from({ length: 60 }, () => "d").join("/")}`;
  const packages = Array.from({ length: 150 }, (_, index) => `internal/package${index}`);
  for (const [index, path] of packages.entries()) {
    for (let file = 0; file < 100; file++) {
      write(
        `${path}/some_longer_file_name_${file}.go`,
        `package package${index}\n\nconst C${file} = ${index}\n`,
      );
    }
  }
  write(`${deep}/deep.go`, "package deep\n\nconst N = 1\n");
  write("go.mod", "module example.test/large\n\ngo 1.26\n");
  write("service.yaml", `${syntax}\nname: large\n`);
  const imports = [...packages, deep]
    .map((path, index) => `\tp${index} "example.test/large/${path}"\n`)
    .join("");
  const sum = [...packages.map((_, index) => `p${index}.C99`), `p${packages.length}.N`].join(" + ");
  write("main.go", `package main\n\nimport (\n${imports})\n\nfunc main() { println(${sum}) }\n`);

  const out = mkdtempSync(join(work.path, "out-"));
  const file = join(dir, "service.yaml");
  const { use } = await watched(
    succeeded(
      clients.buildx(["build", "--progress=plain", "-f", file, "--target=binary", `--output=${out}`, dir]),
    ),
  );
  expect((await run(join(out, "large"), [])).stderr).toBe(`${(149 * 150) / 2 + 1}\n`);
  console.log(`the frontend took ${(use.bytes / MB).toFixed(0)} MB and ${use.seconds.toFixed(1)} s`);
  // It was seen at work.
  expect(use.bytes).toBeGreaterThan(50 * MB);
  expect(use.bytes).toBeLessThan(most.bytes);
  expect(use.seconds).toBeLessThan(most.seconds);
});
