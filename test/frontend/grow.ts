// Takes memory in small steps until it is told to stop; run by memory.process.ts in a process of its own.
import { setTimeout } from "node:timers/promises";
import { withinLimits } from "../../src/frontend/limits.ts";
import { isDiagnosticError } from "../../src/description/index.ts";

const held: unknown[] = [];

async function grow(kind: string): Promise<never> {
  for (;;) {
    if (kind === "buffers") held.push(Buffer.alloc(1 << 20, 1));
    else for (let count = 0; count < 10_000; count++) held.push({ at: count, of: [count] });
    await setTimeout(1);
  }
}

const error: unknown = await withinLimits(grow(process.argv[2] ?? ""), () => "service.yaml").catch(
  (thrown: unknown) => thrown,
);
const codes = isDiagnosticError(error) ? error.diagnostics.map(({ code }) => code) : [String(error)];
process.stdout.write(JSON.stringify({ codes, maxRSS: process.resourceUsage().maxRSS * 1024 }));
process.exit(0);
