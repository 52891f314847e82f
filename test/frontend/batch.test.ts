// Requests of one turn share one round trip.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { batched } from "../../src/frontend/batch.ts";

function recording(): {
  readonly calls: (readonly string[])[];
  readonly ask: (key: string) => Promise<string>;
} {
  const calls: (readonly string[])[] = [];
  const ask = batched<string, string>(async (keys) => {
    calls.push(keys);
    await turn();
    return (key) => Promise.resolve(key.toUpperCase());
  });
  return { calls, ask };
}

describe("batched", () => {
  test("answers all requests of one turn with one call", async () => {
    const { calls, ask } = recording();
    expect(await Promise.all(["a", "b", "c"].map(ask))).toEqual(["A", "B", "C"]);
    expect(calls).toEqual([["a", "b", "c"]]);
  });

  test("takes in requests that come some awaits later in the turn", async () => {
    const { calls, ask } = recording();
    const late = async (): Promise<string> => {
      await Promise.resolve();
      await Promise.resolve();
      return ask("late");
    };
    await Promise.all([ask("early"), late()]);
    expect(calls).toEqual([["early", "late"]]);
  });

  test("begins a new call for what comes while one is under way", async () => {
    const { calls, ask } = recording();
    const first = ask("a");
    await turn();
    const second = ask("b");
    expect(await Promise.all([first, second])).toEqual(["A", "B"]);
    expect(calls).toEqual([["a"], ["b"]]);
  });

  test("a failed call fails its own requests and no later ones", async () => {
    let broken = true;
    const ask = batched<string, string>((keys) =>
      broken
        ? Promise.reject(new Error(`lost ${keys.join()}`))
        : Promise.resolve((key) => Promise.resolve(key)),
    );
    const outcomes = await Promise.allSettled([ask("a"), ask("b")]);
    expect(outcomes.map((each) => each.status)).toEqual(["rejected", "rejected"]);
    broken = false;
    expect(await ask("c")).toBe("c");
  });

  test("one key that cannot be answered fails alone", async () => {
    const ask = batched<string, string>(() =>
      Promise.resolve((key) => (key === "bad" ? Promise.reject(new Error("bad")) : Promise.resolve(key))),
    );
    const outcomes = await Promise.allSettled([ask("good"), ask("bad")]);
    expect(outcomes.map((each) => each.status)).toEqual(["fulfilled", "rejected"]);
  });
});
