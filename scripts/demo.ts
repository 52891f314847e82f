// `npm run demo`: builds a Go service with the packaged frontend, runs the image and uses it. See docs/demo.md.
import { setTimeout as sleep } from "node:timers/promises";
import { logToStderr, onInterrupt } from "../rig/index.ts";
import { startDemo } from "./demo/demo.ts";
import { readOptions, usage } from "./demo/options.ts";
import { report } from "./demo/report.ts";

async function main(): Promise<number> {
  const folder = process.env["GO_FRONTEND_CALLER_DIR"] ?? process.cwd();
  let interrupted = false;
  try {
    const options = readOptions(process.argv.slice(2), folder);
    if (options === undefined) {
      process.stdout.write(usage);
      return 0;
    }
    const demo = startDemo(options, logToStderr);
    onInterrupt(async () => {
      interrupted = true;
      process.stderr.write("interrupted: ending what was started\n");
      await demo.end();
    });
    const result = await demo.result;
    if (interrupted) await forever();
    process.stdout.write(report(result, folder));
    return 0;
  } catch (error) {
    // On Ctrl-C the commands that ran fail too, perhaps before the signal is heard here: that is no error to tell.
    await sleep(50);
    if (interrupted) await forever();
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`demo: ${error.message}\n`);
    if (error.name === "UsageError") process.stderr.write(`\n${usage}`);
    return error.name === "UsageError" ? 2 : 1;
  }
}

/** Until the interrupt has cleaned up and ends the process. */
const forever = async (): Promise<void> => new Promise(() => undefined);

process.exit(await main());
