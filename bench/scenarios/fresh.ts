import { ageRegistryCache } from "../age-cache.ts";
import type { Bench } from "../bench.ts";
import type { BuildkitDesign } from "../designs/buildkit.ts";
import { splitReference } from "../registry-client.ts";
import type { Cell, EditName, Scenario, Subject } from "../types.ts";
import { cachesFor, comparedIn, designs, freshBuild, withSmallImage } from "./builds.ts";

interface FreshCase {
  readonly edit: EditName;
  readonly variant: string;
  /** Export the cache as well, as a CI job that keeps its cache current does. */
  readonly withExport?: boolean;
  readonly designs?: readonly BuildkitDesign[];
}

async function cellsFor(
  bench: Bench,
  scenario: string,
  subject: Subject,
  cases: readonly FreshCase[],
): Promise<readonly Cell[]> {
  const designsOf = (measured: FreshCase) => comparedIn(bench, measured.designs ?? designs);
  const wanted = [...new Set(cases.flatMap(designsOf))];
  const caches = await cachesFor(bench, scenario, subject, wanted);
  return cases.flatMap((measured) =>
    designsOf(measured).flatMap((design): readonly Cell[] => {
      const cache = caches.get(design);
      if (cache === undefined) return [];
      return [
        {
          variant: measured.variant,
          subject: subject.name,
          design,
          run: async (round) =>
            freshBuild(bench, subject, design, {
              edit: measured.edit,
              salt: `${scenario} ${measured.variant} ${round}`,
              importCache: cache,
              ...(measured.withExport === true
                ? { exportCache: `${splitReference(cache)[0]}:again-${scenario}-${round}` }
                : {}),
            }),
        },
      ];
    }),
  );
}

const fresh = (id: string, title: string, subject: Subject, cases: readonly FreshCase[]): Scenario => ({
  id,
  title,
  run: async (bench) => bench.interleave(id, await cellsFor(bench, id, subject, cases)),
});

const cooked: readonly BuildkitDesign[] = ["D2", "D3", "ours"];

/** Scenario 3: a line changed in package main. */
export const editMain = (subject: Subject): Scenario =>
  fresh("3", "Empty builder, registry cache: an edit in package main", subject, [
    { edit: "main", variant: "import only", designs: withSmallImage },
    { edit: "main", variant: "import and export", withExport: true, designs: cooked },
  ]);

/** Scenario 4: a line changed in a leaf package. */
export const editLeaf = (subject: Subject): Scenario =>
  fresh("4", "Empty builder, registry cache: an edit in a leaf package", subject, [
    { edit: "leaf", variant: "import only", designs: ["D1", ...cooked] },
  ]);

/** Scenario 5: a dependency of another version. */
export const bump = (subject: Subject): Scenario =>
  fresh("5", "Empty builder, registry cache: a dependency bump", subject, [
    { edit: "bump-leaf", variant: "leaf module (bbolt)" },
    { edit: "bump-root", variant: "root module (x/sys)", designs: cooked },
  ]);

/** Scenario 6: a package is imported for the first time, of a module that go.mod already has. */
export const newImport = (subject: Subject): Scenario =>
  fresh("6", "Empty builder, registry cache: a new import of a known module", subject, [
    { edit: "import", variant: "import only", designs: ["D0", ...cooked] },
  ]);

const hour = 3600;

/** Scenario 7: as 3, with caches made two hours and six days ago. */
export const aged = (subject: Subject): Scenario => ({
  id: "7",
  title: "Empty builder, registry cache that is older: an edit in package main",
  run: async (bench) => {
    const caches = await cachesFor(bench, "7", subject, cooked);
    const cells: Cell[] = [];
    for (const [variant, seconds] of [
      ["2 hours old", 2 * hour],
      ["6 days old", 6 * 24 * hour],
    ] as const) {
      for (const [design, cache] of caches) {
        const older = `${splitReference(cache)[0]}-${seconds}:base`;
        const count = await ageRegistryCache(bench.directRegistry, cache, older, seconds);
        bench.log(`7: ${design}, ${variant}: ${count} entries made older`);
        cells.push({
          variant,
          subject: subject.name,
          design,
          run: async (round) =>
            freshBuild(bench, subject, design, {
              edit: "main",
              salt: `7 ${variant} ${round}`,
              importCache: older,
              exportCache: `${splitReference(older)[0]}:again-${round}`,
            }),
        });
      }
    }
    await bench.interleave("7", cells);
  },
});
