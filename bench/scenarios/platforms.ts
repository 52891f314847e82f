import type { BuildkitDesign } from "../designs/buildkit.ts";
import { buildOnce } from "../designs/buildkit.ts";
import type { Cell, Scenario, Subject } from "../types.ts";
import { freshBuild, sourceFor } from "./builds.ts";

const both = ["linux/amd64", "linux/arm64"];
const compared: readonly BuildkitDesign[] = ["D1", "ours"];

/** Scenario 9: two platforms in one build. */
export const platforms = (subject: Subject): Scenario => ({
  id: "9",
  title: "Two platforms: linux/amd64 and linux/arm64",
  run: async (bench) => {
    const few = Math.min(5, bench.options.runs);
    await bench.interleave(
      "9",
      compared.map((design): Cell => ({
        variant: "cold",
        subject: subject.name,
        design,
        rounds: few,
        run: async () => freshBuild(bench, subject, design, { platforms: both }),
      })),
      few,
    );
    const daemon = await bench.daemon("platforms");
    try {
      const cells: Cell[] = [];
      for (const design of compared) {
        const request = { subject, design, address: daemon.address, platforms: both };
        try {
          await buildOnce(bench, { ...request, context: await sourceFor(subject, design, "main", "prime") });
        } catch (error) {
          bench.fail("9", { variant: "preparation", subject: subject.name, design }, error);
          continue;
        }
        cells.push({
          variant: "warm, edit in main",
          subject: subject.name,
          design,
          run: async (round) =>
            buildOnce(bench, { ...request, context: await sourceFor(subject, design, "main", `9 ${round}`) }),
        });
      }
      await bench.interleave("9", cells);
    } finally {
      await daemon.release();
    }
  },
});
