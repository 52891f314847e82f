/**
 * `npm run faults -- [WORD…]`: makes everything go wrong that docs/faults.md names, on a builder of its own, and writes
 * what was seen into its table; with words, only what has one of them in its name.
 */
import { parseArgs } from "node:util";
import { ensureFrontendImage } from "../../frontend-image/index.ts";
import { type Log, onInterrupt, unreachableHosts, up } from "../../rig/index.ts";
import { pinnedFrontend, scratchDir } from "../e2e/support/clients.ts";
import { type FaultCase, faults } from "./faults.ts";
import { isAsBefore, placeOf } from "./place.ts";
import { type Outcome, writeTable } from "./table.ts";

const { positionals } = parseArgs({ allowPositionals: true, options: {} });
onInterrupt();

const start = performance.now();
const log: Log = (line) => {
  console.log(` ${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s  ${line}`);
};

const asked = faults.filter(
  ({ where, name }) =>
    positionals.length === 0 || positionals.some((word) => `${where}: ${name}`.includes(word)),
);
const standIns = (await unreachableHosts(log)).length > 0;
const rig = await up({ name: "faults", mirrors: "always", standIns, ephemeral: true, log });
const work = scratchDir();
const outcomes: Outcome[] = [];
try {
  const image = await ensureFrontendImage({ rig, log });
  const place = await placeOf(rig, pinnedFrontend(rig, image), work.path);
  const attempt = async (fault: FaultCase, after: () => Promise<void>): Promise<void> => {
    const begin = performance.now();
    const outcome = await fault
      .try(place, true)
      .then(async (seen): Promise<Outcome> => {
        await after();
        return { fault, seen };
      })
      .catch((error: unknown): Outcome => ({
        fault,
        failure: error instanceof Error ? error.message : String(error),
      }));
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    log(
      `${fault.where}: ${fault.name}: ${"seen" in outcome ? outcome.seen : `NOT AS PROMISED: ${outcome.failure}`} (${seconds} s)`,
    );
    outcomes.push(outcome);
    writeTable([outcome]);
  };
  await isAsBefore(place);
  await Promise.all(
    asked.filter(({ waits }) => waits === true).map((fault) => attempt(fault, () => Promise.resolve())),
  );
  await isAsBefore(place);
  for (const fault of asked.filter(({ waits }) => waits !== true)) {
    await attempt(fault, () => isAsBefore(place));
  }
} finally {
  work.remove();
  await rig.release();
}
const failed = outcomes.filter((outcome) => "failure" in outcome);
console.log(failed.length === 0 ? "all as promised" : `${failed.length} not as promised`);
process.exit(failed.length === 0 ? 0 : 1);
