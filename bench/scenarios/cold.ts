import type { Bench } from "../bench.ts";
import { slugOf } from "../designs/buildkit.ts";
import { koOnce } from "../designs/host.ts";
import { blobBytes } from "../registry-client.ts";
import { workFolder } from "../subjects/index.ts";
import type { Cell, Scenario, Subject } from "../types.ts";
import { adoptCache, designs, freshBuild, withSmallImage } from "./builds.ts";

const withExport = (bench: Bench, subject: Subject): readonly Cell[] =>
  withSmallImage.map((design) => ({
    variant: "with cache export",
    subject: subject.name,
    design,
    run: async (round) => {
      const name = `bench/cache-${subject.name}-${slugOf(design)}-cold${round}:base`;
      const result = await freshBuild(bench, subject, design, { exportCache: name });
      adoptCache(subject, design, name);
      const exported = await blobBytes(bench.directRegistry, name, false);
      return { ...result, exportedBytes: exported };
    },
  }));

const withoutExport = (bench: Bench, subject: Subject, rounds: number): readonly Cell[] =>
  designs.map((design) => ({
    variant: "no cache export",
    subject: subject.name,
    design,
    rounds,
    run: async () => freshBuild(bench, subject, design),
  }));

/** ko on a runner whose Go caches were not restored. */
const ko = (bench: Bench, subject: Subject, rounds: number): Cell => ({
  variant: "no cache export",
  subject: subject.name,
  design: "ko cold",
  rounds,
  run: async () => koOnce(bench, { subject, context: workFolder(subject, "ko"), cold: true }),
});

/** Scenario 1: an empty builder and nothing to import. */
export const cold = (subject: Subject): Scenario => ({
  id: "1",
  title: "Cold: an empty builder, no cache",
  run: async (bench) => {
    await bench.interleave("1", withExport(bench, subject));
  },
});

/** The other half of scenario 1: nothing is exported, and ko with nothing restored. */
export const coldWithoutExport = (subject: Subject): Scenario => ({
  id: "1",
  title: "Cold: an empty builder, no cache",
  run: async (bench) => {
    const few = Math.min(2, bench.options.runs);
    await bench.interleave("1", [...withoutExport(bench, subject, few), ko(bench, subject, few)], few);
  },
});
