// Every input that was a finding once, through its target again; and some of each target's own.
import { existsSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agree, inputName, keptAnswers } from "./answers.ts";
import { corpusFolder, corpusOf } from "./inputs.ts";
import { TARGETS } from "./targets/index.ts";

const answers = keptAnswers();

describe.each(TARGETS.map((target) => [target.name, target] as const))("%s", (name, target) => {
  test.each(corpusOf(name).map((input, index) => [index, input] as const))("finding %i", async (_, input) => {
    await target.run(input);
    const ours = target.oracle?.answer(input);
    if (target.oracle === undefined || ours === undefined) return;
    // Where none is kept: npm run fuzz -- --answers
    const theirs = answers[inputName(name, input)];
    expect(theirs).toBeDefined();
    expect({ ours, agrees: agree(target.oracle, ours, theirs ?? []) }).toEqual({ ours, agrees: true });
  });

  test("a few hundred inputs, the same at every run", async () => {
    await fc.assert(
      fc.asyncProperty(target.inputs, async (input) => {
        await target.run(input);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

test("the corpus is of these targets", () => {
  const folders = existsSync(corpusFolder) ? readdirSync(corpusFolder) : [];
  expect(folders.filter((folder) => !TARGETS.some(({ name }) => name === folder))).toEqual([]);
});
