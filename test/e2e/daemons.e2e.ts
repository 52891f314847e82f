// The packaged frontend on daemons that are not the tests' own: the oldest buildkitd that is supported, and a Docker
// Engine with the classic image store, each one that has never seen it. `npm run compat` tries all of them.
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ensureBuildkitd, toolRecipes } from "../../rig/index.ts";
import { checks } from "../compat/checks.ts";
import { daemonOf, daemons, forget, reference, type RunningDaemon, runningRig } from "../compat/daemons.ts";

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

test("the reference is the pinned buildkitd", async () => {
  expect(reference.name).toBe(`buildkitd-${toolRecipes.buildkitd.pin[1].slice(1)}`);
  expect(daemons.map(({ name }) => name)).toContain("buildkitd-0.13.2");
  expect(await ensureBuildkitd("v0.13.2", log)).toMatch(/buildkitd$/);
});

describe.each(["buildkitd-0.13.2", "docker-28.5-classic"])("%s", (name) => {
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

  test.each(short.filter(({ concerns }) => concerns(daemon)))("$name", async (check) => {
    if (running === undefined) throw new Error(`${name} did not start:\n${lines.join("\n")}`);
    await check.try({ daemon, running, frontend, ids });
  });
});
