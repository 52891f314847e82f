// Go's own client/llb as the judge of the library: the .proto files against upstream's descriptors, every exported name
// against docs/llb.md, and random graphs byte for byte. It stands with the end-to-end tests because it needs Go and compiles a program the first time.
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { run, succeeded } from "./support/run.ts";

/** New seeds for each run, printed by the oracle; the same graphs again: npm run oracle -- --seed N --count N. */
const seed = Math.floor(Math.random() * 2 ** 31);
const count = 10_000;

test("protos, names, and 10,000 random graphs that have the bytes of Go's client/llb", async () => {
  const oracle = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await succeeded(run(process.execPath, ["test/oracle/run.ts", ...args]));
    return (stdout + stderr).trim();
  };
  console.log(await oracle("--protos"));
  // The oracle waits for Go and Go for the oracle, so one of them uses one processor.
  const parts = Math.min(4, availableParallelism());
  const each = Math.ceil(count / parts);
  const outputs = await Promise.all(
    Array.from({ length: parts }, (_, part) =>
      oracle("--seed", `${seed + part * each}`, "--count", `${each}`),
    ),
  );
  for (const output of outputs) expect(output).toContain(`graphs: all ${each} equal`);
  console.log(outputs.flatMap((output) => output.split("\n").slice(-3)).join("\n"));
});
