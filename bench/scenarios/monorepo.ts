import { join } from "node:path";
import { buildOnce, type BuildkitDesign } from "../designs/buildkit.ts";
import { workFolder } from "../subjects/index.ts";
import type { Cell, EditName, Scenario, Subject } from "../types.ts";
import { freshBuild } from "./builds.ts";

const compared: readonly BuildkitDesign[] = ["D1", "ours"];

const changes: readonly (readonly [string, EditName])[] = [
  ["warm, this service changed", "main"],
  ["warm, a shared package changed", "shared"],
  ["warm, README changed", "readme"],
  ["warm, a test changed", "test"],
];

/** Scenario 10: one of ten services of a large repository; D1 is a Dockerfile of that service. */
export const monorepoScenario = (subject: Subject): Scenario => ({
  id: "10",
  title: "Monorepo of 10 services in 60,000 files: one service's build",
  run: async (bench) => {
    const daemon = await bench.daemon("mono");
    try {
      const cells: Cell[] = [];
      // One checkout for all: only the edited file differs, and its time.
      const context = workFolder(subject, "all");
      for (const design of compared) {
        const request = { subject, design, address: daemon.address, context };
        try {
          await buildOnce(bench, request);
        } catch (error) {
          bench.fail("10", { variant: "preparation", subject: subject.name, design }, error);
          continue;
        }
        for (const [variant, edit] of changes) {
          cells.push({
            variant,
            subject: subject.name,
            design,
            run: async (round) => {
              subject.edits[edit]?.(context, `${design} ${edit} ${round}`);
              return buildOnce(bench, request);
            },
          });
        }
      }
      await bench.interleave("10", cells);
    } finally {
      await daemon.release();
    }
    await bench.interleave(
      "10",
      compared.map((design): Cell => ({
        variant: "empty builder, no cache",
        subject: subject.name,
        design,
        rounds: 2,
        run: async () => freshBuild(bench, subject, design),
      })),
      Math.min(2, bench.options.runs),
    );
  },
});

const shapes = ["whole", "glob", "exact"] as const;

/** Scenario 11: what a build context costs by the way it is named, with nothing built from it. */
export const contextTransfer = (subject: Subject): Scenario => ({
  id: "11",
  title: "Context of 60,000 files: whole, by a glob, by exact paths",
  run: async (bench) => {
    const context = workFolder(subject, "all");
    const folder = join(import.meta.dirname, "context");
    await bench.interleave(
      "11",
      shapes.map((shape): Cell => ({
        variant: shape,
        subject: subject.name,
        design: "Dockerfile copy",
        run: async (round) => {
          const daemon = await bench.daemon("context");
          try {
            const request = { subject, design: "D1", address: daemon.address, context, push: false } as const;
            const dockerfile = { folder, name: `${shape}.Dockerfile` };
            const first = await buildOnce(bench, { ...request, dockerfile });
            subject.edits.main?.(context, `11 ${shape} ${round}`);
            const again = await buildOnce(bench, { ...request, dockerfile });
            return { ...first, againSeconds: again.seconds, againContextBytes: again.contextBytes };
          } finally {
            await daemon.release();
          }
        },
      })),
      Math.min(3, bench.options.runs),
    );
  },
});
