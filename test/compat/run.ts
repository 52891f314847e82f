/**
 * `npm run compat -- [NAME…]`: starts the daemons that teams have, one after another and each as new, and tries the
 * packaged frontend on them. Without names it takes all and writes docs/compatibility.md's table anew.
 * `--keep` leaves what the daemons stored, so that the next run of a name is quick.
 */
import { parseArgs } from "node:util";
import { onInterrupt } from "../../rig/index.ts";
import { daemonOf, daemons, forget, reference, type Daemon } from "./daemons.ts";
import { type Outcome, tryDaemon, withFrontend } from "./try.ts";
import { writeTable } from "./table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});
if (values.help) {
  console.log(
    `usage: npm run compat -- [--keep] [NAME…]\nnames: ${daemons.map(({ name }) => name).join(", ")}`,
  );
  process.exit(0);
}
onInterrupt();

const start = performance.now();
const log = (line: string): void => {
  console.log(` ${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s  ${line}`);
};

// The reference comes first: its image ids are what the others are held to.
const asked = positionals.length === 0 ? daemons : positionals.map(daemonOf);
const order: readonly Daemon[] = [reference, ...asked.filter((daemon) => daemon !== reference)];
const outcomes: Outcome[] = [];
await withFrontend(log, async (frontend) => {
  const ids = new Map<string, string>();
  for (const daemon of order) {
    outcomes.push(await tryDaemon(daemon, frontend, ids, log));
    if (!values.keep) await forget(daemon);
  }
});
const rows = daemons.flatMap((daemon) => outcomes.filter((outcome) => outcome.daemon === daemon));
if (positionals.length === 0) writeTable(rows);
const failed = rows.flatMap(({ daemon, results }) =>
  results.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${daemon.name}: ${name}`])),
);
console.log(failed.length === 0 ? "all as it should be" : `not as it should be:\n${failed.join("\n")}`);
process.exit(failed.length === 0 ? 0 : 1);
