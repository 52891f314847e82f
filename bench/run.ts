import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { logToStderr, onInterrupt } from "../rig/index.ts";
import { type Bench, openBench } from "./bench.ts";
import { describeConditions } from "./conditions.ts";
import { pushFrontendBefore, pushOurFrontend } from "./frontend.ts";
import { pushPeerImages } from "./images.ts";
import { writeReport, type RunRecord } from "./report/index.ts";
import { entries, type Entry } from "./scenarios/index.ts";
import { goModCache, prepareSubject, subjects } from "./subjects/index.ts";
import { benchFolder } from "./workspace.ts";

const usage = `usage: npm run bench -- [SCENARIO[=N]…] [options]
       npm run bench -- report FILE.json… [--report DIR]  write the report of earlier runs, conditions of the first

  SCENARIO[=N]   with rounds of its own; ${entries.map(({ name }) => name).join(", ")}
                 (default: all but :orders, which are quick; \`list\` says what each is)
  --runs N       rounds of each scenario (default 5)
  --link MBIT    speed of the link to the registry and to the module proxy (default: loopback's own)
  --budget MIN   begin no further build after so many minutes (default 60)
  --slice MIN    a scenario begins no further round after so many minutes (default: the budget)
  --seed N       order of the designs within the rounds (default: from the clock; it is written down)
  --json FILE    also write all samples to FILE
  --report DIR   write the report to DIR (default docs/benchmarks; \`none\` for no report)
  --before DIR   another checkout of this repository, of an earlier commit: its frontend is the design "ours before"
                 of the scenarios 3 to 6 and 8
  --only DESIGN  only these designs (several times), to try something out
`;

/** A scenario to run, and its rounds where it has its own. */
type Chosen = Entry & Readonly<{ runs?: number }>;

function chosenEntries(names: readonly string[]): readonly Chosen[] {
  if (names.length === 0) return entries.filter(({ name }) => !name.includes(":orders"));
  return names.map((argument) => {
    const [name, runs] = argument.split("=");
    const entry = entries.find((scenario) => scenario.name === name);
    if (entry === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}\n${usage}`);
    return { ...entry, ...(runs === undefined ? {} : { runs: number(runs, argument) }) };
  });
}

/** The bench for a scenario with rounds of its own. */
const withRuns = (bench: Bench, runs: number | undefined): Bench =>
  runs === undefined
    ? bench
    : {
        ...bench,
        options: { ...bench.options, runs },
        interleave: (scenario, cells, most = runs) => bench.interleave(scenario, cells, most),
      };

function number(text: string | undefined, name: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} takes a positive number`);
  return value;
}

/** Writes what there is to the places that were asked for. */
function save(record: RunRecord, to: Readonly<{ json?: string; report: string }>): void {
  if (to.json !== undefined) {
    const file = resolve(process.env["GO_FRONTEND_CALLER_DIR"] ?? ".", to.json);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
  }
  if (to.report !== "none") writeReport(record, resolve(benchFolder, "..", to.report));
}

/** The records of several runs as one; what was measured under other conditions should not be joined. */
function joined(names: readonly string[]): RunRecord {
  const records = names.map((name) => {
    const file = resolve(process.env["GO_FRONTEND_CALLER_DIR"] ?? ".", name);
    return JSON.parse(readFileSync(file, "utf8")) as RunRecord;
  });
  const [first] = records;
  if (first === undefined) throw new Error(usage);
  return {
    ...first,
    scenarios: records.flatMap(({ scenarios }) => scenarios),
    samples: records.flatMap(({ samples }) => samples),
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "5" },
      link: { type: "string" },
      budget: { type: "string", default: "60" },
      slice: { type: "string" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      json: { type: "string" },
      report: { type: "string", default: "docs/benchmarks" },
      before: { type: "string" },
      only: { type: "string", multiple: true },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  if (positionals[0] === "list") {
    for (const { name, scenario } of entries) console.log(`${name.padEnd(14)} ${scenario.title}`);
    return;
  }
  if (positionals[0] === "report") {
    save(joined(positionals.slice(1)), { report: values.report });
    return;
  }
  const chosen = chosenEntries(positionals);
  const log = logToStderr;
  const needed = [...new Set(chosen.flatMap((entry) => entry.subjects))];
  for (const name of needed) await prepareSubject(subjects[name], log);
  const bench = await openBench(
    {
      runs: number(values.runs, "runs"),
      seed: number(values.seed, "seed"),
      budget: number(values.budget, "budget"),
      slice: number(values.slice ?? values.budget, "slice"),
      ...(values.link === undefined ? {} : { megabitsPerSecond: number(values.link, "link") }),
      ...(values.before === undefined
        ? {}
        : { before: resolve(process.env["GO_FRONTEND_CALLER_DIR"] ?? ".", values.before) }),
      ...(values.only === undefined ? {} : { only: values.only }),
      log,
    },
    goModCache(),
  );
  let interrupted = false;
  onInterrupt(async () => {
    interrupted = true;
    await bench.close();
  });
  try {
    await pushPeerImages(bench);
    await pushOurFrontend(bench);
    await pushFrontendBefore(bench);
    const conditions = await describeConditions(bench);
    for (const { name, scenario, runs } of chosen) {
      log(`scenario ${name}: ${scenario.title}`);
      await scenario.run(withRuns(bench, runs));
      if (interrupted) return;
      // After each, so that a run that is cut short leaves what it has measured.
      const titles = chosen.map(({ name: key, scenario: { id, title } }) => ({ name: key, id, title }));
      save({ conditions, scenarios: titles, samples: bench.samples }, values);
    }
  } finally {
    await bench.close();
  }
}

try {
  await main();
} catch (error) {
  logToStderr(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
