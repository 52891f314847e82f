/**
 * `npm run compat -- [NAME…]`: starts the daemons that teams have, one after another and each as new, and tries the
 * packaged frontend on them; without names, all of them. Their rows of docs/compatibility.md's table are written anew.
 * `--keep` leaves what the pinned buildkitd stored, so that the next run comes sooner to the daemon that is asked for.
 * `--stay NAME` starts one for trials by hand, prints what leads a shell's docker and buildx to it, and ends with Ctrl-C.
 */
import { parseArgs } from "node:util";
import { onInterrupt } from "../../rig/index.ts";
import { shellExports } from "../../rig/shell-env.ts";
import { givesIds } from "./checks.ts";
import { type Daemon, daemonOf, daemons, forget, reference } from "./daemons.ts";
import { type Outcome, tryDaemon, withFrontend } from "./try.ts";
import { writeTable } from "./table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: "boolean", default: false },
    stay: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    `usage: npm run compat -- [--keep] [NAME…]\n       npm run compat -- --stay NAME\nnames: ${daemons.map(({ name }) => name).join(", ")}`,
  );
  process.exit(0);
}
onInterrupt();

const start = performance.now();
function log(line: string): void {
  console.log(` ${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s  ${line}`);
}

if (values.stay !== undefined) await stay(daemonOf(values.stay));
const asked = positionals.length === 0 ? daemons : positionals.map(daemonOf);
const outcomes: Outcome[] = [];
await withFrontend(log, async (frontend) => {
  const ids = new Map<string, string>();
  // The reference comes first: its image ids are what the others are held to.
  if (!values.keep) await forget(reference);
  const whole = asked.includes(reference);
  const first = await tryDaemon(reference, frontend, { ids, log, only: whole ? undefined : givesIds });
  const seen = (outcome: Outcome): void => {
    outcomes.push(outcome);
    writeTable([outcome]);
  };
  if (whole) seen(first);
  for (const daemon of asked.filter((other) => other !== reference)) {
    await forget(daemon);
    seen(await tryDaemon(daemon, frontend, { ids, log }));
    await forget(daemon);
  }
  if (!values.keep) await forget(reference);
});
const failed = outcomes.flatMap(({ daemon, results }) =>
  results.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${daemon.name}: ${name}`])),
);
console.log(failed.length === 0 ? "all as it should be" : `not as it should be:\n${failed.join("\n")}`);
process.exit(failed.length === 0 ? 0 : 1);

/** Starts a daemon and lets it run until this process is ended. */
async function stay(daemon: Daemon): Promise<never> {
  return withFrontend(log, async (frontends) => {
    const { env } = await daemon.start(log);
    console.log(`\n${shellExports(env)}`);
    log(`a description for it begins with "# syntax=${daemon.can.zstd ? frontends.zstd : frontends.gzip}"`);
    log(`${daemon.title} runs until Ctrl-C`);
    return new Promise<never>(() => setInterval(() => undefined, 60_000));
  });
}
