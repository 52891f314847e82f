/**
 * `npm run facts-check -- [--main DIR] [--tags a,b] [--most N] [--markdown FILE] MODULE@VERSION …`
 * With `--everything` each package of the closure is compared, those of other modules and the standard library too.
 * `npm run facts-check -- --builds [--main DIR] SUBJECT …` compares whole executables instead: those of the packaged
 * frontend with those of `go build`. A SUBJECT is MODULE@VERSION, `vendor:MODULE@VERSION` or `work:FIRST@V+OTHER@V`.
 * Without a SUBJECT it takes the list in test/facts-check/subjects.ts. Needs what the rig needs.
 * `npm run facts-check -- --fixtures [--update]` asks Go about the unit tests' fixtures and compares their golden files.
 *
 * Compares the facts room with `go list -deps -json` on public modules: linux/amd64, linux/arm64, windows/amd64 and
 * darwin/arm64, cgo off and on, without and with tags. Needs Go and the Go module proxy. Ends with 1 on any difference.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { checkFixtures } from "./fixtures.ts";
import { checkBuilds } from "./build.ts";
import { checkModule, type ModuleReport } from "./check.ts";
import { builtSubjects } from "./subjects.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    main: { type: "string", multiple: true },
    tags: { type: "string", default: "netgo,osusergo" },
    most: { type: "string", default: "2" },
    markdown: { type: "string" },
    everything: { type: "boolean", default: false },
    fixtures: { type: "boolean", default: false },
    builds: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.fixtures) {
  const changed = await checkFixtures(values.update, (line) => console.log(line));
  console.log(
    changed.length === 0
      ? "all golden files are what go list says"
      : `${values.update ? "rewritten" : "DIFFERENT"}: ${changed.join(", ")}`,
  );
  process.exit(changed.length === 0 || values.update ? 0 : 1);
}

if (values.builds) {
  const subjects = positionals.length === 0 ? builtSubjects : positionals;
  const builds = await checkBuilds(subjects, { mains: values.main, say: (line) => console.log(line) });
  const different = builds.filter(({ difference }) => difference !== undefined);
  const rows = builds.map(({ subject, main, difference, seconds }) =>
    [subject, main, difference ?? "equal", `${seconds.toFixed(0)} s`].join(" | "),
  );
  const text = [
    "| subject | main | executable | both builds |",
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
  ];
  console.log(`\n${text.join("\n")}`);
  if (values.markdown !== undefined) await writeFile(values.markdown, text.join("\n"));
  console.log(`${builds.length - different.length} equal, ${different.length} different`);
  process.exit(different.length === 0 ? 0 : 1);
}

if (values.help || positionals.length === 0) {
  console.log(
    "usage: npm run facts-check -- [--main DIR] [--tags a,b] [--most N] [--markdown FILE] MODULE@VERSION …",
  );
  process.exit(values.help ? 0 : 2);
}

const reports: ModuleReport[] = [];
let failed = 0;
for (const moduleVersion of positionals) {
  try {
    const report = await checkModule(moduleVersion, {
      ...(values.main === undefined ? {} : { mains: values.main }),
      tags: values.tags.split(",").filter((tag) => tag !== ""),
      most: Number(values.most),
      everything: values.everything,
      say: (line) => console.log(line),
    });
    reports.push(report);
    for (const main of report.mains) {
      if (values.everything) {
        console.log(
          `  ${main.main}: ${main.everything} packages of the closure compared, std and other modules among them`,
        );
      }
      for (const path of main.importedBack) {
        console.log(`  ${main.main}: only outside packages import ${path}`);
      }
      for (const error of main.goErrors.slice(0, 5)) console.log(`  go list says: ${error.slice(0, 300)}`);
      for (const difference of main.differences.slice(0, 40)) console.log(`  DIFFERENT ${difference}`);
      if (main.differences.length > 40) console.log(`  … ${main.differences.length - 40} more differences`);
      failed += main.differences.length;
    }
  } catch (error) {
    failed++;
    console.log(`  FAILED ${moduleVersion}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const table = markdown(reports);
console.log(`\n${table}`);
if (values.markdown !== undefined) await writeFile(values.markdown, table);
console.log(failed === 0 ? "no differences" : `${failed} differences`);
process.exit(failed === 0 ? 0 : 1);

function markdown(all: readonly ModuleReport[]): string {
  const rows = all.flatMap((report) =>
    report.mains.map((main) => {
      const seconds = (main.goMilliseconds / main.configurations / 1000).toFixed(2);
      return [
        report.module,
        main.main,
        main.configurations,
        main.packages,
        `${main.files} of ${report.filesInTree}`,
        main.outside,
        main.levels,
        `${Math.round(main.scanMilliseconds)} ms`,
        `${seconds} s`,
        main.differences.length,
      ].join(" | ");
    }),
  );
  return [
    "| module | main | configurations | packages | files | outside | levels | scan, 4 platforms | one `go list` | differences |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}
