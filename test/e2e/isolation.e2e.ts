// What `npm run isolation` does, for a minute: sequences of edits and builds that once went wrong, and random ones of
// a fixed seed. Each executable is the one that `go build` makes on a builder that has never built anything.
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { knownSequences } from "../isolation/known.ts";
import { type Played, playSequence } from "../isolation/play.ts";
import { type Kind, type Sequence, sequenceOf } from "../isolation/sequence.ts";
import { openStage, type OpenStage, playNames } from "../isolation/stage.ts";
import { pinnedFrontend } from "./support/clients.ts";

const rig = inject("rig");
let opened: OpenStage;
let lines: string[] = [];

beforeAll(async () => {
  // The daemon is the one of all end-to-end tests: it stays.
  const start = () => Promise.resolve({ ...rig, release: () => Promise.resolve() });
  opened = await openStage(start, pinnedFrontend(rig, inject("frontend")), (line) => void lines.push(line));
});
afterAll(() => opened?.close());

async function play(sequence: Sequence): Promise<Played> {
  lines = [];
  return playSequence(opened.stage, sequence, playNames(), () => false);
}

describe("each executable is the one that go build makes", () => {
  test.each(Object.entries(knownSequences))("%s", async (_name, sequence) => {
    const kills = sequence.steps.filter(({ during }) => during !== "nothing").length;
    let killed = 0;
    // A sequence with a kill shows nothing if there was none: a compiler may have ended before anybody looked.
    for (let plays = 0; plays === 0 || (killed < kills && plays < 5); plays++) {
      const played = await play(sequence);
      expect(played.faults, lines.join("\n")).toEqual([]);
      killed += played.killed;
    }
    expect(killed).toBeGreaterThanOrEqual(kills);
  });

  test("twelve random steps of two tenants", async () => {
    // What needs daemons of its own, and what takes long.
    const without: readonly Kind[] = ["builders", "caches", "restart", "kill", "many", "packages", "cgo"];
    const { faults, steps } = await play(sequenceOf(1, without));
    expect(faults, lines.join("\n")).toEqual([]);
    expect(steps).toBe(12);
  });
});
