// How a large service's own packages are cut into strata: whatever they import, the cut can be compiled in order, and
// an edit leaves alone what does not stand on it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PackageFacts } from "../../src/facts/index.ts";
import { cutterOf, MANY_PACKAGES, type OwnPackages, type Cut } from "../../src/plan/index.ts";
import { largeService, planFiles, sums } from "./support.ts";

const MAIN = "example.com/app/cmd/app";

const cutOwnPackages = (program: OwnPackages, alike: readonly OwnPackages[]): readonly Cut[] =>
  cutterOf(alike)(program);

function facts(importPath: string, imports: readonly string[]): PackageFacts {
  const dir = importPath.slice("example.com/app/".length);
  return {
    importPath,
    dir,
    name: importPath === MAIN ? "main" : (dir.split("/").at(-1) ?? ""),
    goFiles: ["code.go"],
    cgoFiles: [],
    cFiles: [],
    cxxFiles: [],
    mFiles: [],
    hFiles: [],
    fFiles: [],
    sFiles: [],
    swigFiles: [],
    swigCxxFiles: [],
    sysoFiles: [],
    embedFiles: [],
    invalidFiles: [],
    includes: [],
    opensUnlisted: false,
    files: [`${dir}/code.go`],
    imports,
    outside: [],
    std: [],
  };
}

/** For each package the numbers of those it imports, all of them smaller. */
type Shape = readonly (readonly number[])[];

const pathOf = (index: number): string => `example.com/app/pkg/p${index}`;

function service(shape: Shape): OwnPackages {
  const packages = shape.map((imports, index) => facts(pathOf(index), imports.map(pathOf)));
  return {
    main: MAIN,
    packages: [
      ...packages,
      facts(
        MAIN,
        packages.map((each) => each.importPath),
      ),
    ],
  };
}

const shapes = (smallest: number): fc.Arbitrary<Shape> =>
  fc
    .array(fc.array(fc.nat({ max: 10_000 }), { maxLength: 4 }), { minLength: smallest, maxLength: 320 })
    .map((all) =>
      all.map((picks, index) => (index === 0 ? [] : [...new Set(picks.map((pick) => pick % index))])),
    );

const placeOf = (strata: readonly Cut[]): ReadonlyMap<string, number> =>
  new Map(strata.flatMap(({ packages }, index) => packages.map((path) => [path, index] as const)));

const keyOf = ({ packages, files }: Cut): string => JSON.stringify([packages, files]);

function forAny(check: (shape: Shape, strata: readonly Cut[]) => void): void {
  fc.assert(
    fc.property(shapes(MANY_PACKAGES), (shape) => check(shape, cutOwnPackages(service(shape), []))),
    { numRuns: 100 },
  );
}

describe("for any large service", () => {
  test("each package but the main one is in exactly one stratum, with its files", () => {
    forAny((shape, strata) => {
      const all = shape.map((_, index) => pathOf(index)).toSorted();
      expect(strata.flatMap(({ packages }) => packages).toSorted()).toEqual(all);
      for (const { packages, files } of strata) {
        expect(files).toEqual(packages.map((path) => `${path.slice("example.com/app/".length)}/code.go`));
      }
    });
  });

  test("what a package imports is in its own stratum or in one before it", () => {
    forAny((shape, strata) => {
      const place = placeOf(strata);
      for (const [index, imports] of shape.entries()) {
        const own = place.get(pathOf(index)) ?? -1;
        for (const other of imports) {
          const there = place.get(pathOf(other)) ?? -1;
          expect(there).toBeLessThanOrEqual(own);
          expect(there).toBeGreaterThanOrEqual(0);
        }
      }
    });
  });

  test("there are few, and the order in which packages come does not matter", () => {
    forAny((shape, strata) => {
      expect(strata.length).toBeGreaterThan(0);
      expect(strata.length).toBeLessThanOrEqual(5);
      const { main, packages } = service(shape);
      expect(cutOwnPackages({ main, packages: packages.toReversed() }, [])).toEqual(strata);
    });
  });

  test("a new import of a package that stands lower moves nothing", () => {
    fc.assert(
      fc.property(shapes(100), fc.nat(), fc.nat(), (shape, a, b) => {
        const before = cutOwnPackages(service(shape), []);
        const place = placeOf(before);
        const edited = a % shape.length;
        const lower = shape.flatMap((_, at) =>
          at < edited && (place.get(pathOf(at)) ?? 0) < (place.get(pathOf(edited)) ?? 0) ? [at] : [],
        );
        const imported = lower[b % Math.max(1, lower.length)];
        fc.pre(imported !== undefined);
        const after = shape.map((imports, at) => (at === edited ? [...imports, imported] : imports));
        const now = cutOwnPackages(service(after), []);
        expect(now.map(keyOf)).toEqual(before.map(keyOf));
      }),
      { numRuns: 100 },
    );
  });

  test("a new package leaves alone what stands below it", () => {
    fc.assert(
      fc.property(shapes(100), fc.nat(), fc.array(fc.nat(), { maxLength: 4 }), (shape, a, picks) => {
        fc.pre(shape.length % 250 !== 0); // there the size of strata doubles
        const before = cutOwnPackages(service(shape), []);
        const place = placeOf(before);
        const user = a % shape.length;
        const own = place.get(pathOf(user)) ?? 0;
        // It stands in the stratum of its user or in the one below, and imports what is lower still.
        const low = shape.flatMap((_, at) => ((place.get(pathOf(at)) ?? 0) < own - 1 ? [at] : []));
        const imports = [...new Set(picks.flatMap((pick) => low[pick % Math.max(1, low.length)] ?? []))];
        const { packages } = service(shape);
        const after = cutOwnPackages(
          {
            main: MAIN,
            packages: [
              ...packages.map((each) =>
                each.importPath === pathOf(user)
                  ? { ...each, imports: [...each.imports, pathOf(shape.length)] }
                  : each,
              ),
              facts(pathOf(shape.length), imports.map(pathOf)),
            ],
          },
          [],
        );
        const below = Math.max(0, own - 1);
        expect(after.slice(0, below).map(keyOf)).toEqual(before.slice(0, below).map(keyOf));
      }),
      { numRuns: 100 },
    );
  });
});

