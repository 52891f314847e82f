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
      { minLength: 1, maxLength: 200, size: "max" },
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

  test("each package is named once, not before its module's group, or is internal", () => {
    forAny((list, groups) => {
      const of = groupOfModule(groups);
      for (const { path, module } of list) {
        const where = groups.flatMap((group, index) => (group.packages.includes(path) ? [index] : []));
        expect(where, path).toHaveLength(isInternal(path) ? 0 : 1);
        if (where[0] !== undefined) expect(where[0]).toBeGreaterThanOrEqual(of.get(module) ?? Infinity);
      }
    });
  });

  test("what a group does not read, no package of it or before it is or imports", () => {
    forAny((list, groups) => {
      const byPath = new Map(list.map((each) => [each.path, each]));
      for (const [index, group] of groups.entries()) {
        const hidden = (path: string): boolean =>
          group.without.some((each) => path === each.path || path.startsWith(`${each.path}/`));
        const reached = groups.slice(0, index + 1).flatMap((each) => [...each.packages]);
        for (const path of new Set(reached)) {
          expect(hidden(path), path).toBe(false);
          for (const other of byPath.get(path)?.imports ?? []) {
            expect(hidden(other), other).toBe(false);
            if (!reached.includes(other)) reached.push(other);
          }
        }
      }
    });
  });

  test("a package that only the service imports changes no group before that of such packages", () => {
    forAny((list, groups) => {
      const [some] =
        groups.findLast((group) => group.modules.length > 0 && group.without.length > 0)?.without ?? [];
      if (some === undefined) return;
      const added = { ...some, path: `${some.path}x` };
      const after = groupPackages([...list, added]);
      const at = groups.findIndex((group) => group.modules.length === 0);
      // What is left out is one more; what is read and compiled is the same.
      const plain = (all: readonly Group[]) => all.slice(0, at).map(({ without: _without, ...rest }) => rest);
      if (after.length === groups.length) expect(plain(after)).toEqual(plain(groups));
      expect(after.slice(0, at).every((group) => !group.packages.includes(added.path))).toBe(true);
    });
  });

  test("what a package imports is in its own group or in one before it", () => {
    forAny((list, groups) => {
      const of = groupOfModule(groups);
      const moduleOf = new Map(list.map((each) => [each.path, each.module]));
      const placeOf = (path: string): number => {
        const named = groups.findIndex((group) => group.packages.includes(path));
        return named >= 0 ? named : (of.get(moduleOf.get(path) ?? "") ?? -1);
      };
      for (const { path: importer, imports } of list) {
        const own = placeOf(importer);
        if (isInternal(importer)) continue;
        for (const path of imports ?? []) {
          const other = placeOf(path);
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

test("two heavy modules, of which one needs the other, are a group each", () => {
  const low = Array.from({ length: 80 }, (_, index) => listed(`low.example/p${index}`, "low.example"));
  const paths = (some: readonly ListedPackage[]): readonly string[] => some.map(({ path }) => path);
  const high = Array.from({ length: 90 }, (_, index) =>
    listed(`high.example/p${index}`, "high.example", paths(low)),
  );
  const groups = groupPackages([...low, ...high, listed("top.example/t", "top.example", paths(high))]);
  expect(groups.map(({ modules }) => modules.map(({ path }) => path))).toEqual([
    ["low.example"],
    ["high.example"],
    ["top.example"],
  ]);
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

test("a package of a needed module that only the service imports comes late, and its source is not read before", () => {
  const library = Array.from({ length: 130 }, (_, index) => listed(`lib.example/p${index}`, "lib.example"));
  const top = listed(
    "top.example/t",
    "top.example",
    library.map((each) => each.path),
  );
  const ends = ["lib.example/end", "lib.example/p3x", "lib.example"].map((path) =>
    listed(path, "lib.example"),
  );
  const groups = groupPackages([...library, ...ends, top]);
  expect(groups.map((group) => group.packages.length)).toEqual([130, 3, 1]);
  expect(groups[1]?.packages).toEqual(["lib.example/end", "lib.example/p3x", "lib.example"]);
  // The module's own folder holds everything else: it stays.
  expect(groups[0]?.without.map(({ path }) => path)).toEqual(["lib.example/end", "lib.example/p3x"]);
  expect(groups[1]?.without).toEqual([]);
  // One more of them moves nothing before them.
  const { without: _before, ...lowest } = groups[0] ?? expect.fail("no group");
  const more = groupPackages([...library, ...ends, listed("lib.example/new", "lib.example"), top]);
  const { without: _after, ...same } = more[0] ?? expect.fail("no group");
  expect(same).toEqual(lowest);
});

describe("modules that little stands on", () => {
  const heavy = Array.from({ length: 140 }, (_, index) =>
    listed(`example.com/heavy/p${index}`, "example.com/heavy"),
  );
  const light = Array.from({ length: 30 }, (_, index) =>
    listed(`example.com/l${index}`, `example.com/l${index}`),
  );
  const paths = (some: readonly ListedPackage[]): readonly string[] => some.map(({ path }) => path);

  test("come after heavy ones that they do not need, so that a new version of one spares those", () => {
    const top = listed("example.com/top", "example.com/top", [...paths(heavy), ...paths(light)]);
    const [first, second] = groupPackages([...light, ...heavy, top]);
    expect(first?.modules.map(({ path }) => path)).toEqual(["example.com/heavy"]);
    expect(second?.modules).toHaveLength(light.length);
  });

  test("come before a heavy one that needs them", () => {
    const needy = heavy.map((each) => ({ ...each, imports: paths(light) }));
    const top = listed("example.com/top", "example.com/top", paths(needy));
    const of = groupOfModule(groupPackages([...needy, ...light, top]));
    for (const { module } of light) {
      expect(of.get(module)).toBeLessThanOrEqual(of.get("example.com/heavy") ?? -1);
    }
  });
});

test("thousands of modules are cut as well", () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    listed(
      `example.com/m${index}`,
      `example.com/m${index}`,
      index % 2 === 0 ? [] : [`example.com/m${index - 1}`],
    ),
  );
  const top = listed(
    "example.com/top",
    "example.com/top",
    many.map(({ path }) => path),
  );
  expect(groupPackages([...many, top]).flatMap(({ modules }) => modules)).toHaveLength(many.length + 1);
});
