/**
 * `npm run services [-- NAME…]`: builds public services with the packaged frontend on a BuildKit of its own, each from its
 * description in examples/services and its modules' zips, runs what was built, and writes their rows of docs/services.md;
 * without names, all of them. `--write` only writes the document from the record.
 */
import { parseArgs } from "node:util";
import { logToStderr, onInterrupt } from "../rig/index.ts";
import { startServicesBuilder } from "./services/builder.ts";
import { writeDocument } from "./services/document.ts";
import { writeRow } from "./services/record.ts";
import type { Service } from "./services/service.ts";
import { services } from "./services/subjects/index.ts";
import { tryService } from "./services/try.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});

function chosen(): readonly Service[] {
  const unknown = positionals.filter((name) => !services.some((service) => service.name === name));
  if (unknown.length > 0) throw new Error(`unknown service: ${unknown.join(", ")}`);
  if (positionals.length > 0) return services.filter(({ name }) => positionals.includes(name));
  return services;
}

/** Builds the services one after another; one that fails leaves its row as it was. */
async function buildAll(wanted: readonly Service[]): Promise<readonly string[]> {
  const failed: string[] = [];
  const builder = await startServicesBuilder(logToStderr);
  onInterrupt(builder.release);
  try {
    for (const service of wanted) {
      logToStderr(`▸ ${service.name}`);
      try {
        writeRow(service.name, await tryService(service, builder, (line) => logToStderr(`    ${line}`)));
        writeDocument();
      } catch (error) {
        logToStderr(`${service.name}: ${error instanceof Error ? error.message : String(error)}`);
        failed.push(service.name);
      }
    }
  } finally {
    await builder.release();
  }
  return failed;
}

if (values.help) {
  console.log(
    `usage: npm run services -- [--write] [NAME…]\nnames: ${services.map(({ name }) => name).join(", ")}`,
  );
} else if (values.write) {
  writeDocument();
} else {
  const failed = await buildAll(chosen());
  console.log(failed.length === 0 ? "all as they should be" : `not as they should be: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
