// What a frontend may use of its builder's machine, as seen from inside.
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type AfterCollection, LIMITS, type Use, withinLimits } from "../../src/frontend/limits.ts";
import { isDiagnosticError } from "../../src/description/index.ts";

const MB = 1_000_000;
const little: Use = { memory: 60 * MB, heap: 20 * MB, cpu: 0.2 };
const never = new Promise<never>(() => {});
const notYet: AfterCollection = () => () => {};

/** Looks that find each of these in turn, and then the last one. */
function looks(...uses: readonly Use[]): () => Use {
  let at = 0;
  return () => uses[Math.min(at++, uses.length - 1)] ?? little;
}

describe("work", () => {
  test("that ends in time gives its result, or its error", async () => {
    expect(await withinLimits(Promise.resolve(7), () => "x")).toBe(7);
    await expect(withinLimits(Promise.reject(new Error("its own")), () => "x")).rejects.toThrow("its own");
  });

  const ended = async (use: Use, after: AfterCollection = notYet): Promise<unknown> =>
    withinLimits(never, () => "service.yaml", looks(little, use), after).catch((thrown: unknown) => thrown);

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

  test("that needs a full heap, after V8 has looked for what can be given back, ends too", async () => {
    const after: AfterCollection = (look) => {
      const timer = setInterval(look, 20);
      return () => clearInterval(timer);
    };
    expect(isDiagnosticError(await ended({ ...little, heap: LIMITS.heap + 1 }, after))).toBe(true);
  });

  test("may fill the heap while V8 has not looked", async () => {
    const full: Use = { ...little, heap: LIMITS.heap + 1 };
    const work = setTimeout(300, "done");
    expect(await withinLimits(work, () => "x", looks(full), notYet)).toBe("done");
  });
});