describe("which services are cut", () => {
  const chain = (length: number): Shape =>
    Array.from({ length }, (_, index) => (index === 0 ? [] : [index - 1]));

  test("those of many packages, the main one not counted", () => {
    expect(cutOwnPackages(service(chain(MANY_PACKAGES - 1)), [])).toEqual([]);
    expect(cutOwnPackages(service(chain(MANY_PACKAGES)), [])).not.toEqual([]);
  });

  test("services that share packages share strata, and what only one needs is in none of them", () => {
    const common: Shape = chain(120);
    const only = (names: string, count: number): readonly PackageFacts[] =>
      Array.from({ length: count }, (_, index) =>
        facts(`example.com/app/${names}/q${index}`, [pathOf(index)]),
      );
    const a: OwnPackages = { main: MAIN, packages: [...service(common).packages, ...only("a", 30)] };
    const b: OwnPackages = { main: MAIN, packages: [...service(common).packages, ...only("b", 50)] };
    const small: OwnPackages = { main: MAIN, packages: service(chain(5)).packages };
    const [ofA, ofB] = [cutOwnPackages(a, [b, small]), cutOwnPackages(b, [a, small])];
    const shared = ofA.filter((each) => ofB.some((other) => keyOf(other) === keyOf(each)));
    expect(shared.flatMap(({ packages }) => packages)).toHaveLength(120);
    expect(ofA.filter((each) => !shared.includes(each)).flatMap(({ packages }) => packages)).toHaveLength(30);
    // First, since each stratum builds on all before it.
    expect(ofA.slice(0, shared.length)).toEqual(shared);
  });

  test("of several services there are few strata as well", () => {
    const own = (names: string): readonly PackageFacts[] =>
      Array.from({ length: 600 }, (_, index) =>
        facts(
          `example.com/app/${names}/q${index}`,
          index === 0 ? [] : [`example.com/app/${names}/q${index - 1}`],
        ),
      );
    const of = (names: string): OwnPackages => ({
      main: MAIN,
      packages: [...service(chain(500)).packages, ...own(names)],
    });
    expect(cutOwnPackages(of("a"), [of("b")]).length).toBeLessThanOrEqual(8);
  });

  test("not those whose tree alone does not say what is needed", async () => {
    const own = async (files: Parameters<typeof planFiles>[0]): Promise<unknown> =>
      (await planFiles(files)).plan.service.platforms[0]?.links[0]?.ownPackages;
    const large = largeService();
    expect(await own(large)).toBeDefined();
    const code = {
      "pkg/p0/code.go": { link: "../../data/p0.go" },
      "data/p0.go": "package p0\n\nconst N = 0\n",
    };
    expect(await own({ ...large, ...code })).toBeUndefined();
    expect(await own({ ...large, "pkg/p0/data": { link: "../../data" }, "data/x": "x" })).toBeDefined();
  });
});

test("every stratum reads the module files, and workspace members are the service's own", async () => {
  const { plan } = await planFiles({
    ...largeService(),
    "go.mod":
      "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ./lib\n",
    "go.sum": sums(),
    "lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
    "lib/lib.go": "package lib\n\nconst L = 1\n",
    "pkg/p0/code.go": 'package p0\n\nimport "example.com/lib"\n\nconst N = lib.L\n',
  });
  const own = plan.service.platforms[0]?.links[0]?.ownPackages;
  expect(own?.modFiles).toEqual(expect.arrayContaining(["go.mod", "lib/go.mod"]));
  expect(own?.strata[0]?.packages).toContain("example.com/lib");
  expect(own?.strata[0]?.files).toContain("lib/lib.go");
});
