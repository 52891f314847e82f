// `npm test`: the checks and the three kinds of tests, as vitest.config.ts has them; the last line is
// `N passed, N failed`.
import type { ReportedHookContext, Reporter } from "vitest/node";
import { startVitest } from "vitest/node";
import { compiledTools, defaultTools, ensureTools } from "../rig/index.ts";
import { runChecks } from "./check.ts";

const usage = `usage: npm test                         checks, unit tests, process tests, end-to-end tests
       npm run test:unit [-- FILTER…]    unit tests only: seconds
       npm run test:watch [-- FILTER…]   unit tests, again at every change
       npm test -- --process [FILTER…]   tests that start processes, but no daemon
       npm test -- --e2e [FILTER…]       end-to-end tests only: brings up its own rig
A FILTER is part of a test file's path. GO_FRONTEND_KEEP_RIG=1 leaves the rig running.`;

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

/** Compiles the rig's pinned programs when they are not there; those who need them say what failed. */
async function compileTools(): Promise<void> {
  if ((await compiledTools(defaultTools)) !== undefined) return;
  console.log(
    "The end-to-end tests need buildkitd and its tools, compiled from the Go module proxy: about 8 minutes on two\n" +
      "cores, once. That goes on beside the checks and the tests that need no daemon.",
  );
  const start = performance.now();
  const said = (line: string): void =>
    console.log(` tools ${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  await ensureTools(defaultTools, said).catch((error: unknown) => said(String(error)));
}

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

async function main(args: readonly string[]): Promise<number> {
  const only = args.find((arg) => arg.startsWith("-"));
  const filters = args.filter((arg) => !arg.startsWith("-"));
  const stages: [title: string, run: () => Promise<Count>][] = [];
  const stage = ([project, title]: (typeof titles)[number]) =>
    stages.push([title, async () => runTests(project, filters)]);
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
  // A first run compiles for minutes: it does so beside what needs no daemon.
  const tools = only === undefined || only === "--e2e" ? compileTools() : Promise.resolve();
  let total: Count = { passed: 0, failed: 0 };
  for (const [title, run] of stages) {
    console.log(`\n== ${title}`);
    if (title === endToEnd) await tools;
    const start = performance.now();
    const count = await run();
    const took = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`== ${title}: ${count.passed} passed, ${count.failed} failed in ${took} s`);
    total = { passed: total.passed + count.passed, failed: total.failed + count.failed };
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

const code = await main(process.argv.slice(2));
if (process.argv.includes("--watch")) process.exitCode = code;
else process.exit(code);
