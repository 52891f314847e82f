import type { Bench, Daemon } from "../bench.ts";
import { buildOnce, type BuildkitDesign } from "../designs/buildkit.ts";
import { goBuildOnce, koOnce } from "../designs/host.ts";
import { workFolder } from "../subjects/index.ts";
import type { Cell, EditName, Scenario, Subject } from "../types.ts";
import { comparedIn, sourceFor } from "./builds.ts";

const kinds: readonly (readonly [variant: string, edit: EditName | undefined])[] = [
  ["no change", undefined],
  ["edit in main", "main"],
  ["edit in a leaf package", "leaf"],
];

const editsOf = (subject: Subject): typeof kinds =>
  kinds.filter(([, edit]) => edit === undefined || subject.edits[edit] !== undefined);

async function buildkitCells(
  bench: Bench,
  scenario: string,
  daemon: Daemon,
  subject: Subject,
  wanted: readonly BuildkitDesign[],
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const design of comparedIn(bench, wanted)) {
    if (bench.options.only?.includes(design) === false) continue;
    try {
      const request = { subject, design, address: daemon.address };
      // Twice: the first fills the caches, and the second what only a second build makes.
      for (const salt of ["prime 1", "prime 2"]) {
        await buildOnce(bench, { ...request, context: await sourceFor(subject, design, "main", salt) });
      }
    } catch (error) {
      bench.fail(scenario, { variant: "preparation", subject: subject.name, design }, error);
      continue;
    }
    for (const [variant, edit] of editsOf(subject)) {
      cells.push({
        variant,
        subject: subject.name,
        design,
        run: async (round) => {
          // Each design edits in its own words: D1 and D1 external would find each other's result.
          const context =
            edit === undefined
              ? await sourceFor(subject, design)
              : await sourceFor(subject, design, edit, `${design} ${variant} ${round}`);
          const request = { subject, design, address: daemon.address, context };
          // "No change" means since the last build, which was not of these files.
          if (edit === undefined) await buildOnce(bench, request);
          return buildOnce(bench, request);
        },
      });
    }
  }
  return cells;
}

async function hostCells(bench: Bench, subject: Subject): Promise<readonly Cell[]> {
  const tools = [
    ["go build", goBuildOnce],
    ["ko", koOnce],
  ] as const;
  const cells: Cell[] = [];
  for (const [design, build] of tools) {
    if (bench.options.only?.includes(design) === false) continue;
    const context = (edit?: EditName, salt?: string): string =>
      workFolder(subject, design.split(" ")[0] ?? design, edit, salt);
    await build(bench, { subject, context: context("main", "prime"), cold: false });
    for (const [variant, edit] of editsOf(subject)) {
      cells.push({
        variant,
        subject: subject.name,
        design,
        run: async (round) => {
          const request = { subject, context: context(edit, `${variant} ${round}`), cold: false };
          if (edit === undefined) await build(bench, request);
          return build(bench, request);
        },
      });
    }
  }
  return cells;
}

const warmScenario = (
  id: string,
  title: string,
  subject: Subject,
  options: Readonly<{ designs: readonly BuildkitDesign[]; host: boolean; runs?: number }>,
): Scenario => ({
  id,
  title,
  run: async (bench) => {
    const daemon = await bench.daemon("warm");
    try {
      const cells = [
        ...(await buildkitCells(bench, id, daemon, subject, options.designs)),
        ...(options.host ? await hostCells(bench, subject) : []),
      ];
      await bench.interleave(id, cells, Math.max(options.runs ?? 0, bench.options.runs));
    } finally {
      await daemon.release();
    }
  },
});

/** Scenario 8: a developer's machine, against plain `go build` and ko. */
export const warm = (subject: Subject): Scenario =>
  warmScenario("8", "Warm: one daemon, all caches filled", subject, {
    designs: ["D1", "D1 external", "D2", "D3", "ours"],
    host: true,
  });

/** The example service against an equivalent best-practice Dockerfile, on one daemon, at least ten times. */
export const ordersWarm = (subject: Subject): Scenario =>
  warmScenario("orders", "Warm: examples/orders against a best-practice Dockerfile", subject, {
    designs: ["D1", "ours"],
    host: false,
    runs: 10,
  });
