// Start-up and latency of the transports: `node test/support/gateway-measure.ts [runs] [calls]`.
// Interleaved in random order; medians and minima. The bundle is made as the frontend image makes its own.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleScript } from "./bundle.ts";
import { runFrontendScript } from "./gateway-harness.ts";

const runs = Number(process.argv[2] ?? 15);
const calls = Number(process.argv[3] ?? 2000);
const kinds = ["own", "node-http2", "grpc-js"];
const directory = mkdtempSync(join(tmpdir(), "gateway-measure-"));

async function bundle(name: string, entry: string): Promise<string> {
  const outfile = join(directory, name);
  await bundleScript(entry, outfile, { minify: true });
  return outfile;
}

const script = await bundle(
  "transports.mjs",
  join(import.meta.dirname, "gateway-frontends", "transports.ts"),
);
const cache = { NODE_COMPILE_CACHE: join(directory, "cache") };
const variants = kinds.flatMap((kind) => [
  { name: kind, kind, env: {} },
  { name: `${kind} + compile cache`, kind, env: cache },
]);
const results = new Map<string, { first: number[]; total: number[]; rss: number[] }>();
// Node writes its compile cache at exit, two runs fill it.
for (const kind of [...kinds, ...kinds]) await runFrontendScript(script, [kind], { env: cache });
for (let i = 0; i < runs; i++) {
  for (const { name, kind, env } of [...variants].sort(() => Math.random() - 0.5)) {
    const { exit } = await runFrontendScript(script, [kind], { env });
    const entry = results.get(name) ?? { first: [], total: [], rss: [] };
    entry.first.push(exit.firstRpc ?? Number.NaN);
    entry.total.push(exit.ms);
    entry.rss.push((exit.maxRss ?? 0) / 1024);
    results.set(name, entry);
  }
}
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
function table(rows: (string | number)[][]): void {
  for (const row of rows) {
    console.log(`| ${row.map((cell) => (typeof cell === "number" ? cell.toFixed(1) : cell)).join(" | ")} |`);
  }
}
console.log(`bundle ${statSync(script).size} bytes, Node ${process.version}, ${runs} runs`);
table([
  ["start-up", "spawn to first RPC, median ms", "min", "spawn to exit, median ms", "peak RSS MiB"],
  ...variants.map(({ name }) => {
    const entry = results.get(name) ?? { first: [], total: [], rss: [] };
    return [name, median(entry.first), Math.min(...entry.first), median(entry.total), median(entry.rss)];
  }),
]);
const latencies = new Map<string, Record<string, { median: number; min: number }[]>>();
for (let i = 0; i < 3; i++) {
  for (const kind of [...kinds].sort(() => Math.random() - 0.5)) {
    const { returned } = await runFrontendScript(script, [kind, String(calls)]);
    const { metadata } = (returned?.["result"] ?? {}) as { metadata: Record<string, string> };
    const entry = latencies.get(kind) ?? {};
    for (const [key, value] of Object.entries(metadata)) {
      (entry[key] ??= []).push(
        JSON.parse(Buffer.from(value, "base64").toString()) as { median: number; min: number },
      );
    }
    latencies.set(kind, entry);
  }
}
const names = Object.keys(latencies.get("own") ?? {});
table([
  ["µs a call (median of 3 runs' medians, min)", ...names],
  ...kinds.map((kind) => [
    kind,
    ...names.map((name) => {
      const entry = latencies.get(kind)?.[name] ?? [];
      return `${Math.round(median(entry.map((run) => run.median)))} (${Math.round(Math.min(...entry.map((run) => run.min)))})`;
    }),
  ]),
]);
rmSync(directory, { recursive: true, force: true });
