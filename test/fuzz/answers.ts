// What the oracle says of each input of the corpus, kept, so that unit tests compare it where there is no Go.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { corpusOf } from "./inputs.ts";
import { askOracle, closeOracle } from "./oracle.ts";
import type { Answer, Oracle } from "./target.ts";
import { TARGETS } from "./targets/index.ts";

const file = join(import.meta.dirname, "answers.json");

type Answers = Readonly<Record<string, Answer>>;

/** The name of an input in the file of answers. */
export function inputName(target: string, input: Uint8Array): string {
  return `${target}/${createHash("sha256").update(input).digest("hex").slice(0, 12)}`;
}

/** Go's answers, by the names of inputs. */
export function keptAnswers(): Answers {
  return JSON.parse(readFileSync(file, "utf8")) as Answers;
}

/** Whether two answers may stand beside each other. */
export function agree({ agrees }: Oracle, ours: Answer, theirs: Answer): boolean {
  return JSON.stringify(ours) === JSON.stringify(theirs) || agrees?.(ours, theirs) === true;
}

/** Asks Go about the whole corpus, and keeps what it says. */
export async function writeAnswers(): Promise<number> {
  const answers: Record<string, Answer> = {};
  for (const { name, oracle } of TARGETS) {
    if (oracle === undefined) continue;
    for (const { input, theirs } of await askOracle(oracle, corpusOf(name))) {
      answers[inputName(name, input)] = theirs;
    }
  }
  await closeOracle();
  writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`);
  return Object.keys(answers).length;
}
