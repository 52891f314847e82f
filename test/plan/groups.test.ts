// How packages of other modules are cut into groups: whatever the modules need of each other, the cut must be
// one that can be compiled in order, and the same one every time.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Group, groupPackages, type ListedPackage } from "../../src/plan/index.ts";

const listed = (path: string, module: string, imports: readonly string[] = []): ListedPackage => ({
  path,
  module,
  version: "v1.0.0",
  imports,
});

/** Packages of several modules that import only what stands before them, so modules may need each other in circles. */
const packages: fc.Arbitrary<readonly ListedPackage[]> = fc
  .integer({ min: 1, max: 24 })
  .chain((modules) =>
    fc.array(
      fc.record({
        module: fc.nat({ max: modules - 1 }),
        internal: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
        imports: fc.array(fc.nat({ max: 1000 }), { maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 80 },
    ),
  )
  .map((specs) => {
    const made: ListedPackage[] = [];
    for (const [index, { module, internal, imports }] of specs.entries()) {
      const name = `example.com/m${module}`;
      const path = `${name}/${internal ? "internal/" : ""}p${index}`;
      // Another module's internal package cannot be imported.
      const visible = made.filter((each) => each.module === name || !each.path.includes("/internal/"));
      const chosen = imports.flatMap((each) => visible[each % Math.max(1, visible.length)]?.path ?? []);
      made.push(listed(path, name, [...new Set(chosen)].toSorted()));
    }
    return made;
  });

const isInternal = (path: string): boolean => /(^|\/)internal(\/|$)/.test(path);

function groupOfModule(groups: readonly Group[]): ReadonlyMap<string, number> {
  return new Map(groups.flatMap((group, index) => group.modules.map(({ path }) => [path, index] as const)));
}

function forAny(check: (list: readonly ListedPackage[], groups: readonly Group[]) => void): void {
  fc.assert(
    fc.property(packages, (list) => check(list, groupPackages(list))),
    { numRuns: 300 },
  );
}

describe("for any modules", () => {
  test("each module is in exactly one group, with its version", () => {
    forAny((list, groups) => {
      const modules = groups.flatMap((group) => group.modules);
      expect(modules.map(({ path }) => path).toSorted()).toEqual(
        [...new Set(list.map((each) => each.module))].toSorted(),
      );
      for (const { version } of modules) expect(version).toBe("v1.0.0");
    });
  });

  test("each package is named in its module's group, or is internal", () => {
    forAny((list, groups) => {
      const of = groupOfModule(groups);
      for (const { path, module } of list) {
        const where = groups.flatMap((group, index) => (group.packages.includes(path) ? [index] : []));
        expect(where, path).toEqual(isInternal(path) ? [] : [of.get(module)]);
      }
    });
  });

  test("what a package imports is in its own group or in one before it", () => {
    forAny((list, groups) => {
      const of = groupOfModule(groups);
      const moduleOf = new Map(list.map((each) => [each.path, each.module]));
      for (const { module, imports } of list) {
        const own = of.get(module) ?? -1;
        for (const path of imports ?? []) {
          const other = of.get(moduleOf.get(path) ?? "") ?? -1;
          expect(other, path).toBeLessThanOrEqual(own);
          expect(other, path).toBeGreaterThanOrEqual(0);
        }
      }
    });
  });

  test("the closure is its own modules and those of all groups before it", () => {
    forAny((_list, groups) => {
      for (const [index, group] of groups.entries()) {
        const paths = groups.slice(0, index + 1).flatMap((each) => each.modules.map(({ path }) => path));
        expect(group.closure.map(({ path }) => path)).toEqual(paths.toSorted());
      }
    });
  });

  test("there are at most four", () => {
    forAny((_list, groups) => {
      expect(groups.length).toBeGreaterThan(0);
      expect(groups.length).toBeLessThanOrEqual(4);
    });
  });

  test("the order in which packages are listed does not matter", () => {
    const shuffled = packages.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
    );
    const plain = (groups: readonly Group[]) =>
      groups.map((group) => ({ ...group, packages: group.packages.toSorted() }));
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(plain(groupPackages(other))).toEqual(plain(groupPackages(list)));
      }),
      { numRuns: 300 },
    );
  });
});

test("nothing to compile is no group", () => {
  expect(groupPackages([])).toEqual([]);
});

test("modules that need each other in a circle stay together", () => {
  const groups = groupPackages([
    listed("a.example/x", "a.example", ["b.example/y"]),
    listed("a.example/z", "a.example"),
    listed("b.example/y", "b.example", ["a.example/z"]),
  ]);
  expect(groups).toHaveLength(1);
  expect(groups[0]?.modules.map(({ path }) => path)).toEqual(["a.example", "b.example"]);
});

test("a long chain of modules is cut, and no stack overflows", () => {
  const chain = Array.from({ length: 5000 }, (_, index) =>
    listed(`m${index}.example/p`, `m${index}.example`, index === 0 ? [] : [`m${index - 1}.example/p`]),
  );
  const groups = groupPackages(chain);
  expect(groups.length).toBeGreaterThan(1);
  expect(groups.flatMap((group) => group.modules)).toHaveLength(5000);
});

test("a module that nobody else needs stands above the rest, so that a new version of it compiles it alone", () => {
  const library = Array.from({ length: 12 }, (_, index) => listed(`lib.example/p${index}`, "lib.example"));
  const middle = listed(
    "mid.example/m",
    "mid.example",
    library.map((each) => each.path),
  );
  const top = listed("top.example/t", "top.example", ["mid.example/m"]);
  const groups = groupPackages([...library, middle, top]);
  expect(groups.at(-1)?.modules.map(({ path }) => path)).toEqual(["top.example"]);
  expect(groups[0]?.modules.map(({ path }) => path)).toContain("lib.example");
});
