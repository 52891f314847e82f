// Marshalling beside Go's client/llb on the same graphs: time, memory, and whether the cost is
// linear. node bench/llb/run.ts [--rounds N] [--sizes 1000,10000,100000] [--shapes services,chain]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { oracleBinary } from "../../test/oracle/go.ts";
import { shapes } from "./graphs.ts";

/** What one side says of one graph: nanoseconds of processor time of each round, number of ops, peak memory in bytes. */
export interface Measured {
  readonly rounds: readonly { readonly marshal: number; readonly encode: number }[];
  readonly ops: number;
  readonly maxRSS: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function ask(command: string, args: readonly string[], input: string): Measured | undefined {
  const run = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 1 << 28, timeout: 300_000 });
  return run.status === 0 ? (JSON.parse(run.stdout) as Measured) : undefined;
}

/** Measures all shapes and sizes; returns the lines of a Markdown table. */
export function measureAll(
  sizes: readonly number[],
  rounds: number,
  names: readonly string[] = shapes.map(({ name }) => name),
): readonly string[] {
  const script = fileURLToPath(new URL("measure.ts", import.meta.url));
  const lines = [
    "| graph | ops | TypeScript µs/op | Go µs/op | ratio | with toBytes, ratio | TypeScript peak MiB | Go peak MiB |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const shape of shapes.filter(({ name }) => names.includes(name))) {
    for (const size of sizes) {
      // Go looks up every unset option through the whole chain of states: 53 s for 10,000 ops, and
      // a hundred times that for the next size.
      const tooLong = shape.name === "chain" && size > 10_000;
      const ts = ask(process.execPath, [script, shape.name, String(size), String(rounds)], "");
      const go = tooLong
        ? undefined
        : ask(
            oracleBinary(),
            ["bench", String(size > 1000 && shape.name === "chain" ? 1 : rounds)],
            `${JSON.stringify(shape.make(size))}\n`,
          );
      lines.push(row(shape.name, size, ts, go));
      console.error(lines.at(-1));
    }
  }
  return lines;
}

function row(shape: string, size: number, ts: Measured | undefined, go: Measured | undefined): string {
  const marshal = (m: Measured): number => median(m.rounds.map((r) => r.marshal));
  const all = (m: Measured): number => median(m.rounds.map((r) => r.marshal + r.encode));
  const perOp = (m: Measured | undefined): string =>
    m === undefined ? "–" : (marshal(m) / m.ops / 1000).toFixed(2);
  const ratio = (of: (m: Measured) => number): string =>
    ts === undefined || go === undefined ? "–" : (of(ts) / of(go)).toFixed(2);
  const peak = (m: Measured | undefined): string =>
    m === undefined ? "–" : String(Math.round(m.maxRSS / 2 ** 20));
  return `| ${shape} | ${ts?.ops ?? size} | ${perOp(ts)} | ${perOp(go)} | ${ratio(marshal)} | ${ratio(all)} | ${peak(ts)} | ${peak(go)} |`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      sizes: { type: "string", default: "1000,10000,100000" },
      shapes: { type: "string", default: shapes.map(({ name }) => name).join(",") },
    },
  });
  console.log(
    measureAll(values.sizes.split(",").map(Number), Number(values.rounds), values.shapes.split(",")).join(
      "\n",
    ),
  );
}
