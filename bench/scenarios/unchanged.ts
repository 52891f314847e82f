import type { BuildkitDesign } from "../designs/buildkit.ts";
import { buildOnce } from "../designs/buildkit.ts";
import type { Cell, Scenario, Subject } from "../types.ts";
import { cachesFor, freshBuild, sourceFor } from "./builds.ts";

const compared: readonly BuildkitDesign[] = ["D0", "D1", "D1 external", "D2", "D3", "ours"];
const frontends: readonly BuildkitDesign[] = ["D1", "D1 external", "ours"];

/** Scenario 2, and the fresh half of 13: nothing has changed, so what is left is the frontend itself. */
export const unchangedFresh = (subject: Subject): Scenario => ({
  id: "2",
  title: "Empty builder, registry cache: nothing has changed",
  run: async (bench) => {
    const caches = await cachesFor(bench, "2", subject, compared);
    const cells = [...caches].map(([design, cache]): Cell => ({
      variant: "import only",
      subject: subject.name,
      design,
      run: async () => freshBuild(bench, subject, design, { importCache: cache }),
    }));
    await bench.interleave("2", cells);
  },
});

/** The warm half of scenario 13: the same on a daemon that has built it. */
export const unchangedWarm = (subject: Subject): Scenario => ({
  id: "13",
  title: "Warm: nothing has changed, the frontend alone",
  run: async (bench) => {
    const daemon = await bench.daemon("warm");
    try {
      const cells: Cell[] = [];
      for (const design of frontends) {
        const request = {
          subject,
          design,
          address: daemon.address,
          context: await sourceFor(subject, design),
        };
        try {
          await buildOnce(bench, request);
          await buildOnce(bench, request);
        } catch (error) {
          bench.fail("13", { variant: "preparation", subject: subject.name, design }, error);
          continue;
        }
        const cell = { variant: "no change", subject: subject.name, design };
        cells.push({ ...cell, run: async () => buildOnce(bench, request) });
      }
      await bench.interleave("13", cells, Math.max(bench.options.runs, Math.min(10, 2 * bench.options.runs)));
    } finally {
      await daemon.release();
    }
  },
});
