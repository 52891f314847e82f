// What a whole `npm test` and `.ci/run` see of this machine: tools and downloads, and nothing that was made before.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..", "..");
const ownCache = join(repository, "scripts", "test", "own-cache.ts");
let cache = "";
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "new-machine-test-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const thens = {
  "and removes it": "remove();",
  "and is killed": `process.kill(process.pid, "SIGKILL");`,
  "and is interrupted": `process.kill(process.pid, "SIGINT"); setInterval(() => undefined, 1000);`,
} as const;

/** What a process says that uses a cache folder of its own: the two folders. */
function useOwnCache(then: keyof typeof thens): readonly string[] {
  const code = `
    import { useOwnCache } from ${JSON.stringify(ownCache)};
    import { writeFileSync } from "node:fs";
    const remove = useOwnCache({ keep: false, beforeEnd: async () => undefined });
    const folder = process.env.GO_FRONTEND_CACHE;
    writeFileSync(folder + "/made", "by this run");
    console.log(folder);
    console.log(process.env.GO_FRONTEND_DOWNLOADS);
    ${thens[then]}`;
  const { GO_FRONTEND_DOWNLOADS: _, ...env } = process.env;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    env: { ...env, GO_FRONTEND_CACHE: cache },
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  return run.stdout.trim().split("\n");
}

test("a run has a cache folder of its own, and downloads where they always are", () => {
  const [folder = "", downloads] = useOwnCache("and removes it");
  expect(folder).toMatch(new RegExp(`^${join(cache, "test-run")}/`));
  expect(downloads).toBe(cache);
  expect(existsSync(folder)).toBe(false);
});

test("it goes with a run that is interrupted", () => {
  const [folder = ""] = useOwnCache("and is interrupted");
  expect(folder).toMatch(new RegExp(`^${join(cache, "test-run")}/`));
  expect(existsSync(folder)).toBe(false);
});

test("what a killed run left is removed by the next one", () => {
  const [left = ""] = useOwnCache("and is killed");
  expect(existsSync(join(left, "made"))).toBe(true);
  useOwnCache("and removes it");
  expect(readdirSync(join(cache, "test-run"))).toEqual([]);
});

test("scripts/as-new-machine hides container programs and the cache folder, and leaves nothing", () => {
  const folder = join(cache, "bin");
  mkdirSync(folder);
  for (const name of ["runc", "docker", "harmless"]) {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  }
  const temporary = join(cache, "tmp");
  mkdirSync(temporary);
  const script = `for name in harmless git node runc docker; do command -v $name; done
    echo "$GO_FRONTEND_CACHE $GO_FRONTEND_DOWNLOADS \${BUILDKIT_HOST:-none}"
    touch "$GO_FRONTEND_CACHE/made"; exit 3`;
  const run = spawnSync(join(repository, "scripts", "as-new-machine"), ["sh", "-c", script], {
    env: {
      ...process.env,
      PATH: [folder, process.env["PATH"]].join(delimiter),
      TMPDIR: temporary,
      GO_FRONTEND_CACHE: cache,
      GO_FRONTEND_DOWNLOADS: undefined,
      BUILDKIT_HOST: "tcp://127.0.0.1:1",
    },
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(3);
  const lines = run.stdout.trim().split("\n");
  const programs = lines.slice(0, -1).map((path) => path.slice(path.lastIndexOf("/") + 1));
  expect(programs).toEqual(["harmless", "git", "node"]);
  const [own = "", downloads, host] = lines.at(-1)?.split(" ") ?? [];
  expect(own.startsWith(temporary)).toBe(true);
  expect([downloads, host]).toEqual([cache, "none"]);
  expect(readdirSync(temporary)).toEqual([]);
});
