// The packaged frontend on daemons that are not the tests' own: the oldest buildkitd that is supported, and a Docker
// Engine with the classic image store, each one that has never seen it. `npm run compat` tries all of them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { repository } from "../../frontend-image/files.ts";
import { oldestBuildkitd, toolRecipes } from "../../rig/index.ts";
import { mountsBelow, processesInCgroup } from "../../rig/mounts.ts";
import { rigPaths } from "../../rig/paths.ts";
import { checks, refusals } from "../compat/checks.ts";
import { daemonOf, forget, reference, type RunningDaemon, runningRig } from "../compat/daemons.ts";

const rig = inject("rig");
const frontend = inject("frontend").name;

const short = checks.filter(({ long }) => long !== true);

/** Image ids by service, as the tests' own builder makes them. */
const ids = new Map<string, string>();
const lines: string[] = [];
const log = (line: string): void => void lines.push(line);

beforeAll(async () => {
  const running = await runningRig({ ...rig, release: () => Promise.resolve() });
  for (const check of short.filter(({ givesIds }) => givesIds)) {
    await check.try({ daemon: reference, running, frontend, ids });
  }
});

const oldest = `buildkitd-${oldestBuildkitd.slice(1)}`;

test("the reference is the pinned buildkitd, and the README names the oldest", () => {
  expect(reference.name).toBe(`buildkitd-${toolRecipes.buildkitd.pin[1].slice(1)}`);
  const readme = readFileSync(join(repository, "README.md"), "utf8");
  expect(readme).toContain(`buildkitd ${oldestBuildkitd.slice(1)} and newer`);
});

describe.each([oldest, "docker-28.5-classic"])("%s", (name) => {
  const daemon = daemonOf(name);
  let running: RunningDaemon | undefined;
  beforeAll(async () => {
    await forget(daemon);
    running = await daemon.start(log);
  });
  afterAll(async () => {
    await running?.release();
    await forget(daemon);
  });

  test.each([...short, ...refusals].filter(({ concerns }) => concerns(daemon)))("$name", async (check) => {
    if (running === undefined) throw new Error(`${name} did not start:\n${lines.join("\n")}`);
    await check.try({ daemon, running, frontend, ids });
  });

  test("it leaves nothing that runs, and nothing outside its folder", async () => {
    await running?.release();
    const { cgroup, exec, socket, stateDir } = rigPaths(`compat-${name}`);
    expect([exec, socket].filter((path) => existsSync(path))).toEqual([]);
    expect(processesInCgroup(cgroup)).toEqual([]);
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    expect([exec, stateDir].flatMap((folder) => mountsBelow(folder, mounts))).toEqual([]);
  });
});
