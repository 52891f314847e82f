// `npm test`: the checks and the three kinds of tests, as vitest.config.ts has them; the last line is
// `N passed, N failed`.
import type { ReportedHookContext, Reporter } from "vitest/node";
import { startVitest } from "vitest/node";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runChecks } from "./check.ts";
import { useOwnCache } from "./test/own-cache.ts";
import { type Preparation, startPreparation } from "./test/preparation.ts";

const usage = `usage: npm test                         checks, unit tests, process tests, end-to-end tests
       npm run test:unit [-- FILTER…]    unit tests only: seconds
       npm run test:watch [-- FILTER…]   unit tests, again at every change
       npm test -- --process [FILTER…]   tests that start processes, but no daemon
       npm test -- --e2e [FILTER…]       end-to-end tests only: brings up its own rig
       npm test -- --anew --e2e [FILTER…]  the same with nothing from before, as \`npm test\` does it
A FILTER is part of a test file's path. GO_FRONTEND_KEEP_RIG=1 leaves the rig running.
\`npm test\` makes everything of this repository anew, in a cache folder of its own that goes with it; compiled tools and
downloads are used again.`;

interface Count {
  readonly passed: number;
  readonly failed: number;
}

type Project = "unit" | "process" | "e2e";

const endToEnd = "end-to-end tests";

/** The projects in the order in which they run, and what a person calls them. */
const titles: readonly (readonly [Project, string])[] = [
  ["unit", "unit tests"],
  ["process", "process tests"],
  ["e2e", endToEnd],
];

/** Runs one vitest project in this process, with live output, and counts what ended how. */
async function runTests(project: Project, filters: readonly string[]): Promise<Count> {
  let passed = 0;
  let failed = 0;
  const counter: Reporter = {
    onTestRunEnd(modules, unhandled, reason) {
      failed += unhandled.length;
      if (reason === "interrupted") failed += 1;
      for (const module of modules) {
        // A file that does not load, or whose hooks fail, has no failed test of its own.
        let failedHere = 0;
        for (const test of module.children.allTests()) {
          const { state } = test.result();
          if (state === "passed") passed += 1;
          if (state === "failed") failedHere += 1;
        }
        if (module.state() === "failed" && failedHere === 0) failedHere = 1;
        failed += failedHere;
      }
    },
  };
  const reporters: (string | Reporter)[] =
    project === "e2e" ? ["verbose", counter, heartbeat()] : ["default", counter];
  process.exitCode = 0;
  await startVitest([...filters], { project: [project], watch: false, reporters });
  // A setup that throws fails the run without a test of its own.
  if (process.exitCode !== 0 && failed === 0) failed = 1;
  return { passed, failed };
}

/** Says which test or hook is still running, so that in a log a long build does not look like a hang. */
function heartbeat(seconds = 20): Reporter {
  const running = new Map<string, { readonly name: string; readonly since: number }>();
  let timer: NodeJS.Timeout | undefined;
  const begin = (id: string, name: string) => running.set(id, { name, since: performance.now() });
  const hookOf = ({ name, entity }: ReportedHookContext): [id: string, name: string] => [
    `${name} ${entity.id}`,
    `${name} of ${entity.type === "module" ? entity.relativeModuleId : entity.fullName}`,
  ];
  return {
    onInit() {
      // On a terminal vitest shows it itself.
      if (process.stdout.isTTY) return;
      timer = setInterval(() => {
        for (const { name, since } of running.values()) {
          const took = Math.round((performance.now() - since) / 1000);
          if (took >= seconds) console.log(` … still running after ${took} s: ${name}`);
        }
      }, seconds * 1000);
      timer.unref();
    },
    onTestCaseReady(test) {
      begin(test.id, test.fullName);
    },
    onTestCaseResult(test) {
      running.delete(test.id);
    },
    onHookStart(hook) {
      begin(...hookOf(hook));
    },
    onHookEnd(hook) {
      running.delete(hookOf(hook)[0]);
    },
    onTestRunEnd() {
      clearInterval(timer);
      running.clear();
    },
  };
}

async function checks(): Promise<Count> {
  const results = await runChecks((line) => console.log(line));
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed };
}

/** What run.mjs makes only when its sources changed. */
function generate(): Count {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "gen-proto.ts")], {
    stdio: "inherit",
  });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function main(args: readonly string[]): Promise<number> {
  const only = args.find((arg) => arg.startsWith("-") && arg !== "--anew");
  const anew = args.length === 0 || args.includes("--anew");
  const filters = args.filter((arg) => !arg.startsWith("-"));
  const stages: [title: string, run: () => Promise<Count>][] = [];
  let preparation: Preparation | undefined;
  const stage = ([project, title]: (typeof titles)[number]) =>
    stages.push([
      title,
      async () => {
        if (project === "e2e") await preparation?.finished();
        return runTests(project, filters);
      },
    ]);
  switch (only) {
    case undefined:
      stages.push(["checks", checks]);
      titles.forEach(stage);
      break;
    case "--unit":
    case "--process":
    case "--e2e":
      titles.filter(([project]) => only === `--${project}`).forEach(stage);
      break;
    case "--watch":
      await startVitest([...filters], { project: ["unit"], watch: true });
      return 0;
    default:
      console.error(usage);
      return only === "--help" ? 0 : 2;
  }
  let total: Count = { passed: 0, failed: 0 };
  let removeCache = (): void => undefined;
  if (anew) {
    const daemon = stages.some(([title]) => title === endToEnd);
    const first = async (): Promise<Count> => {
      const count = generate();
      if (daemon) preparation = await startPreparation((line) => console.log(line));
      return count;
    };
    stages.unshift(["generated code", first]);
    // A rig that stays needs its folder; the next run removes it.
    const keep = process.env["GO_FRONTEND_KEEP_RIG"] === "1";
    removeCache = useOwnCache({ keep, beforeEnd: async () => preparation?.end() });
    if (keep) console.log(`the rig stays: GO_FRONTEND_CACHE=${process.env["GO_FRONTEND_CACHE"] ?? ""}`);
  }
  for (const [title, run] of stages) {
    console.log(`\n== ${title}`);
    const start = performance.now();
    const count = await run();
    const took = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`== ${title}: ${count.passed} passed, ${count.failed} failed in ${took} s`);
    total = { passed: total.passed + count.passed, failed: total.failed + count.failed };
  }
  removeCache();
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

const code = await main(process.argv.slice(2));
if (process.argv.includes("--watch")) process.exitCode = code;
else process.exit(code);
