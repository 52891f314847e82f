// That the tester finds what is wrong: its builder here is the go command with a build cache that stays, which has one
// of the faults that the packaged frontend must not have. A header of another folder is in no key of the go command's.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { goVersions } from "../../rig/standins/list.ts";
import { run } from "../facts-check/go.ts";
import type { Builders } from "./builder.ts";
import { type Contexts, startContexts } from "./contexts.ts";
import { knownSequences } from "./known.ts";
import { goEnvironment, startOracle } from "./oracle.ts";
import { type Played, playSequence, type Stage } from "./play.ts";
import { goBuildFlags, plainProject } from "./project.ts";
import { plainStep, type Sequence } from "./sequence.ts";
import { shrink } from "./shrink.ts";
import { playNames } from "./stage.ts";

const work = mkdtempSync(join(tmpdir(), "go-frontend-finds-"));
const [release = "", olderRelease = ""] = goVersions;
let contexts: Contexts;
let stage: Stage;

beforeAll(async () => {
  contexts = await startContexts(work);
  const oracle = await startOracle(work, release);
  cpSync(oracle.standardLibrary, join(work, "warm"), { recursive: true });
  stage = { builders: goWithCache(), contexts, oracle, release, olderRelease, work, say: () => undefined };
});
afterAll(async () => {
  await contexts?.close();
  rmSync(work, { recursive: true, force: true });
});

/** Builds folders with the go command and one build cache for all of them. */
function goWithCache(): Builders {
  const nothing = () => Promise.resolve();
  return {
    build: async ({ context, proxy }) => {
      const folder = /^--local=context=(.*)$/.exec(context[0] ?? "")?.[1] ?? "";
      const out = join(work, "out");
      const { code, stderr } = await run(
        "go",
        ["build", ...goBuildFlags(plainProject), "-o", out, "."],
        folder,
        {
          ...goEnvironment(release),
          GOCACHE: join(work, "warm"),
          GOMODCACHE: join(work, "modules"),
          GOPROXY: proxy,
          GONOSUMDB: "example.test",
          GOFLAGS: "-modcacherw",
        },
      );
      return {
        built:
          code === 0
            ? { kind: "executable", bytes: readFileSync(out) }
            : { kind: "failure", message: stderr },
        killed: false,
        unplanned: undefined,
      };
    },
    pruneMounts: nothing,
    restart: nothing,
    close: nothing,
  };
}

const play = (sequence: Sequence): Promise<Played> => playSequence(stage, sequence, playNames(), () => true);

test("an executable that is not the one that its source says", async () => {
  const sequence = knownSequences["a header of another folder is edited"];
  const { faults } = await play(sequence);
  expect(faults).toEqual([
    {
      kind: "another executable",
      at: 1,
      message: [
        "tenant 0: it prints        101 101 101 101 101 101 a.txt101 first false 201 301",
        "it should print  101 101 101 101 102 101 a.txt101 first false 201 301",
      ].join("\n"),
    },
  ]);
});

test("the smallest sequence of it", async () => {
  const step = { ...plainStep, edit: { header: 102 } };
  const sequence = {
    tenants: [plainProject, plainProject],
    steps: [{ ...plainStep, tenant: 1 }, { ...plainStep, edit: { main: 103 } }, step],
  };
  const smallest = await shrink(sequence, async (smaller) => (await play(smaller)).faults.length > 0, 3);
  expect(smallest.steps).toHaveLength(2);
  expect(smallest.steps.at(-1)).toEqual(step);
});
