/**
 * `npm run mutation -- [--concurrency N] [WORD…]`: what would the unit tests not notice? Stryker changes the sources of
 * test/mutation/subjects.ts in thousands of small ways, a change at a time, and runs the tests that reach it. Survivors
 * are printed with the tests that ran. Words are parts of subjects' names. It ends with 1 below {@link leastScore}.
 */
import { Stryker } from "@stryker-mutator/core";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { leastScore, type Subject, subjects } from "./subjects.ts";

type Options = ConstructorParameters<typeof Stryker>[0];
type MutantResult = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

const { values, positionals } = parseArgs({
  options: { concurrency: { type: "string", default: "2" } },
  allowPositionals: true,
});
const asked = subjects.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
const work = mkdtempSync(join(tmpdir(), "go-frontend-mutation-"));
const results: MutantResult[] = [];
try {
  for (const subject of asked) results.push(...(await mutate(subject)));
} finally {
  rmSync(work, { recursive: true, force: true });
}
const count = (...statuses: readonly MutantResult["status"][]): number =>
  results.filter(({ status }) => statuses.includes(status)).length;
const noticed = count("Killed", "Timeout");
const all = noticed + count("Survived", "NoCoverage");
const score = (100 * noticed) / all;
const seconds = (performance.now() / 1000).toFixed(0);
console.log(
  `mutation: ${all} mutants, ${noticed} noticed: ${score.toFixed(1)} % (${seconds} s); ${count("Ignored")} words for people left out`,
);
process.exitCode = score >= leastScore ? 0 : 1;

async function mutate({ name, files, functions, tests }: Subject): Promise<readonly MutantResult[]> {
  console.log(`\n== ${name}`);
  process.env["GO_FRONTEND_MUTATION_TESTS"] = tests.flatMap(found).join(" ");
  const options: Options = {
    mutate: [...files.flatMap(found), ...functions.flatMap(linesOf)],
    testRunner: "vitest",
    vitest: { configFile: join(import.meta.dirname, "vitest.config.ts"), related: false, pool: "forks" },
    coverageAnalysis: "perTest",
    concurrency: Number(values.concurrency),
    plugins: ["@stryker-mutator/vitest-runner", join(import.meta.dirname, "words.ts")],
    ignorers: ["words"],
    ignorePatterns: [".git", "dist"],
    // TypeScript 7 has no interface for programs, with which Stryker would rewrite the project's configuration.
    tsconfigFile: "none",
    tempDirName: work,
    reporters: ["clear-text"],
    clearTextReporter: { reportTests: false, allowColor: false },
    allowConsoleColors: false,
  };
  return new Stryker(options).runMutationTest();
}

/** Files that a glob names, of which there must be one. */
function found(pattern: string): readonly string[] {
  const names = globSync(pattern);
  if (names.length === 0) throw new Error(`test/mutation/subjects.ts: no file is named ${pattern}`);
  return names.toSorted();
}

/** Where a function of a module's own level stands, as Stryker writes ranges of lines. */
function linesOf(name: string): readonly string[] {
  const ranges = globSync("src/**/*.ts").flatMap((file) => {
    const lines = readFileSync(file, "utf8").split("\n");
    const start = lines.findIndex((line) => new RegExp(`^(?:export )?function ${name}\\b`).test(line));
    if (start < 0) return [];
    return [`${file}:${start + 1}-${lines.indexOf("}", start) + 1}`];
  });
  if (ranges.length === 0) throw new Error(`test/mutation/subjects.ts: no function is named ${name}`);
  return ranges;
}
