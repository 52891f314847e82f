// One measurement in a process of its own: the peak memory of one graph says nothing of another.
//   node bench/llb/measure.ts SHAPE OPS ROUNDS
import { prepare } from "../../test/oracle/interpret.ts";
import { shapes } from "./graphs.ts";
import type { Measured } from "./run.ts";

/** Nanoseconds of processor time of all threads: on a shared machine the clock on the wall says little. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

const [, , name, ops, count] = process.argv;
const shape = shapes.find((s) => s.name === name);
if (shape === undefined) throw new Error(`no shape ${String(name)}`);
const graph = shape.make(Number(ops));
const rounds: { marshal: number; encode: number }[] = [];
let size = 0;
for (let round = 0; round < Number(count); round++) {
  const { state, options } = prepare(graph);
  const start = cpu();
  const definition = state.marshal(...options);
  const marshalled = cpu();
  definition.toBytes();
  rounds.push({ marshal: marshalled - start, encode: cpu() - marshalled });
  size = definition.def.length;
}
const result: Measured = { rounds, ops: size, maxRSS: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(result));
