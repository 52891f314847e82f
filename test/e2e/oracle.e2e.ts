// Go's own client/llb as the judge of the library: the .proto files against upstream's descriptors, every exported name
// against docs/llb.md, and random graphs byte for byte. It stands with the end-to-end tests because it needs Go and compiles a program the first time.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** A new seed for each run, printed by the oracle; the same graphs again: npm run oracle -- --seed N --count N. */
const seed = String(Math.floor(Math.random() * 2 ** 31));

function oracle(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const run = spawnSync(process.execPath, ["test/oracle/run.ts", ...args], {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

test("protos, names, and 10,000 random graphs that have the bytes of Go's client/llb", () => {
  const { status, output } = oracle("--seed", seed, "--count", "10000");
  console.log(output.trim().split("\n").slice(-3).join("\n"));
  expect(status, output).toBe(0);
});
