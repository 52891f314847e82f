// What a frontend may use of its builder's machine, as seen from inside.
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { LIMITS, type Machine, type Use, withinLimits } from "../../src/frontend/limits.ts";
import { isDiagnosticError } from "../../src/description/index.ts";

const MB = 1_000_000;
const little: Use = { memory: 60 * MB, heap: 20 * MB, cpu: 0.2 };
const never = new Promise<never>(() => {});

/** A process that is found to use each of these in turn, and then the last; `left`, from when it has given back what it can. */
function machine(uses: readonly Use[], left?: Use): Machine & { readonly collections: () => number } {
  let [at, collections] = [0, 0];
  return {
    use: () => (collections > 0 && left) || (uses[Math.min(at++, uses.length - 1)] ?? little),
    collect: () => void collections++,
    collections: () => collections,
  };
}

describe("work", () => {
  test("that ends in time gives its result, or its error", async () => {
    expect(await withinLimits(Promise.resolve(7), () => "x")).toBe(7);
    await expect(withinLimits(Promise.reject(new Error("its own")), () => "x")).rejects.toThrow("its own");
  });

  const ended = async (use: Use): Promise<unknown> =>
    withinLimits(never, () => "service.yaml", machine([little, use])).catch((thrown: unknown) => thrown);

  test.each([
    ["memory", { ...little, memory: LIMITS.memory + 1 }, "more than 148 MB of memory"],
    ["processor time", { ...little, cpu: LIMITS.cpu + 0.1 }, "more than 10 seconds of processor time"],
  ])("that takes too much %s ends with GF085 at the description", async (_what, use, words) => {
    const error = await ended(use);
    if (!isDiagnosticError(error)) throw new Error("no diagnostics");
    expect(error.diagnostics).toMatchObject([
      {
        code: "GF085",
        file: "service.yaml",
        range: { start: { line: 1, column: 1 } },
        message: `planning this build takes ${words}, which a builder does not give`,
      },
    ]);
  });

  test("that needs a full heap ends too", async () => {
    expect(isDiagnosticError(await ended({ ...little, heap: LIMITS.heap + 1 }))).toBe(true);
  });

  test.each([
    ["the heap", { ...little, heap: LIMITS.heap + 1 }],
    ["memory", { ...little, memory: LIMITS.memory + 1 }],
  ])("may fill %s with what nothing holds: it is given back", async (_what, full) => {
    const used = machine([little, full], little);
    expect(await withinLimits(setTimeout(300, "done"), () => "x", used)).toBe("done");
    expect(used.collections()).toBe(1);
  });

  test("gives memory back before it is at its limit, and not at every look", async () => {
    const large: Use = { ...little, memory: 120 * MB };
    const used = machine([large]);
    await withinLimits(setTimeout(400, "done"), () => "x", used);
    expect(used.collections()).toBe(1);
    // What a collection takes is not spent where there is no need.
    const small = machine([{ ...little, memory: 100 * MB }]);
    await withinLimits(setTimeout(200, "done"), () => "x", small);
    expect(small.collections()).toBe(0);
  });
});
