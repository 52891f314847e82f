import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { buildOnce, type BuildkitDesign, type BuildRequest } from "../designs/buildkit.ts";
import { workFolder } from "../subjects/index.ts";
import { monorepoServices } from "../subjects/monorepo.ts";
import type { Cell, EditName, Measurement, Scenario, Subject } from "../types.ts";
import { cachesFor, freshBuild } from "./builds.ts";

const compared: readonly BuildkitDesign[] = ["D1", "ours"];

const changes: readonly (readonly [string, EditName])[] = [
  ["warm, this service changed", "main"],
  ["warm, a shared package changed", "shared"],
  ["warm, README changed", "readme"],
  ["warm, a test changed", "test"],
];

/** A checkout for each design: edits add up in it, and no build may see those of another design. */
const checkout = (subject: Subject, design: BuildkitDesign): string =>
  workFolder(subject, design.toLowerCase());

/** One service after another, as jobs that build a repository's services do; the sum of all. */
async function buildAll(bench: Bench, request: BuildRequest): Promise<Measurement> {
  const builds: Measurement[] = [];
  for (const name of monorepoServices) {
    const subject = { ...request.subject, main: `services/${name}`, target: name };
    builds.push(await buildOnce(bench, { ...request, subject }));
  }
  const sum = (of: (build: Measurement) => number): number =>
    builds.reduce((all, build) => all + of(build), 0);
  return {
    seconds: sum(({ seconds }) => seconds),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds ?? 0),
    vertices: builds.flatMap(({ vertices }) => vertices),
    compiled: {
      firstParty: sum(({ compiled }) => compiled.firstParty),
      thirdParty: sum(({ compiled }) => compiled.thirdParty),
      std: sum(({ compiled }) => compiled.std),
    },
    contextBytes: sum(({ contextBytes }) => contextBytes),
    pulledBytes: sum(({ pulledBytes }) => pulledBytes),
    pushedBytes: sum(({ pushedBytes }) => pushedBytes),
    moduleBytes: sum(({ moduleBytes }) => moduleBytes),
  };
}

async function warmCells(
  bench: Bench,
  subject: Subject,
  design: BuildkitDesign,
  address: string,
): Promise<readonly Cell[]> {
  const context = checkout(subject, design);
  const request = { subject, design, address, context };
  try {
    await buildAll(bench, request);
  } catch (error) {
    bench.fail("10", { variant: "preparation", subject: subject.name, design }, error);
    return [];
  }
  const buildTen = (): Promise<Measurement> => buildAll(bench, request);
  const cell = (
    variant: string,
    edit: EditName,
    build: () => Promise<Measurement>,
    before?: () => Promise<Measurement>,
  ): Cell => ({
    variant,
    subject: subject.name,
    design,
    run: async (round) => {
      await before?.();
      subject.edits[edit]?.(context, `${variant} ${round}`);
      return build();
    },
  });
  return [
    ...changes.map(([variant, edit]) => cell(variant, edit, async () => buildOnce(bench, request))),
    // Other cells edit the shared package: what that leaves to compile is built first and not measured.
    cell("warm, all ten built after one changed", "main", buildTen, buildTen),
  ];
}

/** Builds on empty builders, whose checkout is warm: with a registry cache, and with nothing. */
async function freshCells(bench: Bench, subject: Subject): Promise<readonly Cell[]> {
  const caches = await cachesFor(bench, "10", subject, compared);
  const changed = [...caches].map(([design, importCache]): Cell => ({
    variant: "empty builder, registry cache, this service changed",
    subject: subject.name,
    design,
    run: async (round) =>
      freshBuild(bench, subject, design, { edit: "main", salt: `10 ${round}`, importCache }),
  }));
  const cold = compared.map((design): Cell => ({
    variant: "empty builder, no cache",
    subject: subject.name,
    design,
    rounds: 2,
    run: async () => freshBuild(bench, subject, design),
  }));
  return [...changed, ...cold];
}

/** Scenario 10: one of ten services of a large repository; D1 is a Dockerfile of that service. */
export const monorepoScenario = (subject: Subject): Scenario => ({
  id: "10",
  title: "Monorepo of 10 services in 60,000 files: one of them changed",
  run: async (bench) => {
    const daemon = await bench.daemon("mono");
    try {
      const cells: Cell[] = [];
      for (const design of compared) cells.push(...(await warmCells(bench, subject, design, daemon.address)));
      await bench.interleave("10", cells);
    } finally {
      await daemon.release();
    }
    await bench.interleave("10", await freshCells(bench, subject));
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
      Math.min(5, bench.options.runs),
    );
  },
});
