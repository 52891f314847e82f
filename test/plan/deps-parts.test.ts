// What services import, cut so that each compiles its own closure and shares what others import too.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutImports, type Importer } from "../../src/plan/deps-parts.ts";

const importers = (table: Readonly<Record<string, string>>): readonly Importer[] =>
  Object.entries(table).map(([service, imports]) => ({
    service,
    imports: new Set(imports.split(" ").filter((path) => path !== "")),
  }));

function shown(table: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...cutImports(importers(table))].map(([service, parts]) => [
      service,
      parts.map(({ name, imports }) => `${name}: ${imports.join(" ")}`),
    ]),
  );
}

describe("parts", () => {
  test("of one service: one", () => {
    expect(shown({ a: "y x" })).toEqual({ a: [": x y"] });
    expect(shown({ a: "", b: "x" })).toEqual({ b: [": x"] });
  });

  test("of services that import the same: one for them all", () => {
    expect(shown({ a: "x", b: "x" })).toEqual({ a: [": x"], b: [": x"] });
  });

  test("of services that share nothing: one each", () => {
    expect(shown({ a: "x", b: "y" })).toEqual({ a: ["a: x"], b: ["b: y"] });
  });

  test("one that shares nothing does not part the others", () => {
    expect(shown({ a: "grpc x", b: "grpc y", tool: "z", c: "grpc" })).toEqual({
      a: ["a+2: grpc", "a: x"],
      b: ["a+2: grpc", "b: y"],
      c: ["a+2: grpc"],
      tool: ["tool: z"],
    });
  });

  test("are three at most", () => {
    expect(shown({ a: "1 2 3 4", b: "1 2 3", c: "1 2", d: "1" })).toEqual({
      a: [": 1", "a+2: 2", "a: 3 4"],
      b: [": 1", "a+2: 2", "b: 3"],
      c: [": 1", "a+2: 2"],
      d: [": 1"],
    });
  });
});

test("each service has all that it imports, once, and parts of one name are one", () => {
  const path = fc.integer({ min: 0, max: 12 }).map((number) => `m${number}`);
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(path), { maxLength: 12 }), (all) => {
      const services = all.map((imports, index) => ({ service: `s${index}`, imports: new Set(imports) }));
      const cut = cutImports(services);
      const before = new Map<string, string>();
      for (const { service, imports } of services) {
        const parts = cut.get(service) ?? [];
        expect(parts.flatMap((part) => part.imports).toSorted()).toEqual([...imports].toSorted());
        expect(parts.length).toBeLessThanOrEqual(3);
        expect(parts.every((part) => part.imports.length > 0)).toBe(true);
        parts.forEach(({ name }, index) => {
          const chain = JSON.stringify(parts.slice(0, index + 1));
          expect(before.get(name) ?? chain).toBe(chain);
          before.set(name, chain);
        });
      }
    }),
  );
});

test("of a thousand services with nothing in common it is quick", () => {
  const services = Array.from({ length: 1000 }, (_, index) => ({
    service: `s${index}`,
    imports: new Set(Array.from({ length: 60 }, (_each, at) => `m${Math.floor(index / 2)}/${at}`)),
  }));
  expect(cutImports(services).size).toBe(1000);
});
